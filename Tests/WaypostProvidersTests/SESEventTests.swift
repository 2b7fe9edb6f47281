import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

@Suite struct SESEventTests {
    private func receipts(_ text: String) -> [Receipt] {
        Fixture.ses([Fixture.topic]).news(in: Fixture.callback(Fixture.notification(text)), at: Fixture.now).receipts
    }

    /// An event about a mail that carries our ids, to the addresses given.
    private func event(_ type: String, _ member: String, to addresses: String...) -> [Receipt] {
        let list = addresses.map { "\"\($0)\"" }.joined(separator: ",")
        return receipts(
            #"{"eventType":"\#(type)",\#(member),"mail":{"timestamp":"2025-01-15T11:00:00.000Z","messageId":"0100-m","#
                + #""destination":[\#(list)],"tags":{"ses:configuration-set":["main"],"#
                + #""waypost_message":["\#(Fixture.id)"],"waypost_attempt":["\#(Fixture.attempt)"]}}}"#)
    }

    private func bounce(_ type: String, _ subtype: String) -> [Receipt] {
        event(
            "Bounce",
            #""bounce":{"bounceType":"\#(type)","bounceSubType":"\#(subtype)","bouncedRecipients":[{"emailAddress":"a@example.com","#
                + #""action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 <a@example.com> unknown"}],"#
                + #""timestamp":"2025-01-15T11:59:59.000Z","feedbackId":"0100-f","reportingMTA":"dsn; mta.example.com"}"#,
            to: "a@example.com")
    }

    @Test func `the samples come out`() throws {
        let samples = try #require(Fixture.vectors("webhook_payload_samples")["samples"]?.array)
            .filter { $0["provider"] == "ses" }
        #expect(samples.count == 8)
        for sample in samples {
            let name = sample["name"]?.string ?? ""
            let receipts = receipts(sample["body"]?.string ?? "")
            let effect = sample["expect"]?["effect"]?.string ?? ""
            guard effect != "ignored" else { #expect(receipts.isEmpty, "\(name)"); continue }
            let words = ["accepted": ["taken"], "failed": ["failed", "bounced"]][effect] ?? [effect]
            #expect(receipts.count == 1 && words.contains(receipts.first?.word ?? ""), "\(name)")
            #expect(receipts.first?.address == "a@example.com", "\(name)")
            #expect(receipts.first?.reference == "0100018d-aaaa-000000", "\(name)")
            #expect(receipts.first?.suppression?.rawValue == sample["expect"]?["suppress"]?.string, "\(name)")
            if sample["expect"]?["class"] == "permanent" {
                #expect(receipts.first?.failure?.kind == .refusedMessage)
            }
        }
    }

    @Test func `every event of the taxonomy has the class that is written there`() throws {
        let rows = try #require(Fixture.vectors("error_taxonomy")["ses_events"]?.array)
        #expect(rows.count == 15)
        for row in rows {
            let code = row["code"]?.string ?? ""
            let word = row["class"]?.string
            if code.hasPrefix("Bounce ") {
                let names = code.dropFirst("Bounce ".count).split(separator: "/").map(String.init)
                let receipt = try #require(bounce(names[0], names[1]).first)
                #expect(receipt.word == "bounced")
                #expect(receipt.failure?.kind == Failure.Kind(taxonomy: word), "\(code)")
                #expect(receipt.failure?.breaker == BreakerEffect(taxonomy: row["breaker"]?.string), "\(code)")
                let suppression: Suppression.Reason? = word == "suppress_recipient" ? .hardBounce : nil
                #expect(receipt.suppression == suppression && receipt.failure?.suppression == suppression, "\(code)")
            }
        }
        for (type, member) in [
            ("Reject", #""reject":{"reason":"Bad content"}"#), ("Rendering Failure", #""failure":{}"#),
        ] {
            let receipt = try #require(event(type, member, to: "a@example.com").first)
            #expect(receipt.word == "failed" && receipt.failure?.kind == .refusedMessage, "\(type)")
        }
    }

    @Test func `a bounce names its recipient, its code and no address`() throws {
        let receipt = try #require(bounce("Permanent", "General").first)
        #expect(receipt.message == Fixture.id && receipt.attempt == Fixture.attempt && receipt.reference == "0100-m")
        #expect(receipt.address == "a@example.com" && receipt.code == "5.1.1")
        #expect(receipt.at == Timestamp("2025-01-15T11:59:59.000Z"))
        #expect(receipt.detail == "smtp; 550 5.1.1 <address> unknown")
        #expect(
            receipt.failure?.detail
                == "SES could not deliver it (Permanent/General): smtp; 550 5.1.1 <address> unknown")
        #expect(receipt.fact("diagnostic") == receipt.detail && receipt.fact("bounce_type") == "Permanent")
        #expect(receipt.id.hasPrefix("22b80b92/Bounce/") && receipt.alias?.hasPrefix("0100-f/Bounce/") == true)
        #expect(!receipt.id.contains("@"))
    }

    @Test func `each recipient has a receipt of its own, the same each time`() {
        let member =
            #""delivery":{"timestamp":"2025-01-15T11:59:59.000Z","recipients":["a@example.com","b@example.com"],"#
            + #""smtpResponse":"250 ok a@example.com"}"#
        let first = event("Delivery", member, to: "a@example.com", "b@example.com", "c@example.com")
        #expect(first.map(\.address) == ["a@example.com", "b@example.com"])
        #expect(first.map(\.news) == [.delivered, .delivered])
        #expect(Set(first.map(\.id)).count == 2)
        #expect(first[0].fact("response") == "250 ok <address>")
        #expect(event("Delivery", member, to: "a@example.com").map(\.id) == first.map(\.id))
    }

    @Test func `what was sent was sent to everybody`() {
        let receipts = event("Send", #""send":{}"#, to: "a@example.com", "B <b@example.com>")
        #expect(receipts.map(\.address) == ["a@example.com", "b@example.com"])
        #expect(receipts.map(\.news) == [.taken, .taken])
        #expect(receipts.first?.at == Timestamp("2025-01-15T11:00:00.000Z"))
        #expect(event("Send", #""send":{}"#).map(\.address) == [nil])
    }

    @Test func `who of several opened it is not known`() {
        let member =
            #""click":{"ipAddress":"203.0.113.9","timestamp":"2025-01-15T12:01:00.000Z","userAgent":"Mozilla/5.0","#
            + #""link":"https://x.example/?q=1","linkTags":null}"#
        let one = event("Click", member, to: "a@example.com")
        #expect(one.map(\.address) == ["a@example.com"] && one.map(\.news) == [.clicked])
        #expect(one.first?.fact("url") == "https://x.example/?q=1" && one.first?.fact("useragent") == "Mozilla/5.0")
        #expect(one.first?.facts.contains { $0.value.contains("203.0.113.9") } == false)
        let several = event("Open", #""open":{"userAgent":"x"}"#, to: "a@example.com", "b@example.com")
        #expect(several.map(\.address) == [nil] && several.map(\.news) == [.opened])
    }

    @Test func `not spam is no complaint`() {
        func complaint(_ type: String) -> [Receipt] {
            event(
                "Complaint",
                #""complaint":{"complainedRecipients":[{"emailAddress":"a@example.com"},{"emailAddress":"b@example.com"}],"#
                    + #""feedbackId":"f","complaintFeedbackType":\#(type)}"#, to: "a@example.com")
        }
        #expect(complaint("\"not-spam\"").isEmpty)
        #expect(complaint("null").map(\.suppression) == [.complaint, .complaint])
        #expect(complaint("\"abuse\"").map(\.news) == [.complained, .complained])
    }

    @Test func `a list that was left spares transactional mail, all lists do not`() {
        func change(_ old: String?, _ new: String) -> [Receipt] {
            let before = old.map { #""oldTopicPreferences":\#($0),"# } ?? ""
            return event(
                "Subscription",
                #""subscription":{"contactList":"main","timestamp":"2025-01-15T12:00:00.000Z","source":"UnsubscribeHeader","#
                    + #"\#(before)"newTopicPreferences":\#(new)}"#, to: "a@example.com")
        }
        func preferences(all: Bool, _ status: String) -> String {
            #"{"unsubscribeAll":\#(all),"topicSubscriptionStatus":[{"topicName":"offers","subscriptionStatus":"\#(status)"}]}"#
        }
        let left = change(preferences(all: false, "OptIn"), preferences(all: false, "OptOut"))
        #expect(left.map(\.news) == [.unsubscribed] && left.map(\.suppression) == [.unsubscribe])
        #expect(left.map(\.detail) == ["list:main/offers"] && left.map(\.sparesTransactional) == [true])
        let all = change(preferences(all: false, "OptIn"), preferences(all: true, "OptOut"))
        #expect(all.map(\.news) == [.unsubscribed] && all.map(\.sparesTransactional) == [false])
        #expect(all.map(\.detail) == ["list:main"])
        let back = change(preferences(all: true, "OptOut"), preferences(all: false, "OptIn"))
        #expect(back.map(\.news) == [.resubscribed, .resubscribed])
        #expect(back.map(\.detail) == ["list:main", "list:main/offers"] && back.map(\.suppression) == [nil, nil])
        #expect(Set(back.map(\.id)).count == 2)
        #expect(change(preferences(all: false, "OptIn"), preferences(all: false, "OptIn")).isEmpty)
        #expect(change(nil, preferences(all: false, "OptOut")).map(\.detail) == ["list:main", "list:main/offers"])
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"eventType":"New","new":{}}"#, #"{"eventType":"Bounce"}"#, #"{"eventType":7}"#,
        #"{"eventType":"Bounce","bounce":{"bouncedRecipients":[{},null,{"emailAddress":""}]},"mail":7}"#,
        #"{"eventType":"Delivery","delivery":[],"mail":{"tags":[]}}"#,
        #"{"eventType":"Subscription","subscription":{"contactList":"x"},"mail":{"destination":[]}}"#,
    ])
    func `what cannot be understood is left out`(text: String) { #expect(receipts(text).isEmpty) }
}
