import Testing
import WaypostAPI
import WaypostCore
import WaypostJSON

@Suite struct SendMessageTests {
    private func decode(_ body: JSONValue) -> Result<Draft, Problem> { SendMessage.decode(body, at: noon) }

    @Test func `every field of an email is read`() throws {
        let body = """
            {"channel": "email", "type": "marketing", "priority": "bulk",
             "to": [{"email": "jane@example.com", "name": "Jane"}, "joe@example.com"],
             "from": {"email": "news@example.com", "name": "News"}, "reply_to": "answers@example.com",
             "send_at": "2025-01-16T12:00:00Z", "ttl": "2h", "metadata": {"order": "42", "note": ""},
             "tags": ["a", "B_-9"], "on_ambiguous": "hold",
             "content": {"subject": "Hi", "text": "Hello", "html": "<p>Hello", "cc": "cc@example.com",
               "bcc": [{"email": "bcc@example.com"}], "headers": {"X-One": "1", "List-Id": "a\\tb"},
               "attachments": [{"filename": "a.pdf", "content_type": "application/pdf", "content": "QUJD"},
                 {"filename": "logo.png", "content": "QQ==", "inline_id": "logo@1"}],
               "tracking": {"opens": true, "clicks": false},
               "unsubscribe_url": "https://example.com/u?x=%20"}}
            """
        let draft = try decode(try JSONValue(parsing: Array(body.utf8))).get()
        #expect(draft.type == .marketing)
        #expect(draft.priority == .bulk)
        #expect(draft.sendAt == noon + .seconds(86_400))
        #expect(draft.ttl == .seconds(7200))
        #expect(draft.metadata == [.init(key: "order", value: "42"), .init(key: "note", value: "")])
        #expect(draft.tags == ["a", "B_-9"])
        #expect(draft.onAmbiguous == .hold)
        #expect(
            draft.deliveries.map(\.address) == [
                "jane@example.com", "joe@example.com", "cc@example.com", "bcc@example.com",
            ])
        #expect(draft.deliveries.map(\.role) == [.to, .to, .cc, .bcc])
        #expect(draft.deliveries.map(\.ordinal) == [0, 1, 2, 3])
        #expect(draft.deliveries.allSatisfy { $0.state == .scheduled })
        var email = Email(
            to: [Mailbox(email: "jane@example.com", name: "Jane"), Mailbox(email: "joe@example.com")], subject: "Hi")
        email.from = Mailbox(email: "news@example.com", name: "News")
        email.replyTo = Mailbox(email: "answers@example.com")
        email.text = "Hello"
        email.html = "<p>Hello"
        email.cc = [Mailbox(email: "cc@example.com")]
        email.bcc = [Mailbox(email: "bcc@example.com")]
        email.headers = [.init(name: "X-One", value: "1"), .init(name: "List-Id", value: "a\tb")]
        email.attachments = [
            .init(filename: "a.pdf", contentType: "application/pdf", base64: "QUJD", inlineID: nil),
            .init(filename: "logo.png", contentType: "application/octet-stream", base64: "QQ==", inlineID: "logo@1"),
        ]
        email.tracking = .init(opens: true, clicks: false, unsubscribe: nil)
        email.unsubscribeURL = "https://example.com/u?x=%20"
        #expect(draft.email == email)
    }

    @Test func `a message that says no more than it must has the defaults`() throws {
        let draft = try decode(try message()).get()
        #expect(draft.type == .transactional)
        #expect(draft.priority == .normal)
        #expect(draft.sendAt == nil)
        #expect(draft.ttl == nil)
        #expect(draft.metadata.isEmpty)
        #expect(draft.tags.isEmpty)
        #expect(draft.onAmbiguous == nil)
        #expect(draft.deliveries.map(\.state) == [.queued])
    }

    @Test func `all that is wrong is named at once, and the gravest names the whole`() throws {
        let body = try message(
            """
            "type": "spam", "to": "nobody", "ttl": 5, "tags": ["a b"], "colour": "red", "send_at": "tomorrow",
            "metadata": {"a": 1}
            """, content: #""subject": "", "html": 5, "headers": {"From": "x"}, "tracking": {"open": true}"#)
        let result = decode(body)
        #expect(code(result) == .malformed)
        #expect(
            Set(pointers(result)) == [
                "/type", "/to", "/ttl", "/tags/0", "/colour", "/send_at", "/metadata/a", "/content/subject",
                "/content/html", "/content/headers/From", "/content/tracking/open",
            ])
    }

    @Test(arguments: ["[]", "\"text\"", "5", "null", "true"])
    func `a body that is no object is malformed`(body: String) throws {
        let result = decode(try JSONValue(parsing: Array(body.utf8)))
        #expect(code(result) == .malformed)
        #expect(pointers(result) == [""])
    }

    @Test func `what is required is said to be`() {
        let result = decode(.object([]))
        #expect(code(result) == .invalid)
        #expect(Set(findings(result)) == ["/channel is required", "/to is required", "/content is required"])
    }

    @Test func `a channel that this version cannot carry is no_route`() throws {
        let result = decode(try message(#""channel": "realtime", "to": {"user": "jane"}"#))
        #expect(code(result) == .noRoute)
        #expect(pointers(result) == ["/channel"])
    }

    @Test func `a channel that there is not is invalid, and so is a template that there is not`() throws {
        #expect(code(decode(try message(#""channel": "fax""#))) == .invalid)
        let template = decode(try message(#""template": {"id": "x", "variables": {"a": 1}}"#))
        #expect(code(template) == .invalid)
        #expect(findings(template) == ["/template/id there is no template named \"x\""])
        let both = decode(try message(#""template": {"id": "x"}, "content": {"subject": "a", "text": "b"}"#))
        #expect(pointers(both).contains("/template"))
    }

    @Test(arguments: [
        #""type": null"#, #""priority": 1"#, #""to": 5"#, #""to": {"email": 5}"#, #""to": [["a@example.com"]]"#,
        #""to": {"email": "a@example.com", "phone": "+1"}"#, #""from": []"#, #""reply_to": true"#,
        #""send_at": 1736942400"#, #""ttl": 60"#, #""metadata": []"#, #""metadata": {"a": null}"#, #""tags": "a""#,
        #""tags": [1]"#, #""on_ambiguous": {}"#, #""content": []"#, #""template": "x""#, #""unknown": 1"#,
        #""Type": "marketing""#,
    ])
    func `a wrong type and an unknown field are malformed`(fields: String) throws {
        #expect(code(decode(try message(fields))) == .malformed)
    }

    @Test(arguments: [
        (#""type": "Marketing""#, "/type"), (#""priority": "high""#, "/priority"), (#""to": []"#, "/to"),
        (#""to": "jane""#, "/to"), (#""to": ["a@example.com", "b"]"#, "/to/1"),
        (#""to": {"name": "Jane"}"#, "/to/email"), (#""to": [{"email": "jane"}]"#, "/to/0/email"),
        (#""to": {"email": "a@example.com", "name": ""}"#, "/to/name"),
        (#""to": {"email": "a@example.com", "name": "a\r\nBcc: b@example.com"}"#, "/to/name"),
        (#""to": ["a@example.com", "A@EXAMPLE.COM"]"#, "/to/1"),
        (#""to": "a@example.com\r\nBcc: b@example.com""#, "/to"),
        (#""from": "a@example.com\nX: y""#, "/from"), (#""from": {"email": "x@y"}"#, "/from/email"),
        (#""reply_to": {"email": "a@example.com", "name": "a\u0000"}"#, "/reply_to/name"),
        (#""reply_to": {"email": "a@example.com", "name": "a\u2028b"}"#, "/reply_to/name"),
        (#""send_at": "2025-02-20T12:00:00Z""#, "/send_at"), (#""send_at": "2025-01-15T11:58:00Z""#, "/send_at"),
        (#""send_at": "2025-01-16""#, "/send_at"), (#""ttl": "0s""#, "/ttl"), (#""ttl": "366d""#, "/ttl"),
        (#""ttl": "-5s""#, "/ttl"), (#""ttl": "1h30m""#, "/ttl"), (#""metadata": {"": "a"}"#, "/metadata/"),
        (#""metadata": {"a\nb": "c"}"#, "/metadata/a\nb"), (#""metadata": {"a/b~": "\u0000"}"#, "/metadata/a~1b~0"),
        (#""tags": ["a", "a"]"#, "/tags/1"), (#""tags": ["a b"]"#, "/tags/0"), (#""tags": [""]"#, "/tags/0"),
        (#""tags": ["ä"]"#, "/tags/0"), (#""tags": ["1","2","3","4","5","6","7","8","9","10","11"]"#, "/tags"),
        (#""on_ambiguous": "retry""#, "/on_ambiguous"),
    ])
    func `a value that cannot be right is invalid, and its place is named`(fields: String, pointer: String) throws {
        let result = decode(try message(fields))
        #expect(code(result) == .invalid)
        #expect(pointers(result) == [pointer], "\(findings(result))")
    }

    @Test func `metadata has at most 20 pairs of 40 and 500 bytes`() throws {
        func pairs(_ count: Int, key: Int, value: Int) -> String {
            let pairs = (0..<count).map { index in
                let name = String(String(index).reversed()).padding(to: key)
                return #""\#(name)": "\#(String(repeating: "v", count: value))""#
            }
            return #""metadata": {\#(pairs.joined(separator: ","))}"#
        }
        #expect(code(decode(try message(pairs(20, key: 40, value: 500)))) == nil)
        #expect(pointers(decode(try message(pairs(21, key: 5, value: 1)))) == ["/metadata"])
        #expect(pointers(decode(try message(pairs(1, key: 41, value: 1)))).count == 1)
        #expect(pointers(decode(try message(pairs(1, key: 5, value: 501)))).count == 1)
    }

    @Test func `to, cc and bcc together hold fifty addresses, none of them twice`() throws {
        func list(_ range: Range<Int>) -> String {
            "[" + range.map { "\"a\($0)@example.com\"" }.joined(separator: ",") + "]"
        }
        let full = try message(
            #""to": \#(list(0..<20))"#, content: #""cc": \#(list(20..<35)), "bcc": \#(list(35..<50))"#)
        #expect(try decode(full).get().deliveries.count == 50)
        let over = try message(
            #""to": \#(list(0..<20))"#, content: #""cc": \#(list(20..<35)), "bcc": \#(list(35..<51))"#)
        #expect(
            findings(decode(over)) == ["/to makes 51 addresses together with cc and bcc; at most 50"])
        let twice = try message(
            #""to": "jane@example.com""#, content: #""cc": [{"email": "jane@EXAMPLE.com"}], "bcc": "x@example.com""#)
        #expect(findings(decode(twice)) == ["/content/cc/0/email stands twice: in to too"])
    }

    @Test(arguments: ["2025-01-15T12:00:00Z", "2025-01-15T11:59:30Z"])
    func `a time that is just over means now`(time: String) throws {
        #expect(try decode(try message(#""send_at": "\#(time)""#)).get().sendAt == nil)
    }

    @Test func `the last moment of thirty-five days is still taken`() throws {
        #expect(code(decode(try message(#""send_at": "2025-02-19T12:00:00Z""#))) == nil)
        #expect(code(decode(try message(#""send_at": "2025-02-19T12:00:00.001Z""#))) == .invalid)
    }

    @Test func `no more than a hundred findings are listed`() throws {
        let pairs = (0..<60).map { "\"k\($0)\": 1" }.joined(separator: ",")
        let list = (0..<200).map { _ in "5" }.joined(separator: ",")
        let result = decode(try message("\(pairs), \"to\": [\(list)]"))
        #expect(pointers(result).count == 100)
    }
}

extension String {
    /// Made as long as `count` with dots.
    fileprivate func padding(to count: Int) -> String { self + String(repeating: ".", count: count - utf8.count) }
}
