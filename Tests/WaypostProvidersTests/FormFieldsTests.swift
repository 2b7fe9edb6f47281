import Testing

@testable import WaypostProviders

@Suite struct FormFieldsTests {
    private func read(_ raw: String) -> [String]? {
        FormFields(raw.utf8)?.fields.map {
            String(decoding: $0.name, as: UTF8.self) + ":" + String(decoding: $0.value, as: UTF8.self)
        }
    }

    @Test(arguments: [
        ("", []), ("a=1", ["a:1"]), ("a=1&b=2&a=3", ["a:1", "b:2", "a:3"]), ("a", ["a:"]), ("a=", ["a:"]),
        ("=1", [":1"]), ("&&a=1&", ["a:1"]), ("a=b=c", ["a:b=c"]), ("a+b=c+d", ["a b:c d"]),
        ("price%5Bamount%5D=0.1", ["price[amount]:0.1"]), ("a=%2B1%3d%26", ["a:+1=&"]),
        ("a=Gr%C3%BC%C3%9Fe", ["a:Grüße"]), ("a=Grüße", ["a:Grüße"]),
        ("a=%&b=%4&c=%zz&d=%%41&e=%4%41&%=1", ["a:%", "b:%4", "c:%zz", "d:%A", "e:%4A", "%:1"]),
    ])
    func `pairs are read as they were meant, and broken escapes as they stand`(raw: String, fields: [String]) {
        #expect(read(raw) == fields)
    }

    @Test func `the last value under a name counts, and an empty one is none`() throws {
        let fields = try #require(FormFields("a=1&a=2&b=1&b=&c=%FF".utf8))
        #expect(fields["a"] == "2")
        #expect(fields["b"] == nil && fields["d"] == nil)
        #expect(fields["c"] == "\u{FFFD}")
        #expect(fields.all("a") == ["1", "2"])
    }

    @Test func `nobody sorts thousands of fields for a stranger`() {
        let many = { (count: Int) in String(repeating: "a=1&", count: count) }
        #expect(read(many(FormFields.most))?.count == FormFields.most)
        #expect(read(many(FormFields.most + 1)) == nil)
        #expect(read(many(FormFields.most) + "b") == nil)
    }
}
