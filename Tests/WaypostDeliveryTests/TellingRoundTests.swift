import Testing
import WaypostCore
import WaypostStore
import WaypostTesting

@testable import WaypostDelivery

@Suite struct TellingRoundTests {
    private let now = Timestamp(milliseconds: 1_736_942_400_000)

    private func event(_ seq: Int64, of message: Int64, tries: Int = 0, isRetold: Bool = false) -> EventToTell {
        var event = EventToTell(
            EventRecord(seq: seq, message: nil, type: .sent, at: now), message: message, channel: .email)
        event.tries = tries
        event.isRetold = isRetold
        return event
    }

    private func settle(
        _ round: TellingRound, failingSince: Timestamp? = nil, gone: Bool = false
    ) -> TellingRound.Settlement {
        var random = SeededRandom(seed: 1)
        return round.settlement(of: "shop", failingSince: failingSince, gone: gone, at: now, random: &random)
    }

    private let failure = TellingResult.failed("answered 500", restUntil: nil)

    @Test func `events of one message go one after another, others beside them`() {
        var round = TellingRound(
            [event(1, of: 7), event(2, of: 7), event(3, of: 8), event(4, of: 0), event(5, of: 0)], upTo: 5)
        #expect([round.next(), round.next(), round.next(), round.next(), round.next()] == [0, 2, 3, 4, nil])
        round.end(2, .told)
        #expect(round.next() == nil)
        round.end(0, .told)
        #expect(round.next() == 1)
        #expect(!round.isOver)
        for place in [1, 3, 4] { round.end(place, .told) }
        #expect(round.isOver)
        let settlement = settle(round)
        #expect(settlement.told == ToldRound(endpoint: "shop", cursor: 5) && settlement.waiting == 0)
    }

    @Test func `what failed is kept, and its message's later events wait behind it untried`() {
        var round = TellingRound([event(1, of: 7), event(2, of: 7), event(3, of: 8)], upTo: 3)
        _ = round.next()
        round.end(0, failure)
        #expect(round.next() == 2)
        round.end(2, .told)
        #expect(round.isOver)
        let settlement = settle(round, failingSince: now)
        #expect(settlement.waiting == 2)
        #expect(settlement.told.kept.map(\.event) == [1, 2])
        #expect(settlement.told.kept.map(\.tries) == [1, 0])
        #expect(settlement.told.kept[1].dueAt == nil)
        let wait = settlement.told.kept[0].dueAt.map { $0 - now } ?? .zero
        #expect(wait >= .milliseconds(4500) && wait <= .milliseconds(5500))
    }

    @Test func `an event behind one that waits in the store is not tried`() {
        var blocked = event(2, of: 7)
        blocked.isBlocked = true
        var round = TellingRound([event(1, of: 7, tries: 1, isRetold: true), blocked], upTo: 2)
        #expect([round.next(), round.next()] == [0, nil])
        round.end(0, .told)
        #expect(round.isOver)
        let settlement = settle(round)
        #expect(settlement.told.done == [1] && settlement.told.kept.map(\.event) == [2])
        #expect(settlement.told.kept[0].dueAt == nil && settlement.waiting == 0)
    }

    @Test func `an event is given up after its eighth try, and the endpoint goes on where others were taken`() {
        var round = TellingRound([event(1, of: 7, tries: 7, isRetold: true)], upTo: 1)
        _ = round.next()
        round.end(0, failure)
        let settlement = settle(round, failingSince: now - .seconds(3600))
        #expect(settlement.givenUp.map(\.event.seq) == [1])
        #expect(settlement.told.done == [1] && settlement.told.kept == [] && settlement.told.disabling == nil)
        #expect(settlement.waiting == -1)
    }

    @Test func `where nothing was taken for as long, the endpoint is disabled and the event kept`() {
        var round = TellingRound([event(1, of: 7, tries: 7, isRetold: true)], upTo: 1)
        _ = round.next()
        round.end(0, failure)
        let settlement = settle(round, failingSince: now - .seconds(27 * 3600))
        #expect(settlement.givenUp.isEmpty && settlement.waiting == 0)
        #expect(settlement.told.kept.map(\.event) == [1] && settlement.told.done == [])
        #expect(settlement.told.disabling == "it has taken nothing since 2025-01-14T09:00:00.000Z")
    }

    @Test func `410 ends it at once, and nothing is lost`() {
        var round = TellingRound([event(1, of: 0), event(2, of: 7), event(3, of: 7)], upTo: 3)
        _ = round.next()
        round.end(0, .gone)
        #expect(round.next() == nil && round.isOver)
        let settlement = settle(round, failingSince: now, gone: true)
        #expect(settlement.told.disabling == "it answered 410")
        #expect(settlement.told.kept.map(\.event) == [1, 2, 3])
        #expect(settlement.told.kept.map { $0.dueAt == nil } == [false, false, true])
    }

    @Test func `an endpoint that asks for rest gets it, and the tries are not counted`() {
        let later = now + .seconds(90)
        var round = TellingRound([event(1, of: 0), event(2, of: 0)], upTo: 2)
        _ = round.next()
        round.end(0, .failed("answered 429", restUntil: later))
        #expect(round.isOver && round.restUntil == later)
        let kept = settle(round, failingSince: now).told.kept
        #expect(kept.map(\.dueAt) == [later, later])
        #expect(kept.map(\.tries) == [1, 0])
    }

    @Test func `a round that is cut off keeps what has no answer`() {
        var round = TellingRound([event(1, of: 0), event(2, of: 0, tries: 3, isRetold: true)], upTo: 2)
        _ = round.next()
        _ = round.next()
        round.halt()
        let settlement = settle(round)
        #expect(settlement.told.kept.map(\.tries) == [0, 3] && settlement.waiting == 1)
        #expect(settlement.told.kept.map(\.dueAt) == [now, now])
    }
}
