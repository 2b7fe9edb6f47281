import Testing

@testable import WaypostStore

@Suite struct DiagnosticStoreTests {
    @Test func `the last twenty reports are kept, the newest first, over a restart`() throws {
        let store = try StoreFixture()
        for number in 1...25 {
            try store.commits.perform("diagnose") { try $0.keepDiagnostic(Array("{\"n\":\(number)}".utf8), by: "ops") }
        }
        try store.reopen()
        let kept = try store.reader.diagnostics().map { String(decoding: $0, as: UTF8.self) }
        #expect(kept == (6...25).reversed().map { "{\"n\":\($0)}" })
        #expect(try store.reader.diagnostics(atMost: 1).count == 1)
    }
}
