import Collections
import WaypostCore

/// What a breaker remembers of the calls of one period, and the rules that judge them.
///
/// A failure count asks only for the moments of the last failures; successes are then tallied coarsely, for reports.
/// Rates need every call that lies in the window.
struct CallHistory: Sendable {
    private let settings: CircuitBreakerSettings
    private let judgesRates: Bool
    private var calls: CallLog
    /// The newest failures, as many as the threshold, where a count within a time window is judged.
    private var failureTimes: Deque<Instant> = []
    private var consecutiveFailures = 0

    init(_ settings: CircuitBreakerSettings) {
        self.settings = settings
        judgesRates = settings.failureRate != nil || settings.slowRate != nil
        calls = CallLog(
            settings.windowSize.map { .calls($0) }
                ?? .time(
                    settings.window, grain: judgesRates ? CallLog.fineGrain(settings.window) : settings.window / 64))
    }

    mutating func clear() {
        calls.clear()
        failureTimes.removeAll(keepingCapacity: true)
        consecutiveFailures = 0
    }

    /// Adds a call that ended at `now`; true when a rule says that the breaker opens.
    mutating func record(failed: Bool, slow: Bool, at now: Instant) -> Bool {
        calls.add(failed: failed, slow: slow, at: now)
        if failed {
            consecutiveFailures += 1
            noteFailure(at: now)
        } else {
            consecutiveFailures = 0
        }
        return failed && hasTooManyFailures(at: now) || judgesRates && ratesAreTooHigh()
    }

    mutating func counts(at now: Instant) -> CircuitBreaker.Counts {
        calls.expire(at: now)
        return CircuitBreaker.Counts(calls: calls.calls, failures: failures(at: now), slow: calls.slow)
    }

    private mutating func noteFailure(at now: Instant) {
        guard settings.windowSize == nil, let threshold = settings.failures, threshold > 0 else { return }
        if failureTimes.count == threshold { failureTimes.removeFirst() }
        failureTimes.append(now)
    }

    private mutating func failures(at now: Instant) -> Int {
        guard settings.windowSize == nil, let threshold = settings.failures else { return calls.failures }
        while let oldest = failureTimes.first, oldest + settings.window <= now { failureTimes.removeFirst() }
        // A full list forgets; that happens in `metricsOnly` alone, where failures go on being recorded.
        return failureTimes.count < threshold ? failureTimes.count : max(failureTimes.count, calls.failures)
    }

    private mutating func hasTooManyFailures(at now: Instant) -> Bool {
        if let limit = settings.consecutiveFailures, consecutiveFailures >= limit { return true }
        if let limit = settings.failures { return failures(at: now) >= limit }
        return false
    }

    /// Equal to the threshold is too high. The log is up to date: a call has just been added.
    private func ratesAreTooHigh() -> Bool {
        // A window of the last N calls never holds more than N.
        guard calls.calls >= min(settings.minimumCalls, settings.windowSize ?? .max), calls.calls > 0 else {
            return false
        }
        let total = Double(calls.calls)
        if let limit = settings.failureRate, Double(calls.failures) * 100 >= limit * total { return true }
        if let limit = settings.slowRate, Double(calls.slow) * 100 >= limit * total { return true }
        return false
    }
}

/// The calls of a window, in runs of calls so close together that they may leave it together.
struct CallLog: Sendable {
    enum Span: Sendable {
        /// Calls less than `grain` after the first of a run belong to it, and leave the window with it.
        case time(Duration, grain: Duration)
        /// The last so many calls, however old.
        case calls(Int)
    }

    private struct Run {
        let began: Instant
        var calls: Int32 = 0
        var failures: Int32 = 0
        var slow: Int32 = 0
    }

    private let span: Span
    private var runs: Deque<Run> = []
    private(set) var calls = 0
    private(set) var failures = 0
    private(set) var slow = 0

    init(_ span: Span) { self.span = span }

    /// A millisecond; more for windows above a minute, so that a log never has over 60,000 runs.
    static func fineGrain(_ window: Duration) -> Duration { max(.milliseconds(1), window / 60_000) }

    mutating func clear() {
        runs.removeAll(keepingCapacity: runs.count <= 64)
        (calls, failures, slow) = (0, 0, 0)
    }

    mutating func add(failed: Bool, slow: Bool, at now: Instant) {
        expire(at: now)
        if !joinsNewestRun(at: now) { runs.append(Run(began: now)) }
        let newest = runs.endIndex - 1
        runs[newest].calls += 1
        runs[newest].failures += failed ? 1 : 0
        runs[newest].slow += slow ? 1 : 0
        calls += 1
        failures += failed ? 1 : 0
        self.slow += slow ? 1 : 0
        if case .calls(let most) = span, runs.count > most { dropOldest() }
    }

    mutating func expire(at now: Instant) {
        guard case .time(let window, _) = span else { return }
        while let oldest = runs.first, oldest.began + window <= now { dropOldest() }
    }

    private func joinsNewestRun(at now: Instant) -> Bool {
        guard case .time(_, let grain) = span, let newest = runs.last else { return false }
        return now < newest.began + grain && newest.calls < .max
    }

    private mutating func dropOldest() {
        guard let run = runs.popFirst() else { return }
        calls -= Int(run.calls)
        failures -= Int(run.failures)
        slow -= Int(run.slow)
    }
}
