import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct ReceiptPeopleTests {
    let store: StoreFixture

    init() throws { store = try StoreFixture() }

    private func inbound(_ text: String, _ keyword: OptKeyword?, on channel: Channel = .sms, id: String) -> Receipt {
        var inbound = Inbound(from: "+14155550100", to: "55555", text: text)
        inbound.keyword = keyword
        inbound.media = ["https://example.com/m"]
        var receipt = Receipt(id: id, channel: channel, news: .inbound(inbound), at: SystemTime().wallNow)
        receipt.reference = "SM1"
        return receipt
    }

    private func suppressed(_ address: String, on channel: Channel) throws -> Int {
        let key = store.addresses.value(of: address, on: channel)
        return try store.number(
            "SELECT count(*) FROM suppressed WHERE address_key = \(key) AND channel = \(channel.column)")
    }

    @Test func `STOP denies and suppresses on its channel, START takes both back`() throws {
        let taken = try store.take(inbound("Stop", .stop, id: "1"), from: "twilio")
        #expect(taken.accepted == 1)
        #expect(try suppressed("+14155550100", on: .sms) == 1)
        #expect(try suppressed("+14155550100", on: .whatsapp) == 0)
        #expect(try store.number("SELECT count(*) FROM consent WHERE state = 0 AND source = 'twilio'") == 1)
        try store.take(inbound("Start", .start, id: "2"), from: "twilio")
        #expect(try suppressed("+14155550100", on: .sms) == 0)
        #expect(try store.number("SELECT state FROM consent ORDER BY seq DESC LIMIT 1") == 1)
        #expect(try store.number("SELECT count(*) FROM consent") == 2)
    }

    @Test func `what a person writes is an event of no message, also a call for help`() throws {
        try store.take(inbound("help", .help, id: "1"), inbound("Hello", nil, on: .whatsapp, id: "2"), from: "twilio")
        let events = try store.reader.events(after: 0, client: "shop", limit: 10)
        #expect(events.map(\.type) == [.inbound, .inbound])
        #expect(events.allSatisfy { $0.message == nil && $0.provider == "twilio" })
        let data = String(decoding: try #require(events.first?.data), as: UTF8.self)
        #expect(
            data.hasPrefix(#"{"from":"+14155550100","to":"55555","text":"help","media":["https://example.com/m"],"#))
        #expect(data.contains(#""channel":"sms","keyword":"help","provider_message_id":"SM1""#))
        #expect(try store.number("SELECT count(*) FROM consent") == 0)
        store.close()
        #expect(try Inspection.of(path: store.path).findings.isEmpty)
        try store.reopen()
    }

    @Test func `a suppression needs no message that is known`() throws {
        var receipt = Receipt(
            id: "1", channel: .email, news: .unsubscribed, at: SystemTime().wallNow)
        receipt.address = "Gone@Example.com"
        receipt.suppression = .unsubscribe
        receipt.detail = "12345"
        receipt.sparesTransactional = true
        #expect(try store.take(receipt).unknown == 1)
        #expect(try suppressed("gone@example.com", on: .email) == 1)
        // Another list: the suppression stays. The same one: it ends.
        var back = Receipt(id: "2", channel: .email, news: .resubscribed, at: SystemTime().wallNow)
        back.address = "gone@example.com"
        back.suppression = .unsubscribe
        back.detail = "999"
        try store.take(back)
        #expect(try suppressed("gone@example.com", on: .email) == 1)
        back.id = "3"
        back.detail = "12345"
        try store.take(back)
        #expect(try suppressed("gone@example.com", on: .email) == 0)
    }

    @Test func `a receipt that names nobody suppresses whom its message was for`() throws {
        let sent = try store.sent()
        var receipt = sent.receipt(.complained)
        receipt.suppression = .complaint
        try store.take(receipt)
        #expect(try suppressed("user0@example.com", on: .email) == 1)
        #expect(try store.number("SELECT count(*) FROM suppressed WHERE address IS NOT NULL") == 1)
    }

    @Test(arguments: [
        ("whatsapp:+14155550100", Channel.whatsapp, "+14155550100"), ("14155550100", .sms, "+14155550100"),
        ("+1 415 555 0100", .voice, "+14155550100"), ("55555", .sms, "55555"),
        (" Jane@Example.COM ", .email, "jane@example.com"),
    ])
    func `addresses are known in the providers' spellings`(text: String, channel: Channel, normal: String) {
        #expect(ReceiptAddress.normal(text, on: channel) == normal)
    }

    // MARK: The audit trail

    /// Newest last, like `consent.put provider:twilio sms STOP denied`.
    private func trail() throws -> [String] {
        try OperatingReader(store.file).page(after: nil, limit: 99).reversed().map { row in
            let state = ["denied", "granted"].first { row.data.contains($0) }
            let words = [row.action, row.actor, String(row.target.prefix { $0 != "/" }), row.reason] + [state ?? ""]
            return words.filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    @Test func `what a provider's word changes stands in the trail once, without the address`() throws {
        try store.take(inbound("Stop", .stop, id: "1"), from: "twilio")
        let stopped = ["consent.put provider:twilio sms STOP denied", "suppression.put provider:twilio sms opt_out"]
        #expect(try trail() == stopped)
        // The same again, the same in another text, a call for help, a chat.
        try store.take(
            inbound("Stop", .stop, id: "1"), inbound("STOP", .stop, id: "2"), inbound("help", .help, id: "3"),
            inbound("Hello", nil, id: "4"), from: "twilio")
        #expect(try trail() == stopped)
        #expect(try store.number("SELECT count(*) FROM consent") == 2, "the ledger has both")
        for id in ["5", "6"] { try store.take(inbound("Start", .start, id: id), from: "twilio") }
        #expect(
            try trail() == stopped + [
                "consent.put provider:twilio sms START granted", "suppression.deleted provider:twilio sms START",
            ])
        let rows = try OperatingReader(store.file).page(after: nil, limit: 99)
        #expect(Set(rows.map(\.target)).count == 1)
        #expect(rows.allSatisfy { $0.target.wholeMatch(of: /sms\/[0-9a-f]{16}/) != nil })
        #expect(rows.allSatisfy { !"\($0)".contains("4155550100") })
        #expect(try AuditCheck.of(path: store.path) == AuditCheck(rows: 4, flaw: nil))
    }

    @Test func `a list that is left and joined again stands in it, and no word of the provider's`() throws {
        var receipt = Receipt(id: "1", channel: .email, news: .unsubscribed, at: SystemTime().wallNow)
        receipt.address = "gone@example.com"
        receipt.suppression = .unsubscribe
        receipt.detail = "gone@example.com left"
        receipt.sparesTransactional = true
        try store.take(receipt)
        // One that reaches farther takes its place, one that reaches no farther does not.
        var complaint = Receipt(id: "2", channel: .email, news: .complained, at: SystemTime().wallNow)
        complaint.address = "gone@example.com"
        complaint.suppression = .complaint
        try store.take(complaint)
        complaint.id = "3"
        try store.take(complaint)
        var back = Receipt(id: "4", channel: .email, news: .resubscribed, at: SystemTime().wallNow)
        back.address = "gone@example.com"
        back.suppression = .unsubscribe
        back.detail = "gone@example.com left"
        try store.take(back)  // it stands for the complaint by now
        #expect(
            try trail() == [
                "suppression.put provider:sendgrid email unsubscribe",
                "suppression.put provider:sendgrid email complaint",
            ])
        try store.commits.perform("lift") { _ = try $0.liftSuppression(of: "gone@example.com", on: .email) }
        receipt.id = "5"
        back.id = "6"
        try store.take(receipt, back)
        #expect(try trail().last == "suppression.deleted provider:sendgrid email resubscribed")
        #expect(try OperatingReader(store.file).page(after: nil, limit: 99).allSatisfy { !"\($0)".contains("gone@") })
    }

    @Test func `so does what a provider answers of an address`() throws {
        let underway = try store.begin()
        let refusal = Failure(.refusedRecipient, "user0@example.com is unknown")
        let move = Move(ordinal: 0, to: .failed, reason: "user0@example.com is unknown", suppression: .invalidAddress)
        try store.end(underway, .failed(refusal), moves: [move])
        #expect(try trail() == ["suppression.put provider:sendgrid email invalid_address"])
        #expect(try OperatingReader(store.file).page(after: nil, limit: 9).allSatisfy { !"\($0)".contains("user0") })
    }

    // MARK: Suppressed since it was taken in

    @Test func `a delivery whose address is suppressed meanwhile does not begin`() throws {
        let new = store.message(to: 2, begun: nil)
        let kept = try store.keep(new)
        var parcel = try store.parcel(new, kept)
        parcel.attempts = 0
        let claimed = try store.commits.perform("claim") {
            try $0.claim(.init(.email, lane: 1), dueBy: $0.now, atMost: 10)
        }
        #expect(claimed.count == 1)
        var receipt = Receipt(id: "1", channel: .email, news: .complained, at: SystemTime().wallNow)
        receipt.address = "user1@example.com"
        receipt.suppression = .complaint
        try store.take(receipt)
        let begun = Begun(
            id: AttemptID(at: SystemTime().wallNow), provider: "ses", startedAt: SystemTime().wallNow, decision: "{}")
        let beginning = try store.commits.perform("begin") { [parcel] in try $0.begin(parcel, begun) }
        #expect(beginning.ordinals == [0])
        #expect(beginning.suppressed.map(\.suppressionCause) == [.complaint])
        #expect(try store.states(new.message.id) == [.sending, .suppressed])
        #expect(try store.imbalance == 0)
    }

    @Test func `nor does it go on to the next provider`() throws {
        let underway = try store.begin(to: 2)
        var receipt = Receipt(id: "1", channel: .email, news: .complained, at: SystemTime().wallNow)
        receipt.address = "user0@example.com"
        receipt.suppression = .complaint
        try store.take(receipt)
        let next = Begun(
            id: AttemptID(at: SystemTime().wallNow), provider: "ses", startedAt: SystemTime().wallNow, decision: "{}")
        let recorded = try store.end(underway, .failed(Failure(.unavailable, "down")), next: next)
        #expect(recorded.next == [1])
        #expect(recorded.moves.map(\.to) == [.suppressed])
        #expect(try store.states(underway.id) == [.suppressed, .sending])
        #expect(try store.imbalance == 0)
    }
}
