import Testing
import WaypostCore

@testable import WaypostDelivery

@Suite struct TokenGuardTests {
    private let start = ContinuousClock.now
    private var tokens = TokenGuard()

    /// Whether the verdict is believed.
    private mutating func isBelieved(isDead: Bool = true, after seconds: Int = 0) -> Bool {
        tokens.believes(isDead: isDead, at: start + .seconds(seconds))
    }

    @Test mutating func `a few deaths are believed whatever their share`() {
        let few = (0..<TokenGuard.free).map { _ in isBelieved() }
        #expect(!few.contains(false))
        let (more, live) = (isBelieved(), isBelieved(isDead: false))
        #expect(!more)
        #expect(live, "a live token needs no belief")
    }

    @Test mutating func `many are believed while they are a small share`() {
        for _ in 0..<10_000 { _ = isBelieved(isDead: false) }
        let share = (0..<1000).map { _ in isBelieved(after: 1) }
        #expect(!share.contains(false))
        let beyond = (0..<1000).map { _ in isBelieved(after: 2) }
        #expect(beyond.count { $0 } < 200)
    }

    @Test mutating func `the minute before counts, and what lies further back does not`() {
        for _ in 0..<100 { _ = isBelieved() }
        let (next, later) = (isBelieved(after: 61), isBelieved(after: 300))
        #expect(!next)
        #expect(later)
    }
}
