import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct OperationsTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    /// A message whose deliveries have ended in these states.
    private func ended(_ states: [DeliveryState]) throws -> MessageID {
        let new = store.message(to: states.count)
        let parcel = try store.parcel(new, store.keep(new))
        let moves = states.enumerated().map { Move(ordinal: $0, to: $1, reason: "as told") }
        let conclusion = Conclusion(
            parcel: parcel, attempt: store.attempt(.failed(Failure(.unavailable, "refused"))), moves: moves, round: 4,
            tried: ["sendgrid"], dueAt: parcel.dueAt, next: nil, decision: nil)
        _ = try store.commits.perform("record") { try $0.record(conclusion) }
        return new.message.id
    }

    @Test func `a replay moves the dead deliveries alone, back to a first round`() throws {
        let id = try ended([.sent, .dead])
        #expect(try store.commits.perform("replay") { try $0.replay([id]) }.deliveries == 1)
        #expect(try store.states(id) == [.sent, .queued])
        let now = SystemTime().wallNow
        let claimed = try store.commits.perform("claim") { try $0.claim(.init(.email, lane: 1), dueBy: now, atMost: 9) }
        #expect(claimed.map(\.ordinals) == [[1]])
        #expect(claimed.first?.round == 1)
        #expect(claimed.first?.tried == [])
        #expect(try store.imbalance == 0)
    }

    @Test(arguments: [
        (WriteSession.Resolution.sent, DeliveryState.sent), (.failed, .failed), (.resend, .queued),
    ])
    func `an operator's word resolves what is in doubt`(word: WriteSession.Resolution, state: DeliveryState) throws {
        let id = try ended([.inDoubt, .dead])
        #expect(
            try store.commits.perform("resolve") { try $0.resolve([id], as: word, reason: "asked them") }.deliveries
                == 1)
        #expect(try store.states(id) == [state, .dead])
        #expect(try store.imbalance == 0)
    }

    @Test(arguments: [
        ([DeliveryState.dead, .inDoubt], [DeliveryState.failed, .failed]), ([.sent, .dead], [.sent, .failed]),
        ([.inDoubt, .failed, .sent], [.failed, .failed, .sent]),
    ])
    func `a purge ends what is dead or in doubt, leaves the rest, and the message can still be read`(
        before: [DeliveryState], after: [DeliveryState]
    ) throws {
        let id = try ended(before)
        let count = before.count { $0 == .dead || $0 == .inDoubt }
        #expect(try store.reader.deadLetters(MessageFilter(), after: nil, limit: 9).map(\.message.id) == [id])
        #expect(try store.commits.perform("purge") { try $0.purge([id], reason: "of no use") }.deliveries == count)
        #expect(try store.reader.deadLetters(MessageFilter(), after: nil, limit: 9).isEmpty)
        let record = try #require(try store.reader.message(id, client: nil))
        #expect(record.deliveries.map(\.state) == after)
        for (delivery, state) in zip(record.deliveries, before) {
            #expect(delivery.reason == (state == .dead || state == .inDoubt ? "purged: of no use" : "as told"))
        }
        #expect(try store.commits.perform("again") { try $0.purge([id], reason: "again") }.deliveries == 0)
        let books = try store.reader.books().running
        #expect(books[.email, .dead] == Ledger.Entry() && books[.email, .inDoubt] == Ledger.Entry())
        #expect(try store.imbalance == 0)
        #expect(try Inspection.of(path: store.path).findings == [])
    }

    @Test func `a replay brings back nothing that was purged`() throws {
        let id = try ended([.dead])
        _ = try store.commits.perform("purge") { try $0.purge([id], reason: "of no use") }
        #expect(try store.commits.perform("replay") { try $0.replay([id]) }.deliveries == 0)
        #expect(try store.states(id) == [.failed])
    }

    @Test func `nobody cancels another client's message`() throws {
        let new = store.message(begun: nil)
        try store.keep(new)
        let id = new.message.id
        #expect(try store.commits.perform("cancel") { try $0.cancel(id, client: "other", reason: "") } == .notFound)
        #expect(try store.states(id) == [.queued])
    }

    @Test func `what waits can end without an attempt, once`() throws {
        let new = store.message(begun: nil)
        let parcel = try store.parcel(new, store.keep(new))
        let made = try store.commits.perform("end") { try $0.end(parcel, .expired, reason: "expired") }
        #expect(made == [Move(ordinal: 0, to: .expired, reason: "expired")])
        #expect(try store.commits.perform("end") { try $0.end(parcel, .dead, reason: "again") }.isEmpty)
        #expect(try store.states(new.message.id) == [.expired])
        #expect(try store.imbalance == 0)
    }

    @Test func `an override takes the place of its like and survives a restart`() throws {
        let now = SystemTime().wallNow
        let earlier = Override(
            id: OverrideID(at: now), kind: .breakerHeld, target: "ses", channel: .email, state: "open", reason: "slow",
            by: "local", createdAt: now, expiresAt: nil)
        var later = earlier
        later.id = OverrideID(at: now)
        later.state = "closed"
        let newest = later
        try store.commits.perform("put") { try $0.put(earlier) }
        try store.commits.perform("put") { try $0.put(newest) }
        try store.reopen()
        #expect(try store.commits.perform("read") { try $0.overrides() } == [newest])
        #expect(try store.commits.perform("lift") { try $0.lift(newest.id) })
        #expect(try store.commits.perform("lift") { try $0.lift(newest.id) } == false)
    }
}
