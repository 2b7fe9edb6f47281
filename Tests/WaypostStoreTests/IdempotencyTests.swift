import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct IdempotencyTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    @Test func `an expired key is free again, whether or not it has been forgotten`() throws {
        let key = IdempotencyRecord(key: Array(repeating: 1, count: 16), fingerprint: Array(repeating: 2, count: 16))
        let other = IdempotencyRecord(key: key.key, fingerprint: Array(repeating: 3, count: 16))
        try store.keep(store.message(), key: key)
        try age(by: IdempotencyRecord.lifetime + .seconds(1))
        guard case .made = try store.keep(store.message(), key: other) else {
            Issue.record("it was not kept")
            return
        }
        guard case .replayed = try store.keep(store.message(), key: other) else {
            Issue.record("it was not replayed")
            return
        }
    }

    @Test func `answers are forgotten when their time is over, so many at a time`() throws {
        for index in 0..<5 as Range<UInt8> {
            let key = IdempotencyRecord(key: Array(repeating: index, count: 16), fingerprint: [])
            try store.keep(store.message(), key: key)
        }
        #expect(try forget(9) == 0)
        try age(by: IdempotencyRecord.lifetime + .seconds(1))
        let fresh = IdempotencyRecord(key: Array(repeating: 9, count: 16), fingerprint: [])
        try store.keep(store.message(), key: fresh)
        #expect(try forget(3) == 3)
        #expect(try forget(9) == 2)
        #expect(try forget(9) == 0)
        guard case .replayed = try store.keep(store.message(), key: fresh) else {
            Issue.record("the fresh one was forgotten")
            return
        }
    }

    private func forget(_ count: Int) throws -> Int {
        try store.commits.perform("forget") { try $0.forgetAnswers(atMost: count) }
    }

    private func age(by span: Duration) throws {
        try store.file.pool.write {
            try $0.execute(
                sql: "UPDATE idempotency SET created_at = created_at - ?", arguments: [span.milliseconds])
        }
    }
}
