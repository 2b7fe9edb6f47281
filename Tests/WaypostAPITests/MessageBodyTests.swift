import Testing
import WaypostAPI
import WaypostCore
import WaypostDelivery
import WaypostJSON

@Suite struct MessageBodyTests {
    static let id = MessageID(at: noon)

    /// A message to two, with one attempt that failed, one under way, and an event.
    static func record() throws -> MessageRecord {
        var email = Email(to: [Mailbox(email: "jane@example.com", name: "Jane")], subject: "Hi")
        email.cc = [Mailbox(email: "joe@example.com")]
        email.text = "Hello"
        email.headers = [.init(name: "X-A", value: "1")]
        email.attachments = [.init(filename: "a.pdf", contentType: "application/pdf", base64: "QUJD", inlineID: nil)]
        email.tracking = .init(opens: true)
        var message = Message(
            id: id, client: "shop", content: .email(email), createdAt: noon, expiresAt: noon + .seconds(86_400),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        message.metadata = [.init(key: "order", value: "42")]
        message.tags = ["a"]
        var record = MessageRecord(seq: 7, message: message, state: .sending, updatedAt: noon + .milliseconds(5))
        record.provider = "ses"
        record.deliveries = [
            DeliveryRecord(
                ordinal: 0, role: .to, address: "jane@example.com", state: .sent, updatedAt: noon + .milliseconds(5)),
            DeliveryRecord(ordinal: 1, role: .cc, address: nil, state: .sending, updatedAt: noon),
        ]
        record.attempts = [
            AttemptRecord(
                id: AttemptID(at: noon), provider: "sendgrid", startedAt: noon,
                ending: .init(
                    duration: .milliseconds(12), outcome: "unavailable", httpStatus: 503, providerCode: "x",
                    detail: "SendGrid answered 503")),
            AttemptRecord(id: AttemptID(at: noon), provider: "ses", startedAt: noon, ending: nil),
        ]
        record.events = [EventRecord(seq: 1, message: id, type: .sent, at: noon)]
        return record
    }

    @Test func `a message is read out whole, in one shape`() throws {
        let record = try Self.record()
        let json = try JSONValue(parsing: MessageBody.bytes(record))
        let names = try #require(json.members).map(\.name)
        #expect(
            names == [
                "id", "status", "status_reason", "channel", "type", "priority", "client", "created_at", "updated_at",
                "send_at", "expires_at", "on_ambiguous", "metadata", "tags", "traceparent", "resend_of", "provider",
                "provider_message_id", "cost", "deliveries", "from", "reply_to", "to", "content", "template",
                "segments",
                "recipients", "attempts", "events",
            ])
        #expect(json["id"] == .string(Self.id.description))
        #expect(json["status"] == "sending")
        #expect(json["status_reason"] == .null)
        #expect(json["created_at"] == "2025-01-15T12:00:00.000Z")
        #expect(json["updated_at"] == "2025-01-15T12:00:00.005Z")
        #expect(json["metadata"] == ["order": "42"])
        #expect(json["provider"] == "ses")
        #expect(json["cost"] == .null)
        #expect(json["deliveries"] == ["total": 2, "by_state": ["sending": 1, "sent": 1]])
        #expect(json["to"] == [["email": "jane@example.com", "name": "Jane"]])
        #expect(
            json["content"]
                == [
                    "subject": "Hi", "text": "Hello", "cc": [["email": "joe@example.com"]], "headers": ["X-A": "1"],
                    "attachments": [
                        ["filename": "a.pdf", "content_type": "application/pdf", "content": "QUJD"]
                    ], "tracking": ["opens": true],
                ])
        #expect(json["recipients"]?[1]?["role"] == "cc")
        #expect(json["recipients"]?[1]?["address"] == .null)
        #expect(
            json["attempts"]?[0]
                == [
                    "id": .string(record.attempts[0].id.description), "provider": "sendgrid",
                    "started_at": "2025-01-15T12:00:00.000Z", "duration_ms": 12, "outcome": "unavailable",
                    "reason": "the provider surely did not take it", "http_status": 503, "provider_code": "x",
                    "detail": "SendGrid answered 503",
                ])
        for name in ["duration_ms", "outcome", "reason", "http_status", "provider_code", "detail"] {
            #expect(json["attempts"]?[1]?[name] == .null)
        }
        #expect(
            json["events"]?[0]
                == [
                    "id": .string(record.events[0].id.description), "type": "message.sent",
                    "at": "2025-01-15T12:00:00.000Z", "provider": .null, "detail": .null,
                ])
    }

    @Test func `an accepted attempt has no reason, and every failure one of its own`() throws {
        var record = try Self.record()
        record.attempts = (["accepted"] + Failure.Kind.allCases.map(\.rawValue)).map { outcome in
            AttemptRecord(
                id: AttemptID(at: noon), provider: "ses", startedAt: noon,
                ending: .init(
                    duration: .zero, outcome: outcome, httpStatus: nil, providerCode: nil, detail: "what it said"))
        }
        let attempts = try #require(try JSONValue(parsing: MessageBody.bytes(record))["attempts"]?.array)
        #expect(attempts.allSatisfy { $0["detail"] == "what it said" })
        #expect(attempts.first?["reason"] == .null)
        let reasons = attempts.dropFirst().compactMap { $0["reason"]?.string }
        #expect(Set(reasons).count == Failure.Kind.allCases.count)
    }

    @Test func `content is null once it is not kept any more, and cost is in micro-units`() throws {
        var record = try Self.record()
        record.isContentRetained = false
        record.cost = .init(micros: 7900, currency: "USD")
        let json = try JSONValue(parsing: MessageBody.bytes(record))
        for name in ["from", "reply_to", "to", "content", "template", "segments"] { #expect(json[name] == .null) }
        #expect(json["cost"] == ["micros": 7900, "currency": "USD"])
    }

    @Test func `in a list it is its ledger's line alone`() throws {
        let json = try JSONValue(parsing: MessageBody.bytes(try Self.record(), .summary))
        #expect(json.members?.last?.name == "deliveries")
    }

    @Test func `what was sent is read back in the same fields`() throws {
        let body = try message(
            #""from": {"email": "news@example.com"}, "reply_to": {"email": "a@example.com", "name": "A"}"#,
            content: #""unsubscribe_url": "https://example.com/u", "html": "<p>", "bcc": [{"email": "b@example.com"}]"#)
        let draft = try SendMessage.decode(body, at: noon).get()
        let message = draft.message(
            id: Self.id, client: "shop", createdAt: noon, defaultTTL: .seconds(60), traceparent: "")
        let json = try JSONValue(
            parsing: MessageBody.bytes(MessageRecord(seq: 1, message: message, state: .queued, updatedAt: noon)))
        #expect(json["from"] == body["from"])
        #expect(json["reply_to"] == body["reply_to"])
        for name in ["subject", "text", "html", "bcc", "unsubscribe_url"] {
            #expect(json["content"]?[name] == body["content"]?[name])
        }
    }

    @Test func `a draft becomes a message whose time to live counts from send_at`() throws {
        let draft = try SendMessage.decode(try message(#""send_at": "2025-01-15T13:00:00Z", "ttl": "1m""#), at: noon)
            .get()
        let sent = draft.message(
            id: Self.id, client: "shop", createdAt: noon, defaultTTL: .seconds(5), traceparent: "t")
        #expect(sent.expiresAt == noon + .seconds(3660))
        let plain = try SendMessage.decode(try message(), at: noon).get().message(
            id: Self.id, client: "shop", createdAt: noon, defaultTTL: .seconds(5), traceparent: "t")
        #expect(plain.expiresAt == noon + .seconds(5))
    }

    // MARK: The others

    @Test func `what was accepted is said in four fields`() throws {
        let bytes = AcceptedBody.bytes(id: Self.id, status: .queued, channel: .email, createdAt: noon)
        #expect(
            try JSONValue(parsing: bytes)
                == [
                    "id": .string(Self.id.description), "status": "queued", "channel": "email",
                    "created_at": "2025-01-15T12:00:00.000Z",
                ])
    }

    @Test func `a batch answers for each message, and counts`() throws {
        let bytes = AcceptedBody.batch(
            [.success((Self.id, .scheduled)), .failure(Problem(.invalid, "No."))], requestID: "req_1")
        let json = try JSONValue(parsing: bytes)
        #expect(json["results"]?[0] == ["id": .string(Self.id.description), "status": "scheduled"])
        #expect(json["results"]?[1]?["error"]?["code"] == "invalid")
        #expect(json["accepted"] == 1)
        #expect(json["rejected"] == 1)
    }

    @Test func `a page has its rows and the way to the next`() throws {
        let rows = [try Self.record()]
        let page = try JSONValue(
            parsing: ListBody.bytes(rows, next: Cursor(seq: 7)) { MessageBody.write($0, .summary, to: &$1) })
        #expect(page.members?.map(\.name) == ["data", "next"])
        #expect(page["data"]?.array?.count == 1)
        #expect(page["next"] == .string(Cursor(seq: 7).description))
        let last = try JSONValue(parsing: ListBody.bytes([Int](), next: nil) { _, _ in })
        #expect(last == ["data": [], "next": .null])
    }

    @Test func `the feed also says whose an event is`() throws {
        var event = EventRecord(seq: 1, message: Self.id, type: .dead, at: noon)
        event.provider = "ses"
        event.detail = "retries are used up"
        event.metadata = [.init(key: "order", value: "42")]
        var json = JSONWriter()
        EventBody.write(event, .inFeed, to: &json)
        #expect(
            try JSONValue(parsing: json.bytes)
                == [
                    "id": .string(event.id.description), "type": "message.dead",
                    "message_id": .string(Self.id.description), "at": "2025-01-15T12:00:00.000Z", "provider": "ses",
                    "detail": "retries are used up", "metadata": ["order": "42"],
                ])
    }

    @Test func `an explanation holds its rounds as they were recorded`() throws {
        let json = try JSONValue(parsing: ExplainBody.bytes(of: Self.id, [#"{"round":1}"#, #"{"round":2}"#]))
        #expect(json == ["message_id": .string(Self.id.description), "rounds": [["round": 1], ["round": 2]]])
        #expect(try JSONValue(parsing: ExplainBody.bytes(of: nil, [])) == ["message_id": .null, "rounds": []])
    }
}
