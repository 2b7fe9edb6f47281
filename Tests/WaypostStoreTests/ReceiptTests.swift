import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct ReceiptTests {
    let store: StoreFixture

    init() throws { store = try StoreFixture() }

    @Test func `a receipt moves the delivery, the feed and the books in one change`() throws {
        let sent = try store.sent()
        let taken = try store.take(sent.receipt(.delivered))
        #expect(taken.accepted == 1)
        #expect(taken.entered == [.init(state: .delivered, channel: .email, type: .transactional): 1])
        #expect(taken.messages == [sent.id])
        #expect(try store.states(sent.id) == [.delivered])
        #expect(try store.events(sent.id) == [.sent, .delivered])
        #expect(try store.imbalance == 0)
    }

    @Test func `the same event again, by its name or its other name, changes nothing`() throws {
        let sent = try store.sent()
        var first = sent.receipt(.opened, id: "ev-1")
        first.alias = "hash-1"
        var renamed = sent.receipt(.opened, id: "ev-2")
        renamed.alias = "hash-1"
        let taken = try store.take(first, first, renamed, sent.receipt(.opened, id: "ev-2"))
        #expect((taken.accepted, taken.duplicates, taken.unknown) == (1, 3, 0))
        #expect(try store.events(sent.id) == [.sent, .opened])
    }

    @Test func `the same name of another provider is another event`() throws {
        let sent = try store.sent(through: "ses")
        #expect(try store.take(sent.receipt(.delivered, id: "1"), from: "sendgrid").unknown == 1)
        #expect(try store.take(sent.receipt(.delivered, id: "1"), from: "ses").accepted == 1)
        #expect(try store.states(sent.id) == [.delivered])
    }

    @Test func `a name is forgotten after a day, and not before`() throws {
        let sent = try store.sent()
        let receipt = sent.receipt(.opened, id: "ev-1")
        try store.take(receipt)
        #expect(try store.commits.perform("forget") { try $0.forgetSeen(atMost: 100) } == 0)
        try store.commits.perform("age") { try $0.db.execute(sql: "UPDATE seen SET at = at - 86400000") }
        #expect(try store.take(receipt).accepted == 1)
        try store.commits.perform("age") { try $0.db.execute(sql: "UPDATE seen SET at = at - 86400000") }
        #expect(try store.commits.perform("forget") { try $0.forgetSeen(atMost: 100) } == 1)
        #expect(try store.number("SELECT count(*) FROM seen") == 0)
    }

    @Test func `another provider's attempt is none of its business`() throws {
        let sent = try store.sent(through: "ses")
        #expect(try store.take(sent.receipt(.delivered), from: "sendgrid").unknown == 1)
        #expect(try store.states(sent.id) == [.sent])
    }

    @Test(arguments: ["ref-1", "500", "1f4", "00000500"])
    func `a message is found by the provider's reference`(reference: String) throws {
        let sent = try store.sent(as: reference == "ref-1" ? reference : "500")
        var receipt = Receipt(id: "1", channel: .email, news: .delivered, at: SystemTime().wallNow)
        receipt.reference = reference
        #expect(try store.take(receipt).accepted == 1)
        #expect(try store.states(sent.id) == [.delivered])
    }

    @Test func `the message's id alone means its last attempt through that provider`() throws {
        let sent = try store.sent()
        var receipt = sent.receipt(.delivered)
        receipt.attempt = nil
        #expect(try store.take(receipt).accepted == 1)
        #expect(try store.states(sent.id) == [.delivered])
    }

    @Test func `an address names its delivery in any spelling; without one all of the envelope is meant`() throws {
        let sent = try store.sent(to: 3)
        try store.take(sent.receipt(.delivered, to: " User1@Example.COM "))
        #expect(try store.states(sent.id) == [.sent, .delivered, .sent])
        try store.take(sent.receipt(.delivered))
        #expect(try store.states(sent.id) == [.delivered, .delivered, .delivered])
        #expect(try store.imbalance == 0)
    }

    @Test func `a final failure ends it, and a later delivery does not bring it back`() throws {
        let sent = try store.sent()
        var bounce = sent.receipt(.bounced(Failure(.refusedRecipient, "no such user", code: "5.1.1")))
        bounce.address = "user0@example.com"
        bounce.suppression = .hardBounce
        try store.take(bounce)
        #expect(try store.states(sent.id) == [.undelivered])
        try store.take(sent.receipt(.delivered))
        #expect(try store.states(sent.id) == [.undelivered])
        #expect(try store.events(sent.id) == [.sent, .bounced, .delivered])
        // And nobody writes there any more.
        let next = store.message()
        try store.keep(next)
        #expect(try store.states(next.message.id) == [.suppressed])
        #expect(try store.imbalance == 0)
    }

    @Test func `a bounce after the delivery suppresses, and leaves the state`() throws {
        let sent = try store.sent()
        var bounce = sent.receipt(.bounced(Failure(.refusedRecipient, "no such user")))
        bounce.suppression = .hardBounce
        try store.take(sent.receipt(.delivered), bounce)
        #expect(try store.states(sent.id) == [.delivered])
        #expect(try store.events(sent.id) == [.sent, .delivered, .bounced])
        #expect(try store.number("SELECT count(*) FROM suppressed WHERE reason = 'hard_bounce'") == 1)
    }

    @Test func `what another provider may do goes back into the route, its provider having had its turn`() throws {
        let sent = try store.sent()
        let taken = try store.take(sent.receipt(.failed(Failure(.unavailable, "queue full"))))
        #expect(taken.requeued == [.init(.email, lane: 1)])
        #expect(taken.health == [.init(provider: "sendgrid", channel: .email, effect: .failure)])
        #expect(try store.states(sent.id) == [.queued])
        let claimed = try store.commits.perform("claim") {
            try $0.claim(.init(.email, lane: 1), dueBy: $0.now, atMost: 10)
        }
        #expect(claimed.map(\.tried) == [["sendgrid"]])
        #expect(claimed.map(\.attempts) == [1])
        #expect(try store.events(sent.id) == [.sent, .undelivered])
        #expect(try store.imbalance == 0)
    }

    @Test func `past its time to live it does not`() throws {
        let sent = try store.sent()
        try store.commits.perform("age") { try $0.db.execute(sql: "UPDATE message SET expires_at = 1") }
        try store.take(sent.receipt(.failed(Failure(.unavailable, "queue full"))))
        #expect(try store.states(sent.id) == [.undelivered])
    }

    @Test func `a late word of the attempt that failed does not take the delivery out of the route`() throws {
        let sent = try store.sent()
        try store.take(sent.receipt(.failed(Failure(.unavailable, "queue full"))), sent.receipt(.taken))
        #expect(try store.states(sent.id) == [.queued])
        #expect(try store.events(sent.id) == [.sent, .undelivered])
    }

    @Test func `a failure of an attempt that is not the last moves nothing`() throws {
        let first = try store.begin()
        let next = Begun(
            id: AttemptID(at: SystemTime().wallNow), provider: "ses", startedAt: SystemTime().wallNow, decision: "{}")
        #expect(try store.end(first, .failed(Failure(.ambiguous, "timeout")), next: next).next == [0])
        try store.take(first.receipt(.failed(Failure(.refusedRecipient, "no"))))
        #expect(try store.states(first.id) == [.sending])
    }

    @Test func `a delivery by the attempt in doubt stops the one that follows from going on`() throws {
        let first = try store.begin()
        let next = Begun(
            id: AttemptID(at: SystemTime().wallNow), provider: "ses", startedAt: SystemTime().wallNow, decision: "{}")
        try store.end(first, .failed(Failure(.ambiguous, "timeout")), next: next)
        try store.take(first.receipt(.delivered))
        #expect(try store.states(first.id) == [.delivered])
        var second = first
        second.begun = next
        second.parcel.attempts = 2
        let third = Begun(
            id: AttemptID(at: SystemTime().wallNow), provider: "sendgrid", startedAt: SystemTime().wallNow,
            decision: "{}")
        let recorded = try store.end(second, .failed(Failure(.unavailable, "down")), next: third)
        #expect(recorded.next.isEmpty && recorded.moves.isEmpty)
        #expect(try store.states(first.id) == [.delivered])
        #expect(try store.number("SELECT count(*) FROM attempt") == 2)
        #expect(try store.imbalance == 0)
    }

    @Test func `an operator's doubt is settled by a receipt`() throws {
        let underway = try store.begin()
        try store.end(underway, .failed(Failure(.ambiguous, "timeout")))
        #expect(try store.states(underway.id) == [.inDoubt])
        try store.take(underway.receipt(.taken))
        #expect(try store.states(underway.id) == [.sent])
        #expect(try store.imbalance == 0)
    }

    @Test func `an event tells the code, the attempt, the facts and when it was`() throws {
        let sent = try store.sent()
        var receipt = sent.receipt(.clicked)
        receipt.facts = [.init(key: "url", value: "https://example.com"), .init(key: "code", value: "not this")]
        receipt.code = "7"
        receipt.at = Timestamp(milliseconds: 1_790_000_000_000)
        try store.take(receipt)
        let event = try #require(try store.reader.message(sent.id, client: nil)?.events.last)
        let data = String(decoding: try #require(event.data), as: UTF8.self)
        #expect(
            data == """
                {"delivery":0,"attempt_id":"\(sent.begun.id)","code":"7","occurred_at":"\(receipt.at)","url":"https://example.com"}
                """)
    }

    @Test func `a chunk of thousands is one change with one name each`() throws {
        let sent = try store.sent()
        let receipts = (0..<3000).map { sent.receipt(.opened, id: "\($0 % 1500)") }
        let taken = try store.commits.perform("receipt") {
            try $0.take(receipts, from: "sendgrid", under: StoreFixture.reporting)
        }
        #expect((taken.accepted, taken.duplicates) == (1500, 1500))
    }
}
