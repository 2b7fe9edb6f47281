import Testing
import WaypostCore

@testable import WaypostPolicy

@Suite struct ReconcileScheduleTests {
    private static let end = Timestamp(milliseconds: 1_000_000)
    private let schedule = ReconcileSchedule()

    /// Seconds after the attempt's end at which it is looked, from the first look to the one that settles it.
    private func looks(from first: Int64, late: Int64 = 0) -> [Int64] {
        var looks = ReconcileSchedule.Looks(endedAt: Self.end)
        var now = Self.end + .seconds(first)
        var seconds: [Int64] = []
        while seconds.count < 20 {
            seconds.append((now - Self.end).components.seconds)
            switch schedule.step(afterNothing: &looks, at: now) {
            case .look(let at): now = at + .seconds(late)
            case .absent: return seconds
            case .giveUp: return []
            }
        }
        return seconds
    }

    @Test(
        arguments: [
            // first look, each later than planned by, all looks
            (2, 0, [2, 6, 18, 54, 60]), (0, 0, [0, 2, 6, 18, 54, 60]), (2, 3, [2, 9, 30, 63]),
            // A router that comes back late still looks twice, half a minute apart.
            (50, 0, [50, 80]), (60, 0, [60, 90]), (7_200, 0, [7_200, 7_230]),
        ] as [(Int64, Int64, [Int64])])
    func `nothing is settled by two empty looks half a minute apart, the last a minute after the attempt`(
        first: Int64, late: Int64, seconds: [Int64]
    ) {
        let all = looks(from: first, late: late)
        #expect(all == seconds)
        #expect(all.count >= 2 && all[all.count - 1] >= 60 && all[all.count - 1] - all[0] >= 30)
    }

    @Test func `a provider that cannot be asked is asked again, seldomer, for five minutes`() {
        let looks = ReconcileSchedule.Looks(endedAt: Self.end)
        var now = Self.end + .seconds(2)
        var seconds: [Int64] = []
        while case .look(let at) = schedule.step(afterSilence: looks, since: Self.end, at: now) {
            seconds.append((at - Self.end).components.seconds)
            now = at
        }
        #expect(seconds.prefix(6) == [4, 8, 16, 32, 62, 92])
        #expect(seconds.last == 300)
    }

    @Test func `a run that begins later has five minutes of its own`() {
        let looks = ReconcileSchedule.Looks(endedAt: Self.end)
        let start = Self.end + .seconds(3_600)
        #expect(schedule.step(afterSilence: looks, since: start, at: start) == .look(at: start + .seconds(2)))
        #expect(schedule.step(afterSilence: looks, since: start, at: start + .seconds(300)) == .giveUp)
        #expect(schedule.step(listeningSince: start, at: start) == .look(at: start + .seconds(60)))
    }

    @Test func `who tells by itself has a minute`() {
        for (second, step) in [
            (0, ReconcileSchedule.Step.look(at: Self.end + .seconds(60))), (59, .look(at: Self.end + .seconds(60))),
            (60, .giveUp),
        ] {
            #expect(schedule.step(listeningSince: Self.end, at: Self.end + .seconds(second)) == step)
        }
    }

    @Test func `what could not be asked is no look that found nothing`() {
        var looks = ReconcileSchedule.Looks(endedAt: Self.end, empty: 1, firstEmptyAt: Self.end + .seconds(2))
        _ = schedule.step(afterSilence: looks, since: Self.end, at: Self.end + .seconds(20))
        #expect(looks.empty == 1)
        #expect(schedule.step(afterNothing: &looks, at: Self.end + .seconds(31)) != .absent)
        #expect(looks.firstEmptyAt == Self.end + .seconds(2))
    }
}
