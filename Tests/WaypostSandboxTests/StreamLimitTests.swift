import Testing

@testable import WaypostSandbox

@Suite struct StreamLimitTests {
    private let apns = StreamLimit.Rules(first: 1, usual: 1_000, fallsAfterRefusal: true)

    @Test func `it opens with the first accepted push and closes with a refusal`() {
        var limit = StreamLimit(apns)
        #expect(limit.current == 1)
        #expect(limit.answered(410) == nil)
        #expect(limit.answered(200) == 1_000)
        #expect(limit.answered(200) == nil)
        #expect(limit.answered(410) == nil && limit.answered(429) == nil && limit.answered(503) == nil)
        #expect(limit.answered(400) == 1)
        #expect(limit.answered(200) == 1_000)
        #expect(limit.answered(403) == 1)
    }

    @Test func `without the rule a refusal changes nothing`() {
        var limit = StreamLimit(.init(first: 100, usual: 100))
        #expect(limit.answered(200) == nil && limit.answered(400) == nil)
        #expect(limit.admission(beside: 99) == .admitted)
        #expect(limit.admission(beside: 100) == .refused(isViolation: false))
    }

    @Test func `only who has read the limit violates it`() {
        var limit = StreamLimit(apns)
        #expect(limit.admission(beside: 1) == .refused(isViolation: false), "SETTINGS were still on their way")
        limit.acknowledge()
        #expect(limit.admission(beside: 1) == .refused(isViolation: true))
        _ = limit.answered(200)
        #expect(limit.admission(beside: 999) == .admitted)
        _ = limit.answered(400)
        #expect(limit.admission(beside: 999) == .refused(isViolation: false), "it may believe in a thousand")
        limit.acknowledge()
        limit.acknowledge()
        #expect(limit.admission(beside: 1) == .refused(isViolation: true))
        limit.acknowledge()
        #expect(limit.current == 1, "one acknowledgement too many is no matter")
    }

    @Test func `a fault brings it down for good`() {
        var limit = StreamLimit(apns)
        _ = limit.answered(200)
        #expect(limit.lower(to: 3) == 3)
        #expect(limit.lower(to: 7) == nil)
        #expect(limit.answered(400) == 1)
        #expect(limit.answered(200) == 3)
    }
}

@Suite struct TimersTests {
    @Test func `what is due first comes first, and equals in their order`() {
        let start = ContinuousClock.now
        var timers = Timers<Int>()
        let delays = [5, 1, 4, 1, 3, 9, 0, 2, 5, 7, 8, 6]
        for (index, delay) in delays.enumerated() { timers.add(index, at: start + .seconds(delay)) }
        #expect(timers.next == start)
        #expect(timers.take(dueAt: start) == 6)
        #expect(timers.take(dueAt: start) == nil)
        var taken: [Int] = []
        while let next = timers.take(dueAt: start + .seconds(10)) { taken.append(next) }
        #expect(taken == [1, 3, 7, 4, 2, 0, 8, 11, 9, 10, 5])
        #expect(timers.next == nil)
    }
}
