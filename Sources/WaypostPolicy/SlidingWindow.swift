import WaypostCore

/// At most `limit` in any span of `window`, for one thing that is limited.
///
/// Limits up to 1,000 are exact (`sliding_log` of the limiter scenarios); above that takes are grouped, which never
/// admits more and gives a slot back less than 1 % of the window late. It reads no clock and takes no lock.
package struct SlidingWindow: Sendable {
    /// What became of a request for slots.
    package enum Take: Equatable, Sendable {
        case taken
        /// Nothing was charged. It would pass then, with no other traffic; nil: never, it costs more than the limit.
        case refused(until: Instant?)
    }

    package let settings: WindowSettings
    private let rule: WindowRule
    private var log = WindowLog()

    package init(_ settings: WindowSettings) {
        self.settings = settings
        rule = WindowRule(settings)
    }

    /// Checks and charges in one step. A cost of 0 peeks and always passes.
    package mutating func take(_ cost: Int = 1, at now: Instant) -> Take { log.take(cost, rule, at: now) }

    /// What `take` would answer, charging nothing.
    package func check(_ cost: Int = 1, at now: Instant) -> Take { log.check(cost, rule, at: now) }

    /// Undoes the newest take that was made no later than `moment`. With the moment of the take itself it is that one
    /// that is undone, whatever came after.
    package mutating func giveBack(_ cost: Int = 1, at moment: Instant) { log.giveBack(cost, rule, at: moment) }

    /// Slots that are free now.
    package func remaining(at now: Instant) -> Int { max(0, settings.limit - log.used(at: now)) }

    /// How long until any further slot is free; zero when all are.
    package func nextFree(at now: Instant) -> Duration { log.nextRelease(at: now).map { $0 - now } ?? .zero }

    /// Nothing is left in the window.
    package func isIdle(at now: Instant) -> Bool { log.idleAt.map { $0 <= now } ?? true }

    /// Forgets every take.
    package mutating func clear() { log = WindowLog() }
}
