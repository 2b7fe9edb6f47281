import Testing
import WaypostJSON

@Suite struct JSONValueTests {
    let value: JSONValue = ["name": "x", "list": [1, true, .null], "inner": ["deep": -2]]

    @Test func `a path leads to a value or to nothing`() {
        #expect(value["name"]?.string == "x")
        #expect(value["list"]?[0]?.integer == 1)
        #expect(value["list"]?[1]?.bool == true)
        #expect(value["list"]?[3] == nil)
        #expect(value["list"]?[-1] == nil)
        #expect(value["inner"]?["deep"]?.integer == -2)
        #expect(value["nothing"] == nil)
        #expect(value["name"]?["x"] == nil)
        #expect(value["name"]?[0] == nil)
        #expect(value["list"]?.array?.count == 3)
        #expect(value.members?.map(\.name) == ["name", "list", "inner"])
    }

    @Test func `the kinds have names`() {
        let kinds = [JSONValue.null, true, 1, .number(0.5), "", [], .object([])].map(\.kind)
        #expect(kinds == ["null", "a boolean", "a number", "a number", "a string", "an array", "an object"])
    }
}
