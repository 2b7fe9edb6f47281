import Testing
import WaypostProviders

@testable import WaypostDelivery

@Suite struct InquiryReadingTests {
    @Test func `what other attempts of ours own does not count`() {
        let several = "it has several messages that may be this one"
        let table: [(InquiryFinding, owned: Set<String>, InquiryReading)] = [
            (.nothing, [], .nothing),
            (.unknown(reason: "why"), [], .unknown(reason: "why")),
            (.found(references: ["a", "b"]), [], .has(reference: "a")),
            (.found(references: ["a", "b"]), ["a"], .has(reference: "b")),
            (.found(references: ["a", "b"]), ["a", "b"], .nothing),
            (.perhaps(references: ["a"]), [], .has(reference: "a")),
            (.perhaps(references: ["a"]), ["a"], .nothing),
            (.perhaps(references: ["a", "b"]), ["a"], .has(reference: "b")),
            (.perhaps(references: ["a", "b", "c"]), ["a"], .unknown(reason: several)),
        ]
        for (finding, owned, reading) in table {
            #expect(finding.reading { $0.filter { !owned.contains($0) } } == reading, "\(finding), \(owned)")
        }
    }
}
