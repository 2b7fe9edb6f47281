import Testing

@testable import WaypostCore

@Suite struct ReferenceAliasesTests {
    @Test(arguments: [
        ("1f4", "500"), ("500", "1f4"), ("000001F4", "500"), ("0000000500", "1f4"), ("500", "00000500"),
        ("00000500", "500"), ("1F4", "1f4"), ("1f4", "1F4"), ("ffffffffffffffff", "18446744073709551615"),
    ])
    func `a number is found under its other spellings`(reference: String, other: String) {
        #expect(ReferenceAliases.of(reference).contains(other))
    }

    @Test(arguments: ["", "SM0123", "<010201@eu-west-1>", "14c5d75ce93.dfd.64b469", String(repeating: "1", count: 21)])
    func `what is no number has no other spelling`(reference: String) {
        #expect(ReferenceAliases.of(reference).isEmpty)
    }

    @Test(arguments: ["0", "7", "500", "dead", "00ff", "99999999999999999999"])
    func `the list is short, without the reference itself and without repetitions`(reference: String) {
        let aliases = ReferenceAliases.of(reference)
        #expect(!aliases.contains(reference))
        #expect(Set(aliases).count == aliases.count)
        #expect(aliases.count <= 20)
    }
}
