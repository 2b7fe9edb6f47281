import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct WaitingTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    private func claim(dueBy limit: Timestamp, lane: Int = 1, track: Int = 0) throws -> [ClaimedParcel] {
        try store.commits.perform("claim") {
            try $0.claim(.init(.email, lane: lane, track: track), dueBy: limit, atMost: 9)
        }
    }

    @Test func `what is let go is claimed again as far as it had come`() throws {
        let new = store.message(to: 2, begun: nil)
        var parcel = try store.parcel(new, store.keep(new))
        #expect(try claim(dueBy: new.dueAt).count == 1)
        #expect(try claim(dueBy: new.dueAt).isEmpty, "this run holds it")
        parcel.dueAt = new.dueAt + .seconds(5)
        parcel.round = 2
        parcel.tried = ["ses", "smtp"]
        parcel.track = 3
        let held = parcel
        try store.commits.perform("let go") { try $0.letGo(held) }
        #expect(try claim(dueBy: new.dueAt + .seconds(4), track: 3).isEmpty)
        #expect(try claim(dueBy: new.dueAt + .seconds(5)).isEmpty, "it is on another track now")
        let again = try #require(try claim(dueBy: new.dueAt + .seconds(5), track: 3).first)
        #expect(again.ordinals == [0, 1])
        #expect(again.round == 2 && again.tried == ["ses", "smtp"] && again.dueAt == held.dueAt)
        #expect(try store.imbalance == 0)
    }

    @Test func `what has ended is not brought back by letting go`() throws {
        let new = store.message(begun: nil)
        let parcel = try store.parcel(new, store.keep(new))
        _ = try store.commits.perform("end") { try $0.end(parcel, .expired, reason: "expired") }
        try store.commits.perform("let go") { try $0.letGo(parcel) }
        #expect(try store.states(new.message.id) == [.expired])
        #expect(try claim(dueBy: new.dueAt + .seconds(60)).isEmpty)
    }

    @Test func `what is postponed goes on after a restart in its next round, with nobody tried`() throws {
        let new = store.message(begun: nil)
        var parcel = try store.parcel(new, store.keep(new))
        _ = try claim(dueBy: new.dueAt)
        parcel.dueAt = new.dueAt + .seconds(5)
        parcel.round = 2
        parcel.tried = ["ses"]
        let postponed = parcel
        try store.commits.perform("postpone") { try $0.postpone(postponed, decision: #"{"round":1}"#) }
        #expect(try claim(dueBy: new.dueAt + .seconds(60)).isEmpty, "this run holds it still")
        #expect(try store.reader.decisions(of: new.message.id, client: nil) == ["{}", #"{"round":1}"#])
        try store.reopen()
        _ = try store.commits.perform("recover") { try $0.recover(under: .none) }
        #expect(try claim(dueBy: new.dueAt + .seconds(4)).isEmpty)
        let again = try #require(try claim(dueBy: new.dueAt + .seconds(5)).first)
        #expect(again.round == 2 && again.tried == [])
    }

    @Test func `the next due is the earliest that nobody holds, of its own lane`() throws {
        func next(_ lane: Int) throws -> Timestamp? {
            try store.commits.perform("next") { try $0.nextDue(.init(.email, lane: lane)) }
        }
        #expect(try next(1) == nil)
        let first = store.message(begun: nil, dueIn: .seconds(10))
        let second = store.message(begun: nil, dueIn: .seconds(20))
        let bulk = store.message(begun: nil, dueIn: .seconds(5), priority: .bulk)
        for new in [second, first, bulk, store.message()] { try store.keep(new) }
        #expect(try next(1) == first.dueAt)
        #expect(try next(2) == bulk.dueAt)
        #expect(try next(0) == nil)
        _ = try claim(dueBy: first.dueAt)
        #expect(try next(1) == second.dueAt)
    }

    @Test func `the oldest due counts what this run holds, and nothing that has ended`() throws {
        #expect(try store.reader.oldestDue(on: [.email], epoch: store.epoch).isEmpty)
        let ended = store.message(begun: nil, dueIn: .seconds(-90))
        let parcel = try store.parcel(ended, store.keep(ended))
        var older = store.message(begun: nil, dueIn: .seconds(-60), priority: .bulk)
        older.envelopes[0].track = 7
        let newer = store.message(begun: nil, dueIn: .seconds(-30))
        for new in [older, newer] { try store.keep(new) }
        #expect(try store.reader.oldestDue(on: [.email], epoch: store.epoch) == [.email: ended.dueAt])
        _ = try store.commits.perform("end") { try $0.end(parcel, .expired, reason: "expired") }
        #expect(try store.reader.oldestDue(on: [.email], epoch: store.epoch) == [.email: older.dueAt])
        #expect(try claim(dueBy: older.dueAt, lane: 2, track: 7).count == 1)
        #expect(try store.reader.oldestDue(on: [.email], epoch: store.epoch) == [.email: older.dueAt])
        #expect(try store.reader.oldestDue(on: [.email], epoch: store.epoch + 1) == [.email: newer.dueAt])
    }

    @Test func `decisions are told in their order, to their own client alone`() throws {
        var new = store.message(begun: nil)
        new.envelopes[0].isHeld = true
        let parcel = try store.parcel(new, store.keep(new))
        let begun = Begun(
            id: AttemptID(at: new.dueAt), provider: "ses", startedAt: SystemTime().wallNow + .seconds(1),
            decision: #"{"took":"ses"}"#)
        #expect(try store.commits.perform("begin") { try $0.begin(parcel, begun) }.ordinals == [0])
        let id = new.message.id
        #expect(try store.reader.decisions(of: id, client: "shop") == ["{}", #"{"took":"ses"}"#])
        #expect(try store.reader.decisions(of: id, client: "other") == nil)
        #expect(try store.reader.decisions(of: MessageID(at: new.dueAt), client: nil) == nil)
    }
}
