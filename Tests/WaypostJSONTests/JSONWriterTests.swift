import Testing
import WaypostJSON

@Suite struct JSONWriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        write(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func `commas stand between values, and nowhere else`() {
        let text = text { json in
            json.object { json in
                json.member("a", 1)
                json.array("b") { json in
                    json.element(1)
                    json.array { _ in }
                    json.object { _ in }
                    json.null()
                    json.element("x")
                }
                json.object("c") { $0.member("d", true) }
                json.member("none", ifPresent: nil)
                json.member("some", ifPresent: "y")
                json.null("e")
                json.member("f", plain: Array("plain".utf8))
                json.member("g", raw: Array("[0]".utf8))
                json.name("h")
                json.element(-1.5)
                json.member("i", UInt8(7))
                json.member("j", Int64.min)
                json.member("k", JSONValue.array([.null, .bool(false)]))
            }
        }
        #expect(
            text
                == #"{"a":1,"b":[1,[],{},null,"x"],"c":{"d":true},"some":"y","e":null,"f":"plain","g":[0],"h":-1.5,"i":7,"j":-9223372036854775808,"k":[null,false]}"#
        )
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("\"", #""\"""#), ("\\", #""\\""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{8}\u{1f}", #""\u0000\u0008\u001f""#), ("\u{7f}é€𝄞/", "\"\u{7f}é€𝄞/\""),
        ("12345678\"", #""12345678\"""#),
        ("a line of more than sixteen bytes\nand another", #""a line of more than sixteen bytes\nand another""#),
    ])
    func `a string is quoted`(string: String, quoted: String) {
        #expect(text { $0.element(string) } == quoted)
    }

    @Test func `an escape at every distance from the start of a string is written`() throws {
        for length in 0...40 {
            let run = String(repeating: "é", count: length) + String(repeating: "x", count: length % 9)
            for character in ["\"", "\\", "\n", "\u{1}", ""] {
                let string = run + character + run
                #expect(try JSONValue(parsing: JSONValue.string(string).bytes) == .string(string))
            }
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `what JSON has no number for becomes null`(number: Double) {
        #expect(text { $0.element(number) } == "null")
    }

    @Test(arguments: [0.1, 1e300, .leastNonzeroMagnitude, -0.0, 1e16, 123_456_789.125, .pi])
    func `a number comes back`(number: Double) throws {
        let value = try JSONValue(parsing: JSONValue.number(number).bytes)
        #expect(value == .number(number) || value == .integer(Int64(number)))
    }
}
