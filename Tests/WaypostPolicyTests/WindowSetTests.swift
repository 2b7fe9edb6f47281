import Testing
import WaypostCore
import WaypostPolicy

@Suite struct WindowSetTests {
    let start = ContinuousClock.now
    var windows = WindowSet([
        .init(name: "second", WindowSettings(limit: 2, window: .seconds(1))),
        .init(name: "minute", WindowSettings(limit: 3, window: .seconds(60))),
    ])

    private func remaining(at now: Instant) -> [Int] { windows.standings(at: now).map(\.remaining) }

    @Test mutating func `a refusal by one window charges none`() {
        #expect(windows.take(2, at: start) == .taken)
        #expect(windows.take(at: start) == .refused(until: start + .seconds(1), violated: ["second"]))
        #expect(remaining(at: start) == [0, 1])
        #expect(windows.take(2, at: start + .seconds(1)) == .refused(until: start + .seconds(60), violated: ["minute"]))
        #expect(remaining(at: start + .seconds(1)) == [2, 1])
    }

    @Test mutating func `the longest wait of those that refuse is told, in the order configured`() {
        _ = windows.take(2, at: start)
        #expect(
            windows.take(2, at: start) == .refused(until: start + .seconds(60), violated: ["second", "minute"]))
    }

    @Test mutating func `one that would never agree makes the wait endless`() {
        _ = windows.take(2, at: start)
        #expect(windows.check(3, at: start) == .refused(until: nil, violated: ["second", "minute"]))
        #expect(windows.take(3, at: start + .seconds(100)) == .refused(until: nil, violated: ["second"]))
    }

    @Test mutating func `what is given back is free in every window`() {
        _ = windows.take(2, at: start)
        windows.giveBack(at: start)
        #expect(remaining(at: start) == [1, 2])
        windows.clear()
        #expect(remaining(at: start) == [2, 3])
    }

    @Test func `no windows refuse nothing`() {
        var none = WindowSet([])
        #expect(none.take(1_000, at: start) == .taken)
        #expect(none.standings(at: start).isEmpty)
    }
}

@Suite struct RateLimitHeadersTests {
    private func standing(_ name: String, remaining: Int, nextFree: Duration) -> WindowStanding {
        WindowStanding(
            name: name, settings: WindowSettings(limit: 5, window: .milliseconds(1_500)), remaining: remaining,
            nextFree: nextFree)
    }

    @Test func `every window is told of, its seconds rounded up`() {
        let headers = RateLimitHeaders([
            standing("a", remaining: 4, nextFree: .milliseconds(1)), standing("b", remaining: 0, nextFree: .seconds(2)),
        ])
        #expect(headers.policy == "\"a\";q=5;w=2, \"b\";q=5;w=2")
        #expect(headers.limit == "\"a\";r=4;t=1, \"b\";r=0;t=2")
        #expect(headers.retryAfter == nil)
    }

    @Test(arguments: [(Duration.zero, "1"), (.milliseconds(1), "1"), (.seconds(1), "1"), (.milliseconds(1_001), "2")])
    func `a refusal says at least one second, and never too early`(wait: Duration, text: String) {
        #expect(RateLimitHeaders([], wait: wait).retryAfter == text)
    }

    @Test func `a name's quotes and backslashes cannot end the string`() {
        let headers = RateLimitHeaders([standing("a\"\\", remaining: 1, nextFree: .zero)])
        #expect(headers.limit == "\"a\\\"\\\\\";r=1;t=0")
    }
}
