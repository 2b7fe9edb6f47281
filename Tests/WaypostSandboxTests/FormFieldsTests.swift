import Testing

@testable import WaypostSandbox

@Suite struct FormFieldsTests {
    @Test(arguments: [
        ("a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
        ("a=x+y%2Bz&b=&c", [("a", "x y+z"), ("b", ""), ("c", "")]),
        ("a=b=c&&", [("a", "b=c")]), ("%C3%A9=%F0%9F%91%8B", [("é", "👋")]), ("", []),
    ])
    func `fields are read in order`(text: String, expected: [(String, String)]) throws {
        let fields = try #require(FormFields(text.utf8)).fields
        #expect(fields.map(\.name) == expected.map(\.0) && fields.map(\.value) == expected.map(\.1))
    }

    @Test(arguments: ["a=%", "a=%2", "a=%zz", "a=%FF"])
    func `what cannot be decoded is refused`(text: String) { #expect(FormFields(text.utf8) == nil) }
}
