import Testing
import WaypostConfiguration
import WaypostCore
import WaypostJSON

@testable import WaypostProviders

@Suite struct FormBodyTests {
    @Test func `pairs stand in order, and lists repeat their name`() {
        var form = FormBody()
        form.add("To", "+31 6")
        form.add("A", each: ["1", "2"])
        form.add("No", ifPresent: nil as String?)
        form.add("Flag", ifPresent: false)
        #expect(String(decoding: form.bytes, as: UTF8.self) == "To=%2B31+6&A=1&A=2&Flag=false")
    }

    @Test(arguments: [
        ("a-b_c.d", "a-b_c.d"), ("~*'()!", "%7E%2A%27%28%29%21"), ("ü€👋", "%C3%BC%E2%82%AC%F0%9F%91%8B"),
        ("x=1&y=2#%", "x%3D1%26y%3D2%23%25"), ("\n\0", "%0A%00"), ("", ""),
    ])
    func `what is not plain is encoded byte by byte`(text: String, encoded: String) {
        var form = FormBody()
        form.add("Body", text)
        #expect(String(decoding: form.bytes, as: UTF8.self) == "Body=\(encoded)")
    }
}

@Suite struct TemplateVariablesTests {
    @Test func `values are texts, whatever they were`() {
        let template = Fixture.template(variables: ["1": "Ann", "2": 3, "3": true, "4": .null, "5": [1, "x"]])
        #expect(TemplateVariables(template).json == #"{"1":"Ann","2":"3","3":"true","4":"","5":"[1,\"x\"]"}"#)
    }

    @Test func `without any there is nothing to say`() {
        #expect(TemplateVariables([]).json == nil)
        #expect(TemplateVariables(Fixture.template(variables: .null)).json == nil)
    }

    @Test func `numbers put them in order, names leave theirs`() {
        func positional(_ keys: String...) -> [String] {
            TemplateVariables(keys.map { .init(key: $0, value: "v\($0)") }).positional
        }
        #expect(positional("10", "2", "1") == ["v1", "v2", "v10"])
        #expect(positional("name", "1") == ["vname", "v1"])
    }
}

@Suite struct PhoneRedactionTests {
    @Test(arguments: [
        (
            "The 'To' number +15005550001 is not a valid phone number",
            "The 'To' number <number> is not a valid phone number"
        ),
        ("whatsapp:+31612345678.", "whatsapp:<number>."), ("To=%2B31612345678&x", "To=<number>&x"),
        ("+1234567", "<number>"), ("+123456", "+123456"), ("1 + 1234567", "1 + 1234567"), ("31612345678", "<number>"),
        ("(31612345678)", "(<number>)"), ("31612345678- no", "<number>- no"),
        ("code 21211, 12345678", "code 21211, 12345678"),
        ("SM00000000000000000000000000000000", "SM00000000000000000000000000000000"),
        ("id 00000000000000000000000000000000ab", "id 00000000000000000000000000000000ab"),
        ("550e8400-123456789012-1", "550e8400-123456789012-1"), ("msg_123456789", "msg_123456789"),
        ("a 123456789 b +31612345678", "a <number> b <number>"), ("ü31612345678", "ü<number>"),
    ])
    func `numbers go, identifiers and codes stay`(text: String, quoted: String) {
        #expect(Redaction([], hidesDigits: true).quote(text) == quoted)
    }

    @Test func `bare digits stay where they are rather an id`() {
        #expect(
            Redaction([]).quote("[InternalId=12345678901234] +31612345678") == "[InternalId=12345678901234] <number>")
    }

    @Test func `long texts are never cut within a number`() {
        let quoted = Redaction([], hidesDigits: true).quote(
            String(repeating: "x ", count: 95) + "+31612345678 and more")
        #expect(!quoted.contains("316"))
    }
}
