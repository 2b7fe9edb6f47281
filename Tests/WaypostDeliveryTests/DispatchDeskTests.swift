import Testing
import WaypostCore
import WaypostPolicy
import WaypostStore

@testable import WaypostDelivery

@Suite struct DispatchDeskTests {
    let start = ContinuousClock.now
    let wall = Timestamp(milliseconds: 1_000_000)
    private let key = Lanes.Key(channel: .email, rule: -1, tried: [], ability: 0)

    private func waiting(_ seq: Int64, in span: Duration = .zero, lives: Duration = .seconds(60)) -> Parcel {
        var parcel = parcel(email(at: wall, lives: lives), seq: seq)
        parcel.dueAt = wall + span
        return parcel
    }

    @Test func `those put aside come back when they are due, the earliest first`() {
        var desk = DispatchDesk(at: wall)
        for (seq, span) in [(1, 3), (2, 1), (3, 2)] as [(Int64, Int)] {
            desk.postpone(waiting(seq, in: .seconds(span)))
        }
        let early = desk.takeRipe(at: wall)
        #expect(early == nil)
        var taken: [Int64] = []
        while let parcel = desk.takeRipe(at: wall + .seconds(2)) { taken.append(parcel.seq) }
        #expect(taken == [2, 3])
    }

    @Test func `the wait ends with whatever comes first, and never lasts longer than a second`() {
        var desk = DispatchDesk(at: wall)
        func patience(nextSpill: Timestamp? = nil) -> Duration { desk.patience(at: start, wall, nextSpill: nextSpill) }
        #expect(patience() == .seconds(1))
        desk.postpone(waiting(1, in: .milliseconds(700)))
        #expect(patience() == .milliseconds(700))
        #expect(patience(nextSpill: wall + .milliseconds(600)) == .milliseconds(600))
        // Due already: it waits for room, of which somebody tells.
        #expect(patience(nextSpill: wall) == .milliseconds(700))
        desk.wake = start + .milliseconds(500)
        #expect(patience() == .milliseconds(500))
        desk.wake = start - .seconds(1)
        #expect(patience() == .milliseconds(1))
    }

    @Test func `rows that have ended are let go of wherever they wait`() {
        var desk = DispatchDesk(at: wall)
        for seq in 1...3 as ClosedRange<Int64> { desk.lanes.append(waiting(seq), key: key) }
        for seq in 4...6 as ClosedRange<Int64> { desk.postpone(waiting(seq, in: .seconds(seq == 4 ? 1 : 2))) }
        let dropped = desk.drop([waiting(2).key, waiting(5).key, waiting(9).key])
        #expect(dropped.map(\.seq) == [2, 5])
        var left: [Int64] = []
        while let parcel = desk.takeRipe(at: wall + .seconds(2)) { left.append(parcel.seq) }
        #expect(left == [4, 6])
        _ = desk.lanes.drain(at: start) {
            left.append($0.seq)
            return .done
        }
        #expect(left == [4, 6, 1, 3])
    }

    @Test func `what has lived too long is swept once a second`() {
        var desk = DispatchDesk(at: wall)
        desk.lanes.append(waiting(1, lives: .milliseconds(500)), key: key)
        desk.lanes.append(waiting(2), key: key)
        let early = desk.sweep(at: wall + .milliseconds(900))
        #expect(early.isEmpty)
        let first = desk.sweep(at: wall + .seconds(1))
        #expect(first.map(\.seq) == [1])
        let second = desk.sweep(at: wall + .seconds(61))
        #expect(second.map(\.seq) == [2])
        // A clock that was set back does not stop it.
        desk.lanes.append(waiting(3, lives: .zero), key: key)
        let third = desk.sweep(at: wall + .seconds(5))
        #expect(third.map(\.seq) == [3])
    }
}
