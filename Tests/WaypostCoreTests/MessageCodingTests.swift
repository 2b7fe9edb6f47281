import Testing
import WaypostCore

@Suite struct MessageCodingTests {
    static let plain: Message = {
        var email = Email(to: [Mailbox(email: "jane@example.com")], subject: "Your order")
        email.text = "It is on its way."
        return Message(
            id: MessageID(ULID(high: 7, low: 9)), client: "shop", content: .email(email),
            createdAt: Timestamp(milliseconds: 1_790_000_000_000),
            expiresAt: Timestamp(milliseconds: 1_790_086_400_000),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    }()

    static let full: Message = {
        var email = Email(
            to: [Mailbox(email: "jane@example.com", name: "Jane \"J\" Doe"), Mailbox(email: "bob@bücher.example")],
            subject: "Line\u{2028}separated ünï \u{1F648}")
        email.from = Mailbox(email: "shop@example.com", name: "")
        email.replyTo = Mailbox(email: "help@example.com")
        email.cc = [Mailbox(email: "cc@example.com")]
        email.bcc = [Mailbox(email: "bcc@example.com", name: "B")]
        email.text = "tab\tand\r\nlines \\ \u{1}"
        email.html = "<p>\u{e9} \u{65}\u{301}</p>"
        email.headers = [.init(name: "X-A", value: "1"), .init(name: "X-B", value: "")]
        email.attachments = [
            .init(filename: "a.pdf", contentType: "application/pdf", base64: "AAEC"),
            .init(filename: "b.png", contentType: "image/png", base64: "AA==", inlineID: "logo"),
        ]
        email.tracking = .init(opens: false, clicks: true, unsubscribe: nil)
        email.unsubscribeURL = "https://example.com/u?x=1"
        var message = Message(
            id: MessageID(ULID(high: .max, low: .max)), client: "ünï", content: .email(email),
            createdAt: Timestamp(milliseconds: -1), expiresAt: Timestamp(milliseconds: .max), traceparent: "")
        message.type = .marketing
        message.priority = .bulk
        message.sendAt = Timestamp(milliseconds: 5)
        message.onAmbiguous = .hold
        message.metadata = [.init(key: "order", value: "42"), .init(key: "", value: "")]
        message.tags = ["a", "b"]
        message.resendOf = MessageID(ULID(high: 1, low: 2))
        return message
    }()

    @Test(arguments: [plain, full])
    func `a message comes back whole`(message: Message) throws {
        let back = try Message(decoding: message.encoded())
        #expect(back == message)
        // String equality looks past Unicode normalization; the bytes must be the same, too.
        #expect(back.encoded() == message.encoded())
        #expect(try Content(decoding: message.content.encoded()) == message.content)
        #expect(try Content(decoding: message.content.encoded()).encoded() == message.content.encoded())
    }

    @Test func `the form of version 1 does not change`() {
        #expect(
            String(decoding: Self.plain.encoded(), as: UTF8.self)
                == #"{"v":1,"id":"msg_0000000000003G000000000009","client":"shop","created":1790000000000,"expires":1790086400000,"trace":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","email":{"to":["jane@example.com"],"subject":"Your order","text":"It is on its way."}}"#
        )
        #expect(
            String(decoding: Self.plain.content.encoded(), as: UTF8.self)
                == #"{"v":1,"email":{"to":["jane@example.com"],"subject":"Your order","text":"It is on its way."}}"#)
    }

    @Test(arguments: [
        ("", "not JSON at byte 0: the JSON text ends too early"), ("[]", "it does not begin with its version"),
        ("{}", "it does not begin with its version"), (#"{"v":2}"#, "it is of another version than 1"),
        (#"{"v":"1"}"#, "it is of another version than 1"),
        (#"{"id":"x","v":1}"#, "it does not begin with its version"),
        (#"{"v":1}"#, "id is missing"), (#"{"v":1,"id":"x"}"#, "id is not a message's id"),
        (#"{"v":1,"id":1}"#, "id is not a string"),
        (#"{"v":1,"type":"x"}"#, "type is not known"), (#"{"v":1,"created":"x"}"#, "created is not a time"),
        (#"{"v":1,"metadata":{}}"#, "metadata is not an array"),
        (#"{"v":1,"metadata":[["a"]]}"#, "metadata does not hold pairs of strings"),
        (#"{"v":1,"tags":[1]}"#, "tags is not a string"), (#"{"v":1,"email":[]}"#, "email is not an object"),
        (#"{"v":1,"email":{}}"#, "to is missing"),
        (#"{"v":1,"realtime":{}}"#, "it is content of a channel that this version does not know"),
        (#"{"v":1,"email":{"to":["a"],"tracking":{"opens":1}}}"#, "opens is not a boolean"),
    ])
    func `what is damaged is told`(text: String, complaint: String) {
        #expect {
            try Message(decoding: Array(text.utf8))
        } throws: { error in
            (error as? StoredFormError)?.complaint == complaint
        }
    }

    @Test func `what a later version adds is passed over`() throws {
        var bytes = Self.plain.encoded()
        bytes.removeLast()
        bytes += Array(#","new":{"x":[1]}}"#.utf8)
        #expect(try Message(decoding: bytes) == Self.plain)
    }

    @Test func `a blob with a byte missing or changed never traps`() {
        let bytes = Self.full.encoded()
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= UInt8(1 + position % 255)
            _ = try? Message(decoding: damaged)
            _ = try? Message(decoding: Array(bytes[..<position]))
        }
    }
}
