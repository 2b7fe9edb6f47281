import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct ReconciliationTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    /// A message whose only attempt is in doubt, and is due to be asked about.
    private func doubtful(_ provider: ProviderName = "sendgrid", to count: Int = 1) throws -> NewMessage {
        let new = store.message(to: count, begun: provider)
        let parcel = try store.parcel(new, store.keep(new))
        var attempt = store.attempt(.failed(Failure(.ambiguous, "why")))
        attempt.provider = provider
        attempt.id = try #require(new.envelopes[0].begun?.id)
        let conclusion = Conclusion(
            parcel: parcel, attempt: attempt, moves: [], round: 2, tried: ["ses", provider], dueAt: parcel.dueAt,
            next: nil, decision: nil,
            doubt: .init(ordinals: Array(0..<count), dueAt: parcel.dueAt, reason: "asking \(provider)"))
        _ = try store.commits.perform("record") { try $0.record(conclusion) }
        return new
    }

    private func take(_ count: Int = 9, perProvider: Int = 9, busy: [ProviderName: Int] = [:]) throws
        -> DueReconciliations
    {
        try store.commits.perform("take") {
            try $0.takeReconciliations(atMost: count, lease: .seconds(60), perProvider: perProvider, busy: busy)
        }
    }

    private func end(_ item: Reconciliation, _ end: ReconciliationEnd) throws -> Int {
        try store.commits.perform("end") {
            try $0.end(item, end, reason: "because", of: MessageID(at: $0.now), on: .email).count
        }
    }

    private func check(_ new: NewMessage, _ states: [DeliveryState]) throws {
        #expect(try store.states(new.message.id) == states)
        #expect(try store.imbalance == 0)
        #expect(try Inspection.of(path: store.path).findings == [])
    }

    @Test func `an attempt in doubt keeps its deliveries sending, and says why`() throws {
        let new = try doubtful(to: 2)
        try check(new, [.sending, .sending])
        let record = try #require(try store.reader.message(new.message.id, client: nil))
        #expect(record.statusReason == "asking sendgrid")
        #expect(record.attempts.map(\.ending?.outcome) == ["ambiguous"])
        let due = try take()
        let item = try #require(due.items.first)
        #expect(due.items.count == 1 && item.ordinals == [0, 1] && item.attempt == new.envelopes[0].begun?.id)
        // It is out for a minute, and due again after that.
        #expect(try take().items.isEmpty)
        let next = try #require(due.nextDue)
        #expect(next - SystemTime().wallNow > .seconds(50))
    }

    @Test(arguments: [
        (ReconciliationEnd.sent(reference: "r1", cost: Cost(micros: 5, currency: "USD")), DeliveryState.sent),
        (.inDoubt, .inDoubt), (.onward, .queued),
    ])
    func `what is found out ends the doubt once`(end: ReconciliationEnd, state: DeliveryState) throws {
        let new = try doubtful()
        let item = try #require(try take().items.first)
        #expect(try self.end(item, end) == 1)
        try check(new, [state])
        let record = try #require(try store.reader.message(new.message.id, client: nil))
        #expect(record.statusReason == "because")
        #expect(record.events.map(\.type) == (EventType(entering: state).map { [$0] } ?? []))
        #expect(try self.end(item, .inDoubt) == 0)
        try check(new, [state])
        #expect(try store.commits.perform("next") { try $0.nextReconciliation() } == nil)
        if case .sent = end {
            #expect(record.providerMessageID == "r1" && record.cost == Cost(micros: 5, currency: "USD"))
        }
        if case .onward = end {
            let now = SystemTime().wallNow
            let claimed = try store.commits.perform("claim") {
                try $0.claim(.init(.email, lane: 1), dueBy: now, atMost: 9)
            }
            let parcel = try #require(claimed.first)
            #expect(parcel.tried == ["ses", "sendgrid"] && parcel.round == 2 && parcel.attempts == 1)
        }
    }

    @Test func `the looks so far are kept`() throws {
        _ = try doubtful()
        var item = try #require(try take().items.first)
        item.emptyLooks = 1
        item.firstEmptyAt = item.endedAt
        let kept = item
        try store.commits.perform("again") { try $0.lookAgain(kept, at: kept.startedAt) }
        let again = try #require(try take().items.first)
        #expect(again.emptyLooks == 1 && again.firstEmptyAt == item.endedAt)
    }

    @Test func `an id that another attempt got is not this one's`() throws {
        let first = store.message()
        let parcel = try store.parcel(first, store.keep(first))
        let conclusion = Conclusion(
            parcel: parcel, attempt: store.attempt(.accepted(reference: "r1")),
            moves: [Move(ordinal: 0, to: .sent, reason: nil)], round: 1, tried: [], dueAt: parcel.dueAt, next: nil,
            decision: nil)
        _ = try store.commits.perform("record") { try $0.record(conclusion) }
        _ = try doubtful()
        _ = try doubtful()
        let items = try take().items
        #expect(items.count == 2)
        func unowned(_ item: Reconciliation) throws -> [String] {
            try store.commits.perform("unowned") { try $0.unowned(["r1", "r2"], by: item) }
        }
        #expect(try unowned(items[0]) == ["r2"])
        #expect(try end(items[0], .sent(reference: "r2", cost: nil)) == 1)
        #expect(try unowned(items[0]) == ["r2"], "its own id is its own")
        #expect(try unowned(items[1]) == [])
    }

    @Test func `what a report has moved on meanwhile is forgotten, and told of`() throws {
        let new = try doubtful()
        let item = try #require(try take().items.first)
        try store.file.pool.write {
            try $0.execute(sql: "UPDATE delivery SET state = 4")
            try $0.execute(sql: "UPDATE reconciliation SET due_at = 0")
        }
        #expect(try end(item, .onward) == 0)
        #expect(try store.states(new.message.id) == [.delivered])
        let due = try take()
        #expect(due.items.isEmpty && due.reported == ["sendgrid"] && due.nextDue == nil)
    }

    @Test func `a later attempt is not taken for the one in doubt`() throws {
        let new = try doubtful()
        let item = try #require(try take().items.first)
        #expect(try end(item, .onward) == 1)
        let now = SystemTime().wallNow
        let waiting = Parcel(
            seq: item.seq, envelope: 0, message: new.message, deliveries: new.envelopes[0].deliveries, dueAt: now,
            attempts: 1)
        let begun = Begun(id: AttemptID(at: now), provider: "ses", startedAt: now, decision: "{}")
        let claimed = try store.commits.perform("claim") {
            try $0.claim(.init(.email, lane: 1), dueBy: now + .seconds(1), atMost: 9)
        }
        #expect(claimed.map(\.seq) == [item.seq])
        #expect(try store.commits.perform("begin") { try $0.begin(waiting, begun) }.ordinals == [0])
        #expect(try end(item, .sent(reference: "r", cost: nil)) == 0)
        try check(new, [.sending])
    }

    @Test func `one provider's doubts do not fill all places`() throws {
        for _ in 0..<3 { _ = try doubtful("ses") }
        _ = try doubtful("sendgrid")
        let due = try take(perProvider: 2, busy: ["ses": 1])
        #expect(due.items.map(\.provider) == ["ses", "sendgrid"])
        #expect(try take().items.isEmpty)
    }

    @Test func `a message that is removed leaves nothing behind`() throws {
        let new = try doubtful()
        let item = try #require(try take().items.first)
        try store.commits.perform("remove") { try $0.remove(item.seq) }
        #expect(try store.reader.message(new.message.id, client: nil) == nil)
        #expect(try store.commits.perform("next") { try $0.nextReconciliation() } == nil)
        #expect(try Inspection.of(path: store.path).findings == [])
    }
}
