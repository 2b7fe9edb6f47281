import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// What MessageBird's callbacks say.
@Suite struct MessageBirdCallbackTests {
    private func news(
        query: String = "", body: String = "", topic: Callback.Topic? = .status, ids: Bool = true
    ) throws -> CallbackNews {
        let path = "https://x.example/webhooks/bird/status?" + (ids ? "n=\(Fixture.id)&a=\(Fixture.attempt)&" : "")
        let callback = Fixture.callback(
            url: path + query, method: body.isEmpty ? "GET" : "POST", topic: topic,
            type: body.hasPrefix("{") ? "application/json" : FormBody.contentType, body: body)
        return try Fixture.messageBird().news(in: callback, at: Fixture.now)
    }

    private func receipt(_ query: String, topic: Callback.Topic? = .status, ids: Bool = true) throws -> Receipt {
        let receipts = try news(query: query, topic: topic, ids: ids).receipts
        #expect(receipts.count == 1)
        return try #require(receipts.first)
    }

    @Test func `it is called in two ways, and reports`() throws {
        let provider = try Fixture.messageBird()
        #expect(Set(provider.callbackMethods) == ["GET", "POST"])
        #expect(!provider.reportsDelivery, "what it reports cannot be proved")
        #expect(try Fixture.messageBird { $0.signingKey = Secret("z") }.reportsDelivery)
        #expect(Fixture.twilio().reportsDelivery)
        #expect(Fixture.twilio().callbackMethods == ["POST"])
    }

    @Test func `the samples have the effects that are expected of them`() throws {
        let samples = try #require(Fixture.vectors("webhook_payload_samples")["samples"]?.array).filter {
            $0["provider"] == "messagebird"
        }
        #expect(samples.count == 3)
        for sample in samples {
            let isQuery = sample.text("content_type") == "query string"
            let news = try news(query: isQuery ? sample.text("body") : "", body: isQuery ? "" : sample.text("body"))
            let receipt = try #require(news.receipts.first)
            let expected = try #require(sample["expect"])
            switch expected.text("effect") {
            case "delivered":
                #expect(receipt.news == .delivered)
                #expect(receipt.at.description == "2023-07-28T17:57:12.000Z")
                #expect(receipt.fact("price[currency]") == "USD")
            case "failed":
                #expect(receipt.failure?.kind == .refusedRecipient && receipt.suppression == .optOut)
                #expect(expected["suppress"] == "opt_out")
            case "inbound":
                #expect(receipt.id == "3b53c137369242138120d6b0b2122607/received")
                #expect(receipt.inbound == Inbound(from: "+18885551515", to: "+18005551515", text: "Test 3"))
                #expect(receipt.at.description == "2023-07-27T00:49:29.000Z")
            default: Issue.record("\(expected)")
            }
            #expect(news.answer.status == 200 && news.answer.body == Array("OK".utf8))
        }
    }

    @Test func `our ids come back in the query, or in the reference`() throws {
        let query = "id=b6aa&recipient=31612345678&status=sent"
        var expected = Receipt(id: "b6aa/31612345678/sent", channel: .sms, news: .taken, at: Fixture.now)
        expected.message = Fixture.id
        expected.attempt = Fixture.attempt
        expected.reference = "b6aa"
        expected.address = "+31612345678"
        #expect(try receipt(query) == expected)
        expected.attempt = nil
        #expect(try receipt("\(query)&reference=\(Fixture.id)", ids: false) == expected)
        #expect(try receipt("\(query)&reference=another", ids: false).message == nil)
    }

    @Test func `a report may be posted`() throws {
        let posted = try news(
            body: "id=b6aa&recipient=31612345678&status=delivered&statusDatetime=2025-01-15T13:00:00+01:00")
        #expect(posted.receipts.map(\.news) == [.delivered])
        #expect(posted.receipts.first?.message == Fixture.id && posted.receipts.first?.at == Fixture.now)
    }

    @Test(arguments: [
        ("scheduled", Receipt.News.taken), ("sent", .taken), ("buffered", .taken), ("delivered", .delivered),
    ])
    func `a status is one of our words`(status: String, news: Receipt.News) throws {
        #expect(try receipt("id=b6aa&recipient=31612345678&status=\(status)").news == news)
    }

    @Test func `every failure is judged by its class`() throws {
        var seen = 0
        for row in try #require(Fixture.vectors("error_taxonomy")["messagebird_status"]?.array) {
            let words = row.text("code")
            guard let kind = Failure.Kind(taxonomy: row["class"]?.string) else { continue }
            let query: String
            if words == "status expired" {
                query = "status=expired"
            } else if words.hasSuffix("103") {
                query = "status=delivery_failed&statusErrorCode=103"
            } else {
                let reason = words.dropFirst("delivery_failed: ".count).replacing(" ", with: "+")
                query = "status=delivery_failed&statusReason=\(reason)"
            }
            let receipt = try receipt("id=b6aa&recipient=31612345678&\(query)")
            #expect(receipt.failure?.kind == kind, "\(words)")
            #expect(receipt.failure?.breaker == BreakerEffect(taxonomy: row["breaker"]?.string), "\(words)")
            let reason: Suppression.Reason? =
                switch row["class"] {
                case "opt_out": .optOut
                case "suppress_recipient": .invalidAddress
                default: nil
                }
            #expect(receipt.suppression == reason, "\(words)")
            seen += 1
        }
        #expect(seen == 11)
    }

    @Test(arguments: [
        ("1", Failure.Kind.refusedRecipient), ("2", .refusedRecipient), ("3", .refusedRecipient),
        ("5", .refusedRecipient), ("34", .unavailable), ("31", .unavailable), ("9999", .unavailable),
        ("", .unavailable),
        ("x", .unavailable),
    ])
    func `a code without a reason`(code: String, kind: Failure.Kind) throws {
        let receipt = try receipt("id=b6aa&recipient=31612345678&status=delivery_failed&statusErrorCode=\(code)")
        #expect(receipt.failure?.kind == kind && receipt.failure?.breaker == BreakerEffect.none)
        #expect(receipt.suppression == (kind == .refusedRecipient ? .invalidAddress : nil))
    }

    @Test(arguments: ["", "id=1", "status=delivered", "id=1&status=new", "id=1&originator=", "%&=%"])
    func `what is not understood is left out`(query: String) throws {
        let news = try news(query: query)
        #expect(news.receipts == [] && news.answer.status == 200)
        #expect(try self.news(body: query + "&x").receipts == [])
    }

    // MARK: Inbound

    @Test(arguments: [
        ("id=m1&originator=31612345678&recipient=15550100&body=STOP", "m1", "+15550100", OptKeyword.stop),
        (
            "mid=m2&originator=31612345678&shortcode=12345&message=start&receive_datetime=20250115120000", "m2",
            "12345", .start
        ),
        ("id=m3&originator=%2B31612345678&recipient=15550100&body=hello", "m3", "+15550100", nil),
        ("id=m4&originator=31612345678&recipient=15550100&mediaUrls=https%3A%2F%2Fx%2F1", "m4", "+15550100", nil),
    ])
    func `what a person writes is heard`(form: String, id: String, to: String, keyword: OptKeyword?) throws {
        let receipt = try #require(try news(body: form, topic: .inbound, ids: false).receipts.first)
        #expect(receipt.id == "\(id)/received" && receipt.channel == .sms && receipt.message == nil)
        #expect(receipt.inbound?.from == "+31612345678" && receipt.inbound?.to == to)
        #expect(receipt.inbound?.keyword == keyword)
        #expect(receipt.inbound?.media == (id == "m4" ? ["https://x/1"] : []))
    }

    // MARK: Calls

    @Test(arguments: [
        ("calling", Receipt.News.taken), ("answered", .delivered), ("machine", .delivered),
    ])
    func `a spoken message's status is one of our words`(status: String, news: Receipt.News) throws {
        for topic in [Callback.Topic.voice, nil] {
            let receipt = try receipt("id=b6aa&recipient=31612345678&status=\(status)", topic: topic)
            #expect(receipt.news == news && receipt.channel == .voice)
            #expect(receipt.fact("status") == (status == "machine" ? "machine" : nil))
        }
    }

    @Test(arguments: ["busy", "failed"])
    func `a spoken message that nobody heard may be tried again`(status: String) throws {
        let receipt = try receipt("id=b6aa&recipient=31612345678&status=\(status)", topic: .voice)
        #expect(receipt.failure?.kind == .unavailable && receipt.failure?.breaker == BreakerEffect.none)
        #expect(receipt.channel == .voice)
    }

    @Test(arguments: [
        (#""status":"ringing""#, "taken"), (#""status":"ongoing","answeredAt":"2025-01-15T12:00:00Z""#, "taken"),
        (#""status":"hangup","answeredAt":"2025-01-15T12:00:00Z""#, "delivered"),
        (#""status":"hangup","duration":5"#, "delivered"), (#""status":"hangup","duration":0"#, "unavailable"),
        (#""status":"busy""#, "unavailable"), (#""status":"no_answer""#, "unavailable"), (#""status":"x""#, ""),
    ])
    func `a call ends as its leg does`(leg: String, end: String) throws {
        let body =
            #"{"items":[{"type":"leg","payload":{"id":"l1","callId":"c1","destination":"31612345678",\#(leg)}}]}"#
        let receipt = try news(body: body, topic: .voice).receipts.first
        let word: String? =
            switch receipt?.news {
            case .taken: "taken"
            case .delivered: "delivered"
            case .failed(let failure): failure.kind.rawValue
            case nil: ""
            default: nil
            }
        #expect(word == end)
        if let receipt {
            #expect(receipt.reference == "c1" && receipt.channel == .voice && receipt.address == "+31612345678")
            #expect(receipt.message == Fixture.id)
        }
    }

    @Test func `a call and its recording only are`() throws {
        let body = """
            {"items":[{"type":"call","payload":{"id":"c1","status":"ended"}},
            {"type":"recording","payload":{"id":"r1","legId":"l1","status":"done","duration":9}},{},1]}
            """
        let receipts = try news(body: body, topic: .voice).receipts
        #expect(receipts.map(\.news) == [.taken, .taken])
        #expect(receipts.map(\.id) == ["c1/ended", "r1/done"])
        #expect(receipts.last?.fact("duration") == "9")
    }

    // MARK: WhatsApp

    private func update(_ message: String, type: String = "message.updated") throws -> Receipt? {
        try news(body: #"{"type":"\#(type)","contact":{"msisdn":31612345678},"message":{"id":"w1",\#(message)}}"#)
            .receipts
            .first
    }

    @Test(arguments: [
        ("accepted", "taken"), ("pending", "taken"), ("sent", "taken"), ("transmitted", "taken"),
        ("delivered", "delivered"), ("read", "read"), ("rejected", "unsuitable"), ("failed", "unavailable"),
        ("expired", "unavailable"), ("deleted", ""), ("unknown", ""),
    ])
    func `a WhatsApp message's status is one of our words`(status: String, end: String) throws {
        let receipt = try update(#""status":"\#(status)","to":"+31612345678","direction":"sent""#)
        let word: String? =
            switch receipt?.news {
            case .taken: "taken"
            case .delivered: "delivered"
            case .read: "read"
            case .failed(let failure): failure.kind.rawValue
            case nil: ""
            default: nil
            }
        #expect(word == end)
        if let receipt {
            #expect(receipt.channel == .whatsapp && receipt.id == "w1/+31612345678/\(status)")
            #expect(receipt.reference == "w1" && receipt.address == "+31612345678")
        }
    }

    @Test func `a WhatsApp message's error is judged by its words`() throws {
        let receipt = try #require(
            try update(#""status":"failed","to":"+31612345678","error":{"code":103,"description":"opted-out"}"#))
        #expect(receipt.failure?.kind == .refusedRecipient && receipt.suppression == .optOut && receipt.code == "103")
    }

    @Test func `what a person writes by WhatsApp is heard once`() throws {
        let text =
            #""status":"received","direction":"received","from":"31612345678","to":"+15550101","type":"text","content":{"text":"Stop"}"#
        let receipt = try #require(try update(text, type: "message.created"))
        var expected = Inbound(from: "+31612345678", to: "+15550101", text: "Stop")
        expected.keyword = .stop
        #expect(receipt.inbound == expected && receipt.channel == .whatsapp)
        #expect(try update(text) == nil)
        let image =
            #""status":"received","to":"+15550101","type":"image","content":{"image":{"url":"https://x/1","caption":"c"}}"#
        let second = try #require(try update(image, type: "message.created")?.inbound)
        #expect(second.media == ["https://x/1"] && second.text == "c" && second.from == "+31612345678")
    }

    @Test(arguments: [
        #"{"type":"conversation.created","conversation":{"id":"c"},"message":{"id":"w1","status":"sent"}}"#,
        #"{"type":"message.updated","message":{"id":"w1","platform":"telegram","status":"sent"}}"#,
        #"{"type":"message.updated","message":{"status":"sent"}}"#, #"{"message":1}"#, "{}", "{", #"{"items":1}"#,
        #"{"service":"channels","event":"email.outbound","payload":{"id":"m1","status":"delivered"}}"#,
    ])
    func `JSON that is not understood is left out`(body: String) throws {
        #expect(try news(body: body).receipts == [])
    }

    @Test func `an event of Bird's channels names its message`() throws {
        let body =
            #"{"service":"channels","event":"sms.outbound","payload":{"id":"m1","reference":"\#(Fixture.id)","status":"delivered"}}"#
        let receipt = try #require(try news(body: body, ids: false).receipts.first)
        #expect(receipt.news == .delivered && receipt.channel == .sms && receipt.message == Fixture.id)
        #expect(receipt.reference == "m1" && receipt.address == nil)
    }
}
