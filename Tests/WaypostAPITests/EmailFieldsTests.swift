import Testing
import WaypostAPI
import WaypostCore
import WaypostJSON

@Suite struct EmailFieldsTests {
    private func decode(_ content: String) throws -> Result<Draft, Problem> {
        SendMessage.decode(try message(content: content), at: noon)
    }

    @Test(arguments: [
        #""subject": 5"#, #""text": ["a"]"#, #""html": null"#, #""cc": 5"#, #""headers": ["X: y"]"#,
        #""headers": {"X-A": 5}"#, #""attachments": {}"#, #""attachments": ["a"]"#,
        #""attachments": [{"filename": "a", "content": "QQ==", "size": 1}]"#, #""tracking": true"#,
        #""tracking": {"opens": "yes"}"#, #""tracking": {"open": true}"#, #""unsubscribe_url": 5"#,
        #""body": "Hello""#, #""headers": {"X-A": null}"#,
    ])
    func `a wrong type and an unknown field are malformed`(content: String) throws {
        #expect(code(try decode(content)) == .malformed)
    }

    @Test(arguments: [
        (#""subject": """#, "/content/subject"), (#""subject": "a\r\nBcc: b@example.com""#, "/content/subject"),
        (#""subject": "a\nb""#, "/content/subject"), (#""subject": "a\u0085b""#, "/content/subject"),
        (#""text": """#, "/content/text"), (#""text": "a\u0000b""#, "/content/text"),
        (#""html": """#, "/content/html"), (#""cc": []"#, "/content/cc"), (#""bcc": ["x"]"#, "/content/bcc/0"),
        (#""unsubscribe_url": "http://example.com""#, "/content/unsubscribe_url"),
        (#""unsubscribe_url": "https://example.com/a b""#, "/content/unsubscribe_url"),
        (#""unsubscribe_url": "https://example.com/>\r\nX: y""#, "/content/unsubscribe_url"),
        (#""unsubscribe_url": "https://user@example.com/""#, "/content/unsubscribe_url"),
        (#""unsubscribe_url": "https://example.com/%zz""#, "/content/unsubscribe_url"),
        (#""unsubscribe_url": "https:///path""#, "/content/unsubscribe_url"),
        (#""unsubscribe_url": "mailto:u@example.com""#, "/content/unsubscribe_url"),
    ])
    func `a value that cannot be right is invalid, and its place is named`(content: String, pointer: String) throws {
        let result = try decode(content)
        #expect(code(result) == .invalid)
        #expect(pointers(result) == [pointer], "\(findings(result))")
    }

    @Test func `a subject is one line of 998 bytes`() throws {
        #expect(code(try decode(#""subject": "\#(String(repeating: "é", count: 499))""#)) == nil)
        #expect(code(try decode(#""subject": "\#(String(repeating: "é", count: 500))""#)) == .invalid)
    }

    @Test func `text or html must be there`() throws {
        let body: JSONValue = ["channel": "email", "to": "jane@example.com", "content": ["subject": "Hi"]]
        let result = SendMessage.decode(body, at: noon)
        #expect(findings(result) == ["/content needs text or html"])
        #expect(code(result) == .invalid)
    }

    // MARK: headers

    @Test(arguments: [
        "a\r\nBcc: evil@example.com", "a\nX: y", "a\rX: y", "\r\n.\r\n", "a\u{0}b", "a\u{7F}", "\u{B}",
    ])
    func `no value of a header can begin another line`(value: String) throws {
        let body: JSONValue = [
            "channel": "email", "to": "jane@example.com",
            "content": ["subject": "Hi", "text": "Hello", "headers": ["X-A": .string(value)]],
        ]
        let result = SendMessage.decode(body, at: noon)
        #expect(code(result) == .invalid)
        #expect(
            findings(result) == ["/content/headers/X-A must not hold control characters or line breaks"])
    }

    @Test(arguments: ["X A", "X:A", "", "X\r\nBcc", "Ä", "X-\u{7F}"])
    func `no name of a header can be more than a name`(name: String) throws {
        let body: JSONValue = [
            "channel": "email", "to": "jane@example.com",
            "content": ["subject": "Hi", "text": "Hello", "headers": .object([JSONValue.Member(name, "a")])],
        ]
        #expect(code(SendMessage.decode(body, at: noon)) == .invalid)
    }

    @Test(arguments: [
        "From", "to", "CC", "Bcc", "Subject", "reply-to", "Sender", "Date", "Message-ID", "MIME-Version", "Received",
        "Return-Path", "DKIM-Signature", "Authentication-Results", "Content-Type", "content-transfer-encoding",
        "Resent-To", "ARC-Seal", "X-Waypost-Id", "X-SES-CONFIGURATION-SET", "X-SMTPAPI", "X-SG-EID",
    ])
    func `what makes the message, or steers one provider, is not set by hand`(name: String) throws {
        let result = try decode(#""headers": {"\#(name)": "a"}"#)
        #expect(code(result) == .invalid)
        #expect(pointers(result) == ["/content/headers/\(name)"])
    }

    @Test func `a header stands once, whatever its case`() throws {
        #expect(pointers(try decode(#""headers": {"X-A": "1", "x-a": "2"}"#)) == ["/content/headers/x-a"])
    }

    @Test func `unsubscribe_url sets its headers alone`() throws {
        let result = try decode(#""unsubscribe_url": "https://e.com/u", "headers": {"List-Unsubscribe": "<x>"}"#)
        #expect(pointers(result) == ["/content/headers/List-Unsubscribe"])
        #expect(code(try decode(#""headers": {"List-Unsubscribe": "<https://e.com/u>"}"#)) == nil)
    }

    // MARK: attachments

    @Test(arguments: [
        (#"{"content": "QQ=="}"#, "filename"), (#"{"filename": "a"}"#, "content"),
        (#"{"filename": "", "content": "QQ=="}"#, "filename"),
        (#"{"filename": "../../etc/passwd", "content": "QQ=="}"#, "filename"),
        (#"{"filename": "a\\b", "content": "QQ=="}"#, "filename"),
        (#"{"filename": "..", "content": "QQ=="}"#, "filename"),
        (#"{"filename": "a\r\nContent-Type: text/html", "content": "QQ=="}"#, "filename"),
        (#"{"filename": "a", "content": ""}"#, "content"), (#"{"filename": "a", "content": "QQ"}"#, "content"),
        (#"{"filename": "a", "content": "QR=="}"#, "content"), (#"{"filename": "a", "content": "Q==="}"#, "content"),
        (#"{"filename": "a", "content": "QU JD"}"#, "content"), (#"{"filename": "a", "content": "QUJD\n"}"#, "content"),
        (#"{"filename": "a", "content": "QU-_"}"#, "content"), (#"{"filename": "a", "content": "===="}"#, "content"),
        (#"{"filename": "a", "content": "QUI=QUI="}"#, "content"),
        (#"{"filename": "a", "content": "QQ==", "content_type": "pdf"}"#, "content_type"),
        (#"{"filename": "a", "content": "QQ==", "content_type": "text/html; charset=x"}"#, "content_type"),
        (#"{"filename": "a", "content": "QQ==", "content_type": "a/b\r\nX: y"}"#, "content_type"),
        (#"{"filename": "a", "content": "QQ==", "content_type": "Multipart/Mixed"}"#, "content_type"),
        (#"{"filename": "a", "content": "QQ==", "inline_id": "a b"}"#, "inline_id"),
        (#"{"filename": "a", "content": "QQ==", "inline_id": "<a>"}"#, "inline_id"),
    ])
    func `an attachment that cannot be right is invalid`(attachment: String, field: String) throws {
        let result = try decode(#""attachments": [\#(attachment)]"#)
        #expect(code(result) == .invalid)
        #expect(pointers(result) == ["/content/attachments/0/\(field)"], "\(findings(result))")
    }

    @Test(arguments: ["QQ==", "QUI=", "QUJD", "+/+/"])
    func `base 64 is taken in its one spelling`(content: String) throws {
        #expect(code(try decode(#""attachments": [{"filename": "a", "content": "\#(content)"}]"#)) == nil)
    }

    @Test func `an inline id stands once, and attachments are a hundred at most`() throws {
        let one = #"{"filename": "a", "content": "QQ==", "inline_id": "x"}"#
        #expect(pointers(try decode(#""attachments": [\#(one), \#(one)]"#)) == ["/content/attachments/1/inline_id"])
        let plain = Array(repeating: #"{"filename": "a", "content": "QQ=="}"#, count: 101)
        #expect(code(try decode(#""attachments": [\#(plain.dropLast().joined(separator: ","))]"#)) == nil)
        #expect(pointers(try decode(#""attachments": [\#(plain.joined(separator: ","))]"#)) == ["/content/attachments"])
    }
}
