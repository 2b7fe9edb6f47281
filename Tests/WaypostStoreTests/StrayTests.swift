import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct StrayTests {
    let store: StoreFixture

    init() throws { store = try StoreFixture() }

    private var strays: Int { get throws { try store.number("SELECT count(*) FROM stray") } }

    @Test func `a receipt that overtakes the answer is joined to it`() throws {
        let underway = try store.begin()
        let taken = try store.take(underway.receipt(.delivered))
        #expect((taken.accepted, taken.unknown) == (1, 0))
        #expect(try store.states(underway.id) == [.sending])
        let recorded = try store.end(underway, .accepted(reference: "ref"))
        #expect(recorded.receipts.entered.keys.map(\.state) == [.delivered])
        #expect(try store.states(underway.id) == [.delivered])
        #expect(try store.events(underway.id) == [.sent, .delivered])
        #expect(try strays == 0)
        #expect(try store.imbalance == 0)
    }

    @Test func `what the provider told proves an answer in doubt wrong, and nothing follows`() throws {
        let underway = try store.begin()
        var receipt = underway.receipt(.taken)
        receipt.reference = "ref-9"
        try store.take(receipt)
        let next = Begun(
            id: AttemptID(at: SystemTime().wallNow), provider: "ses", startedAt: SystemTime().wallNow, decision: "{}")
        let recorded = try store.end(underway, .failed(Failure(.ambiguous, "timeout")), next: next)
        #expect(recorded.isProven)
        #expect(recorded.next.isEmpty)
        #expect(recorded.moves.map(\.to) == [.sent])
        #expect(try store.states(underway.id) == [.sent])
        #expect(try store.number("SELECT count(*) FROM attempt") == 1)
        // By that reference it is known from now on.
        var later = Receipt(id: "later", channel: .email, news: .delivered, at: SystemTime().wallNow)
        later.reference = "ref-9"
        #expect(try store.take(later).accepted == 1)
        #expect(try store.states(underway.id) == [.delivered])
    }

    @Test func `one that names a reference nobody knows is joined when an attempt gets it`() throws {
        var receipt = Receipt(id: "1", channel: .email, news: .delivered, at: SystemTime().wallNow)
        receipt.reference = "500"
        #expect(try store.take(receipt).unknown == 1)
        let other = try store.sent(as: "501")
        #expect(try store.states(other.id) == [.sent])
        let sent = try store.sent(as: "1f4")
        #expect(try store.states(sent.id) == [.delivered])
        #expect(try strays == 0)
    }

    @Test func `in a bundle each receipt finds its own message by the address`() throws {
        var receipt = Receipt(id: "1", channel: .email, news: .delivered, at: SystemTime().wallNow)
        receipt.reference = "shared"
        receipt.address = "user1@example.com"
        #expect(try store.take(receipt).unknown == 1)
        // The first message of the request went to another address.
        let first = try store.begin()
        try store.end(first, .accepted(reference: "shared"))
        #expect(try store.states(first.id) == [.sent])
        #expect(try strays == 1)
        let second = try store.sent(to: 2, as: "shared")
        #expect(try store.states(first.id) == [.sent])
        #expect(try store.states(second.id) == [.sent, .delivered])
        #expect(try strays == 0)
    }

    @Test func `one that names a message nobody knows is joined when it turns up`() throws {
        var new = store.message(begun: "sendgrid")
        new.encoded = [0] + new.message.encoded()
        var receipt = Receipt(id: "1", channel: .email, news: .delivered, at: SystemTime().wallNow)
        receipt.message = new.message.id
        #expect(try store.take(receipt).unknown == 1)
        let parcel = try store.parcel(new, store.keep(new))
        let underway = Underway(new: new, parcel: parcel, begun: try #require(new.envelopes[0].begun))
        try store.end(underway, .accepted(reference: nil))
        #expect(try store.states(underway.id) == [.delivered])
    }

    @Test func `a restart takes up what the provider told meanwhile`() throws {
        let underway = try store.begin()
        try store.take(underway.receipt(.delivered))
        let other = try store.begin()
        try store.reopen()
        let recovered = try store.commits.perform("recover") { try $0.recover(under: StoreFixture.reporting) }
        #expect(recovered.inDoubt.map(\.message) == [other.id])
        #expect(try store.states(underway.id) == [.delivered])
        #expect(try store.states(other.id) == [.inDoubt])
        #expect(try store.imbalance == 0)
    }

    @Test func `the oldest go when there are too many, and all after a day`() throws {
        var receipt = Receipt(id: "0", channel: .email, news: .delivered, at: SystemTime().wallNow)
        receipt.reference = "nobody"
        try store.take(receipt)
        try store.commits.perform("flood") { [now = SystemTime().wallNow] session in
            try session.db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(WriteSession.maxStrays))
                    INSERT INTO stray (provider, body, at) SELECT 'x', x'00', \(now.milliseconds) FROM n
                    """)
            session.strays += WriteSession.maxStrays
        }
        receipt.id = "1"
        try store.take(receipt)
        #expect(try strays <= WriteSession.maxStrays)
        #expect(try store.number("SELECT count(*) FROM stray WHERE reference_key IS NOT NULL") == 1)
        try store.commits.perform("age") { try $0.db.execute(sql: "UPDATE stray SET at = at - 86400000") }
        _ = try store.commits.perform("forget") { try $0.forgetSeen(atMost: 200_000) }
        #expect(try strays == 0)
    }
}
