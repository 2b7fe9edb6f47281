import Testing
import WaypostJSON

@testable import WaypostProviders

@Suite struct JSONMergingTests {
    /// RFC 7396 appendix A.
    static let published: [(target: JSONValue, patch: JSONValue, result: JSONValue)] = [
        (["a": "b"], ["a": "c"], ["a": "c"]), (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
        (["a": "b"], ["a": .null], [:]), (["a": "b", "b": "c"], ["a": .null], ["b": "c"]),
        (["a": ["b"]], ["a": "c"], ["a": "c"]), (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
        (["a": ["b": "c"]], ["a": ["b": "d", "c": .null]], ["a": ["b": "d"]]),
        (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]), (["a", "b"], ["c", "d"], ["c", "d"]),
        (["a": "b"], ["c"], ["c"]), (["a": "foo"], .null, .null), (["a": "foo"], "bar", "bar"),
        (["e": .null], ["a": 1], ["e": .null, "a": 1]), ([1, 2], ["a": "b", "c": .null], ["a": "b"]),
        ([:], ["a": ["bb": ["ccc": .null]]], ["a": ["bb": [:]]]),
    ]

    @Test(arguments: published.indices)
    func `the RFC's examples come out`(index: Int) {
        let item = Self.published[index]
        #expect(item.target.merged(with: item.patch) == item.result)
    }

    @Test func `nothing changes nothing`() { #expect((["a": 1] as JSONValue).merged(with: nil) == ["a": 1]) }
}
