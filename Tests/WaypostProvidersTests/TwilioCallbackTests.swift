import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// What Twilio's callbacks say.
@Suite struct TwilioCallbackTests {
    private let provider = Fixture.twilio()

    private func news(_ form: String, _ topic: String = "status") -> CallbackNews {
        provider.news(
            in: Fixture.callback(url: Fixture.callback("twilio", topic), topic: .init(rawValue: topic), body: form),
            at: Fixture.now)
    }

    private func receipt(_ form: String, _ topic: String = "status") throws -> Receipt {
        let receipts = news(form, topic).receipts
        #expect(receipts.count == 1)
        return try #require(receipts.first)
    }

    @Test func `the samples have the effects that are expected of them`() throws {
        let samples = try #require(Fixture.vectors("webhook_payload_samples")["samples"]?.array).filter {
            $0["provider"] == "twilio"
        }
        #expect(samples.count == 6)
        for sample in samples {
            let receipt = try receipt(sample.text("body"))
            let expected = try #require(sample["expect"])
            switch expected.text("effect") {
            case "delivered": #expect(receipt.news == .delivered)
            case "failed": #expect(receipt.failure?.kind == Failure.Kind(taxonomy: expected["class"]?.string))
            case "read": #expect(receipt.news == .read && receipt.channel == .whatsapp)
            case "unchanged": #expect(receipt.news == .taken)
            case "opt_out":
                #expect(receipt.inbound?.keyword == .stop)
                #expect(receipt.inbound?.from == expected.text("recipient"))
                #expect(receipt.inbound?.to == expected.text("sender"))
            default: Issue.record("\(expected)")
            }
        }
    }

    @Test func `our ids come back in the query, Twilio's in the form`() throws {
        let receipt = try receipt("MessageSid=SM1&MessageStatus=delivered&To=%2B31612345678&From=%2B15550100")
        var expected = Receipt(id: "SM1/delivered", channel: .sms, news: .delivered, at: Fixture.now)
        expected.message = Fixture.id
        expected.attempt = Fixture.attempt
        expected.reference = "SM1"
        expected.address = "+31612345678"
        #expect(receipt == expected)
        let news = news("MessageSid=SM1&MessageStatus=delivered")
        #expect(news.answer.status == 200 && news.confirmation == nil)
    }

    @Test func `an account's own URL holds no ids`() throws {
        for url in ["https://x.example/webhooks/twilio", "https://x.example/webhooks/twilio?n=msg_1&a=%"] {
            let callback = Fixture.callback(url: url, body: "SmsSid=SM1&SmsStatus=sent")
            let receipt = try #require(provider.receipts(in: callback).first)
            #expect(receipt.message == nil && receipt.attempt == nil && receipt.address == nil)
            #expect(receipt.id == "SM1/sent" && receipt.reference == "SM1")
        }
    }

    @Test(arguments: [
        ("accepted", Receipt.News.taken), ("scheduled", .taken), ("queued", .taken), ("sending", .taken),
        ("sent", .taken), ("delivered", .delivered), ("read", .read),
    ])
    func `a status is one of our words`(status: String, news: Receipt.News) throws {
        #expect(try receipt("MessageSid=SM1&MessageStatus=\(status)").news == news)
    }

    @Test func `every code of a failure is judged by its class`() throws {
        for row in try #require(Fixture.vectors("error_taxonomy")["twilio"]?.array) {
            let code = try #require(row["code"]?.integer)
            for status in ["failed", "undelivered"] {
                let receipts = news(
                    "MessageSid=SM1&MessageStatus=\(status)&ErrorCode=\(code)&ErrorMessage=no&To=%2B31612345678"
                ).receipts
                guard let kind = Failure.Kind(taxonomy: row["class"]?.string) else {
                    #expect(receipts == [], "\(code)")
                    continue
                }
                let receipt = try #require(receipts.first)
                #expect(receipt.failure?.kind == kind, "\(code)")
                #expect(receipt.failure?.breaker == BreakerEffect(taxonomy: row["breaker"]?.string), "\(code)")
                #expect(receipt.code == String(code))
                let reason: Suppression.Reason? =
                    switch row["class"] {
                    case "opt_out": .optOut
                    case "suppress_recipient": .invalidAddress
                    default: nil
                    }
                #expect(receipt.suppression == reason, "\(code)")
                #expect(receipt.failure?.suppression == reason, "\(code)")
            }
        }
    }

    @Test(arguments: ["", "&ErrorCode=99999", "&ErrorCode=", "&ErrorCode=x"])
    func `a failure that nobody explains may be tried again`(error: String) throws {
        let failure = try #require(try receipt("MessageSid=SM1&MessageStatus=undelivered\(error)").failure)
        #expect(failure.kind == .unavailable && failure.breaker == BreakerEffect.none)
    }

    @Test func `a remark about a message that goes on changes nothing`() throws {
        let receipt = try receipt("MessageSid=SM1&MessageStatus=sent&ErrorCode=30025")
        #expect(receipt.news == .taken && receipt.code == "30025")
    }

    @Test func `a failure's words hold no number`() throws {
        let receipt = try receipt(
            "MessageSid=SM1&MessageStatus=failed&ErrorCode=21610&ErrorMessage=STOP+by+%2B31612345678")
        #expect(receipt.detail == "Twilio reports failed with code 21610: STOP by <number>")
    }

    @Test func `a message to its own sender is the message's fault`() throws {
        let form = "MessageSid=SM1&MessageStatus=failed&ErrorCode=21211&To=%2B15550100"
        #expect(try receipt(form + "&From=%2B15550100").failure?.kind == .refusedMessage)
        #expect(try receipt(form + "&From=%2B15550100").suppression == nil)
        #expect(try receipt(form + "&From=%2B15550101").failure?.kind == .refusedRecipient)
    }

    @Test func `a canceled message or call was refused`() throws {
        #expect(try receipt("MessageSid=SM1&MessageStatus=canceled").failure?.kind == .refusedMessage)
        #expect(try receipt("CallSid=CA1&CallStatus=canceled", "voice").failure?.kind == .refusedMessage)
    }

    @Test(arguments: [
        "", "x", "MessageSid=SM1", "MessageStatus=delivered", "MessageSid=SM1&MessageStatus=new-word", "CallSid=CA1",
        "CallSid=CA1&CallStatus=new-word", "MessageSid=&MessageStatus=delivered", "%&%&=&==",
    ])
    func `what is not understood is left out`(form: String) {
        let news = news(form)
        #expect(news.receipts == [] && news.answer.status == 200)
    }

    @Test func `a body of another kind is left out`() {
        let callback = Fixture.callback(
            url: "https://x.example/", type: "application/json", body: #"{"MessageSid":"SM1"}"#)
        #expect(provider.receipts(in: callback) == [])
    }

    // MARK: Inbound

    @Test func `what a person writes is heard, whatever the path, and answered by nothing`() throws {
        let form =
            "SmsMessageSid=SM2&SmsStatus=received&NumMedia=2&Body=Hello+%26+%F0%9F%91%8B&From=whatsapp%3A%2B31612345678"
            + "&To=whatsapp%3A%2B15550101&MediaUrl0=https%3A%2F%2Fx%2F0&MediaUrl1=https%3A%2F%2Fx%2F1&ProfileName=Ann"
        for topic in ["inbound", "status"] {
            let receipt = try receipt(form, topic)
            #expect(receipt.id == "SM2/received" && receipt.channel == .whatsapp && receipt.address == nil)
            var expected = Inbound(from: "+31612345678", to: "+15550101", text: "Hello & 👋")
            expected.media = ["https://x/0", "https://x/1"]
            #expect(receipt.inbound == expected)
        }
        let answer = news(form).answer
        #expect(answer.status == 200 && answer.headers["Content-Type"]?.hasPrefix("text/xml") == true)
        #expect(String(decoding: answer.body, as: UTF8.self).hasSuffix("<Response/>"))
    }

    @Test(arguments: [
        ("Body=stop", OptKeyword.stop), ("Body=+Unstop+", .start), ("Body=please+stop", nil), ("Body=Info", .help),
        ("Body=Basta&OptOutType=STOP", .stop), ("Body=stop&OptOutType=HELP", .help),
        ("Body=x&OptOutType=START", .start),
        ("Body=", nil), ("Body=x&OptOutType=NEW", nil),
    ])
    func `Twilio's word for a keyword goes before ours`(form: String, keyword: OptKeyword?) throws {
        let receipt = try receipt("MessageSid=SM2&NumMedia=0&From=%2B31612345678&To=12345&\(form)", "inbound")
        #expect(receipt.inbound?.keyword == keyword)
        #expect(receipt.inbound?.to == "12345")
    }

    // MARK: Calls

    @Test(arguments: [
        ("queued", Receipt.News.taken), ("initiated", .taken), ("ringing", .taken), ("in-progress", .taken),
        ("completed", .delivered),
    ])
    func `a call's status is one of our words`(status: String, news: Receipt.News) throws {
        let receipt = try receipt("CallSid=CA1&CallStatus=\(status)&To=%2B31612345678", "voice")
        #expect(receipt.news == news && receipt.channel == .voice && receipt.id == "CA1/\(status)")
        #expect(receipt.reference == "CA1" && receipt.message == Fixture.id && receipt.address == "+31612345678")
    }

    @Test func `a call that ended says when, how long and who answered`() throws {
        let receipt = try receipt(
            "CallSid=CA1&CallStatus=completed&CallDuration=17&SequenceNumber=3&AnsweredBy=machine_end_beep"
                + "&Timestamp=Wed%2C+15+Jan+2025+12%3A00%3A20+%2B0000&Direction=outbound-api", "voice")
        #expect(receipt.id == "CA1/3" && receipt.news == .delivered)
        #expect(receipt.at == Fixture.now + .seconds(20))
        #expect(receipt.fact("CallDuration") == "17" && receipt.fact("AnsweredBy") == "machine_end_beep")
    }

    @Test(arguments: [
        ("busy", "", Failure.Kind.unavailable, BreakerEffect.none), ("no-answer", "", .unavailable, .none),
        ("failed", "", .unavailable, .failure), ("failed", "&SipResponseCode=503", .unavailable, .failure),
        ("failed", "&SipResponseCode=404", .unavailable, .none),
        ("failed", "&ErrorCode=21214", .refusedRecipient, .none),
    ])
    func `a call that reached nobody`(status: String, more: String, kind: Failure.Kind, breaker: BreakerEffect) throws {
        let failure = try #require(try receipt("CallSid=CA1&CallStatus=\(status)\(more)", "voice").failure)
        #expect(failure.kind == kind && failure.breaker == breaker)
    }

    @Test func `what answered is told beside the call`() throws {
        let receipt = try receipt("CallSid=CA1&AnsweredBy=human&MachineDetectionDuration=3000", "voice")
        #expect(receipt.news == .taken && receipt.id == "CA1/answered-by" && receipt.fact("AnsweredBy") == "human")
    }

    @Test func `a recording is a fact of its call`() throws {
        let receipt = try receipt(
            "CallSid=CA1&RecordingSid=RE1&RecordingStatus=completed&RecordingDuration=9"
                + "&RecordingUrl=https%3A%2F%2Fapi.twilio.com%2FRecordings%2FRE1", "recording")
        #expect(receipt.news == .taken && receipt.id == "RE1/completed" && receipt.reference == "CA1")
        #expect(receipt.channel == .voice && receipt.fact("RecordingUrl") == "https://api.twilio.com/Recordings/RE1")
        #expect(receipt.fact("RecordingDuration") == "9")
    }

    @Test func `somebody who calls us is answered, and is no message's end`() {
        let news = news("CallSid=CA1&CallStatus=ringing&Direction=inbound&From=%2B31612345678", "voice")
        #expect(news.receipts == [])
        #expect(news.answer.headers["Content-Type"]?.hasPrefix("text/xml") == true)
    }
}
