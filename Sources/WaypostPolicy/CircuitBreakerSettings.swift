import WaypostConfiguration
import WaypostCore

/// When a circuit breaker opens and closes (contract: configuration, `breaker`; rules: scenarios).
package struct CircuitBreakerSettings: Equatable, Sendable {
    /// Failures within `window` that open it; nil: not judged by a count.
    package var failures: Int? = 5
    package var window: Duration = .seconds(60)
    /// Judges the last N calls instead of a stretch of time.
    package var windowSize: Int?
    package var recovery: Duration = .seconds(30)
    package var halfOpenSuccesses = 3
    /// Each reopening in a row multiplies the recovery time by this, up to `recoveryMax`.
    package var recoveryBackoff: Double = 2
    package var recoveryMax: Duration? = .seconds(300)
    /// Half-open without a decision for this long opens it again; nil: never.
    package var halfOpenTimeout: Duration? = .seconds(60)
    /// Percent of failed calls in the window that opens it; nil: not judged.
    package var failureRate: Double?
    /// Percent of slow calls in the window that opens it; nil: not judged.
    package var slowRate: Double?
    /// A call longer than this is slow; nil: none is.
    package var slowCall: Duration?
    /// Rates are judged once the window holds this many calls.
    package var minimumCalls = 20
    /// Failures in a row that open it; nil: not judged.
    package var consecutiveFailures: Int?

    package init() {}
}

extension CircuitBreakerSettings {
    /// What holds on a channel where the configuration is silent: text messages fail over sooner.
    package init(for channel: Channel) {
        self.init()
        if channel == .sms {
            failures = 3
            recovery = .seconds(15)
        }
    }

    /// A provider's `breaker`; what it leaves out is taken from `defaults`.
    package init(reading section: inout SectionReader, defaults: CircuitBreakerSettings) {
        self = defaults
        let spans: ClosedRange<Duration> = .milliseconds(1) ... .seconds(7 * 86_400)
        failures = section.unlessOff("failures", default: failures) { $0.integer("failures", in: 1...100_000) }
        window = section.duration("window", default: window, in: spans)
        windowSize = section.unlessOff("window_size", default: windowSize) {
            $0.integer("window_size", in: 1...100_000)
        }
        recovery = section.duration("recovery", default: recovery, in: spans)
        halfOpenSuccesses = section.integer("half_open_successes", default: halfOpenSuccesses, in: 1...1000)
        recoveryBackoff = section.number("recovery_backoff", default: recoveryBackoff, in: 1...100)
        let longest = section.unlessOff("recovery_max", default: recoveryMax) { $0.duration("recovery_max", in: spans) }
        halfOpenTimeout = section.unlessOff("half_open_timeout", default: halfOpenTimeout) {
            $0.duration("half_open_timeout", in: spans)
        }
        failureRate = section.unlessOff("failure_rate", default: failureRate) { $0.number("failure_rate", in: 1...100) }
        slowRate = section.unlessOff("slow_rate", default: slowRate) { $0.number("slow_rate", in: 1...100) }
        slowCall = section.unlessOff("slow_call", default: slowCall) { $0.duration("slow_call", in: spans) }
        minimumCalls = section.integer("minimum_calls", default: minimumCalls, in: 1...100_000)
        consecutiveFailures = section.unlessOff("consecutive_failures", default: consecutiveFailures) {
            $0.integer("consecutive_failures", in: 1...100_000)
        }
        // A longer recovery than the default's limit raises that limit; only two figures of one file can contradict.
        recoveryMax = longest.map { max($0, recovery) }
        if section.has("recovery_max"), let longest, longest < recovery {
            section.complain("recovery_max", "is less than recovery", wayOut: "write recovery or more, or off")
        }
        if slowRate != nil, slowCall == nil {
            section.complain("slow_rate", "has no slow_call to go by", wayOut: "add slow_call, like 2s")
        }
        section.finish()
    }
}
