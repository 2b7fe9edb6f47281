import Testing
import WaypostCore
import WaypostPolicy
import WaypostTesting

@Suite struct RetryScheduleTests {
    private func schedule(_ delays: [Duration], jitter: Double) -> RetrySchedule {
        var settings = DeliverySettings()
        settings.delays = delays
        settings.jitter = jitter
        return RetrySchedule(settings)
    }

    @Test func `without jitter the delays are those configured, and then there are none`() {
        var random = SeededRandom(seed: 1)
        let schedule = schedule([.seconds(1), .seconds(5), .seconds(15)], jitter: 0)
        #expect(schedule.rounds == 4)
        let delays = (1...5).map { schedule.delay(beforeRound: $0, random: &random) }
        #expect(delays == [.zero, .seconds(1), .seconds(5), .seconds(15), nil])
    }

    @Test func `with no delays there is one round`() {
        var random = SeededRandom(seed: 1)
        let schedule = schedule([], jitter: 0.2)
        #expect(schedule.rounds == 1)
        #expect(schedule.delay(beforeRound: 1, random: &random) == .zero)
        #expect(schedule.delay(beforeRound: 2, random: &random) == nil)
    }

    @Test func `jitter spreads evenly around the delay, to both ends and never beyond`() throws {
        var random = SeededRandom(seed: 7)
        let schedule = schedule([.seconds(10)], jitter: 0.2)
        let delays = try (0..<20_000).map { _ in
            try #require(schedule.delay(beforeRound: 2, random: &random)).milliseconds
        }
        #expect(delays.allSatisfy { (8_000...12_000).contains($0) })
        #expect(try #require(delays.min()) < 8_010)
        #expect(try #require(delays.max()) > 11_990)
        #expect(abs(delays.reduce(0, +) / Int64(delays.count) - 10_000) < 30)
        let quarters = Dictionary(grouping: delays) { min(($0 - 8_000) / 1_000, 3) }
        #expect(quarters.values.allSatisfy { (4_700...5_300).contains($0.count) })
    }

    @Test func `the same random numbers give the same delays`() {
        let schedule = schedule([.seconds(10), .seconds(20)], jitter: 1)
        var (one, two) = (SeededRandom(seed: 3), SeededRandom(seed: 3))
        for round in 1...3 {
            #expect(
                schedule.delay(beforeRound: round, random: &one) == schedule.delay(beforeRound: round, random: &two))
        }
    }

    @Test func `a jitter beyond its bounds never makes a delay negative`() throws {
        var random = SeededRandom(seed: 5)
        let schedule = schedule([.seconds(1)], jitter: 7)
        for _ in 0..<1_000 {
            let delay = try #require(schedule.delay(beforeRound: 2, random: &random))
            #expect((Duration.zero ... .seconds(2)).contains(delay))
        }
    }
}
