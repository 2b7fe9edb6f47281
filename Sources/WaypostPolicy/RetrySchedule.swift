import WaypostCore

/// How long to wait before each further round of a delivery.
package struct RetrySchedule: Equatable, Sendable {
    private let delays: [Duration]
    private let jitter: Double

    package init(_ settings: DeliverySettings) {
        delays = settings.delays
        jitter = min(max(settings.jitter, 0), 1)
    }

    /// How many rounds a delivery gets.
    package var rounds: Int { delays.count + 1 }

    /// The wait before a round; rounds count from 1, and the first has none. nil: the rounds are used up. Spread evenly
    /// around the configured delay, so that what failed together does not come back together; whole milliseconds.
    package func delay(beforeRound round: Int, random: inout some RandomNumberGenerator) -> Duration? {
        guard round > 1 else { return .zero }
        guard round - 2 < delays.count else { return nil }
        let delay = delays[round - 2]
        guard jitter > 0 else { return delay }
        let spread = Double.random(in: 1 - jitter...1 + jitter, using: &random)
        return .milliseconds(Int64((Double(delay.milliseconds) * spread).rounded()))
    }
}
