import Testing
import WaypostAPI
import WaypostCore
import WaypostJSON

@Suite struct ContentBodyTests {
    /// Bodies of all channels but email that say as much as they can, in the form in which they are read back.
    static let bodies = [
        """
        {"channel": "sms", "to": {"phone": "+14155550100"}, "from": "Example", "content": {"text": "Hello",
         "media_urls": ["https://example.com/a.png"], "validity": "10m", "smart_encoded": true, "send_as_mms": false}}
        """,
        #"{"channel": "sms", "to": {"phone": "+14155550100"}, "content": {"text": "Здравствуйте"}}"#,
        #"{"channel": "whatsapp", "to": {"phone": "+14155550100"}, "from": "+14155550101", "content": {"text": "Hello"}}"#,
        """
        {"channel": "whatsapp", "to": {"phone": "+14155550100"},
         "content": {"template": {"name": "HX1", "language": "nl", "variables": {"1": "Ann"}}}}
        """,
        """
        {"channel": "voice", "to": {"phone": "+14155550100"}, "content": {"say": {"text": "Hello", "language": "en-GB"},
         "record": true, "recording_channels": "dual", "machine_detection": "enable", "async_amd": true, "timeout": "30s"}}
        """,
        #"{"channel": "voice", "to": {"phone": "+14155550100"}, "content": {"twiml_url": "https://example.com/a"}}"#,
        """
        {"channel": "push", "to": {"token": "abc", "service": "fcm", "platform": "android"}, "content": {"title": "Hi",
         "body": "b", "image": "https://example.com/a", "data": {"a": "1"}, "badge": 1, "sound": "s", "category": "c",
         "thread_id": "t", "mutable_content": true, "collapse_id": "x", "click_action": "y", "android": {"ttl": "3s"},
         "apns": {"headers": {"apns-priority": "5"}, "payload": {"aps": {}}}, "webpush": {"headers": {}}}}
        """,
        """
        {"channel": "push", "to": {"fcm_token": "abc", "apns_token": "\(String(repeating: "0a", count: 32))",
         "platform": "ios"}, "content": {"body": "b"}}
        """,
        #"{"channel": "push", "to": {"topic": "news"}, "content": {"body": "b"}}"#,
        #"{"channel": "push", "to": {"condition": "'a' in topics"}, "content": {"body": "b"}}"#,
    ]

    static func record(of body: JSONValue, _ change: (inout Message) -> Void = { _ in }) throws -> MessageRecord {
        var message = try SendMessage.decode(body, at: noon).get().message(
            id: MessageID(at: noon), client: "shop", createdAt: noon, defaultTTL: .seconds(60), traceparent: "")
        change(&message)
        return MessageRecord(seq: 1, message: message, state: .queued, updatedAt: noon)
    }

    private static func read(_ record: MessageRecord) throws -> JSONValue {
        try JSONValue(parsing: MessageBody.bytes(record))
    }

    @Test(arguments: bodies)
    func `what was sent is read back in the same fields`(body: String) throws {
        let body = try JSONValue(parsing: Array(body.utf8))
        let json = try Self.read(try Self.record(of: body))
        #expect(json["from"] == body["from"] ?? .null)
        #expect(json["reply_to"] == .null)
        #expect(json["content"] == body["content"])
        let to = try #require(body["to"])
        #expect(json["to"] == (body["channel"] == "push" ? [to] : to))
        #expect(json["template"] == .null)
    }

    @Test func `a text message says what it is cut into, and others that they are not`() throws {
        let segments = try Self.bodies.map { try Self.read(try Self.record(of: JSONValue(parsing: Array($0.utf8)))) }
            .map { $0["segments"] }
        #expect(segments[1] == ["encoding": "ucs-2", "count": 1, "characters": 12])
        #expect(segments.enumerated().allSatisfy { $0.offset == 1 || $0.element == .null })
    }

    @Test func `a device of the registry is named with its user and both its tokens`() throws {
        let body: JSONValue = ["channel": "push", "to": ["user": "jane"], "content": ["body": "b"]]
        let record = try Self.record(of: body) { message in
            guard case .push(var push) = message.content else { return }
            push.targets = [
                .device(.init(user: "jane", id: "phone", platform: .ios, fcmToken: "f", apnsToken: "0a")),
                .device(.init(user: "jane", id: "tablet", platform: .android, fcmToken: "g")),
            ]
            message.content = .push(push)
        }
        #expect(
            try Self.read(record)["to"]
                == [
                    ["user": "jane", "device": "phone", "fcm_token": "f", "apns_token": "0a", "platform": "ios"],
                    ["user": "jane", "device": "tablet", "fcm_token": "g", "platform": "android"],
                ])
    }

    @Test func `a template is named with its variables, and words that there are not are not shown`() throws {
        let body: JSONValue = ["channel": "sms", "to": "+14155550100", "content": ["text": "Hello"]]
        let variables: JSONValue = ["order": 42]
        let worded = try Self.read(
            try Self.record(of: body) {
                $0.template = .init(name: "shipped", providerIDs: [], hasText: true, variables: variables)
            })
        #expect(worded["template"] == ["id": "shipped", "variables": ["order": 42]])
        #expect(worded["content"] == ["text": "Hello"])
        let wordless = try Self.read(
            try Self.record(of: body) {
                $0.template = .init(name: "shipped", providerIDs: [], hasText: false, variables: variables)
            })
        #expect(wordless["content"] == [:])
    }
}
