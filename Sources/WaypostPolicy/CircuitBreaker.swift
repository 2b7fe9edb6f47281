import WaypostCore

/// Decides whether a provider may be tried on a channel, from how its last calls went.
///
/// The rules are those of the breaker scenarios. It reads no clock and takes no lock: callers pass `now`, monotonic, and
/// guard the value themselves. Time acts when somebody looks, so every question may move the state.
package struct CircuitBreaker: Sendable {
    /// What it does with the next call.
    package enum State: Equatable, Sendable {
        case closed
        /// Refuses until then.
        case open(until: Instant)
        /// Lets a few calls through as probes.
        case halfOpen
        /// An operator's `open`: refuses, and records nothing.
        case forcedOpen
        /// An operator's `closed`: permits, and records nothing.
        case forcedClosed
        /// Permits and records, and only says when it would have opened.
        case metricsOnly

        /// The word for it in the API, the log and the metrics.
        package var word: Word {
            switch self {
            case .closed: .closed
            case .open: .open
            case .halfOpen: .halfOpen
            case .forcedOpen: .forcedOpen
            case .forcedClosed: .forcedClosed
            case .metricsOnly: .metricsOnly
            }
        }
    }

    /// The states without their times. Closed: it labels a metric.
    package enum Word: String, CaseIterable, Sendable {
        case closed, open
        case halfOpen = "half_open"
        case forcedOpen = "forced_open"
        case forcedClosed = "forced_closed"
        case metricsOnly = "metrics_only"

        /// What it means for whoever asks to pass: an operator's hold is not told apart.
        package var effect: Word {
            switch self {
            case .closed, .forcedClosed, .metricsOnly: .closed
            case .open, .forcedOpen: .open
            case .halfOpen: .halfOpen
            }
        }
    }

    /// Ties a result to the period (the stretch between two transitions or resets) that allowed the call, so that a
    /// late answer cannot move a newer state. Each is to be recorded once.
    package struct Permit: Equatable, Sendable {
        fileprivate let period: UInt64
    }

    package enum Admission: Equatable, Sendable {
        case admitted(Permit)
        /// nil: nobody can say when, because an operator holds it open or all probes are under way.
        case refused(until: Instant?)
    }

    /// What an operator may hold it in.
    package enum Held: Equatable, Sendable {
        case open, closed, metricsOnly
    }

    /// A change of state; never one to the same state.
    package struct Transition: Equatable, Sendable {
        package let from: Word
        package let to: Word
    }

    /// What it has seen, for reports. Every number but `rejected` starts anew with each period.
    package struct Counts: Equatable, Sendable {
        /// Calls, failures and slow calls within the window; `calls` and `slow` are exact where rates are judged, else
        /// up to a sixty-fourth of the window short.
        package var calls = 0
        package var failures = 0
        package var slow = 0
        /// Successes in this half-open period.
        package var probes = 0
        /// Refusals since the breaker was made.
        package var rejected = 0
    }

    private enum Phase {
        case closed
        case open(until: Instant)
        case halfOpen(Probes)
        case held(Held)
    }

    private struct Probes {
        let since: Instant
        var inFlight = 0
        var successes = 0
    }

    private let settings: CircuitBreakerSettings
    private var phase = Phase.closed
    private var period: UInt64 = 0
    private var history: CallHistory
    /// How long it last stayed open; nil when it has closed since.
    private var lastRecovery: Duration?
    private var rejected = 0
    private var transitions: [Transition] = []

    /// In `metricsOnly`: the rules would have opened it in this period. Turns true once and stays until the period ends.
    package private(set) var thresholdExceeded = false

    package init(_ settings: CircuitBreakerSettings) {
        self.settings = settings
        history = CallHistory(settings)
    }
}

extension CircuitBreaker {
    /// Asks to make one call now.
    package mutating func admit(at now: Instant) -> Admission {
        if case .closed = phase { return .admitted(Permit(period: period)) }
        letTimePass(until: now)
        switch phase {
        case .closed, .held(.closed), .held(.metricsOnly):
            return .admitted(Permit(period: period))
        case .open(let until):
            rejected += 1
            return .refused(until: until)
        case .held(.open):
            rejected += 1
            return .refused(until: nil)
        case .halfOpen(var probes):
            guard probes.inFlight + probes.successes < settings.halfOpenSuccesses else {
                rejected += 1
                return .refused(until: nil)
            }
            probes.inFlight += 1
            phase = .halfOpen(probes)
            return .admitted(Permit(period: period))
        }
    }

    /// Takes in how a permitted call ended, and after how long. `.none` is recorded nowhere and gives a probe back,
    /// `.open` opens at once, whatever the counts.
    package mutating func record(
        _ effect: BreakerEffect, after duration: Duration, for permit: Permit, at now: Instant
    ) {
        endHalfOpenOverdue(at: now)
        guard permit.period == period else { return }
        switch phase {
        case .closed: if crossesThreshold(effect, after: duration, at: now) { open(at: now) }
        case .held(.metricsOnly): if crossesThreshold(effect, after: duration, at: now) { thresholdExceeded = true }
        case .halfOpen(let probes): recordProbe(effect, slow: isSlow(duration), in: probes, at: now)
        case .open, .held(.open), .held(.closed): break
        }
    }

    /// Takes in a failure that was told long after its call ended. It counts while the breaker is closed, and `.open` ends
    /// a half-open period, too; nothing of it closes a breaker, and it takes no probe's place.
    package mutating func note(_ effect: BreakerEffect, at now: Instant) {
        guard effect == .failure || effect == .open else { return }
        letTimePass(until: now)
        switch phase {
        case .closed: if crossesThreshold(effect, after: .zero, at: now) { open(at: now) }
        case .held(.metricsOnly): if crossesThreshold(effect, after: .zero, at: now) { thresholdExceeded = true }
        case .halfOpen: if effect == .open { open(at: now) }
        case .open, .held(.open), .held(.closed): break
        }
    }

    /// Where it stands now.
    package mutating func state(at now: Instant) -> State {
        letTimePass(until: now)
        return switch phase {
        case .closed: .closed
        case .open(let until): .open(until: until)
        case .halfOpen: .halfOpen
        case .held(.open): .forcedOpen
        case .held(.closed): .forcedClosed
        case .held(.metricsOnly): .metricsOnly
        }
    }

    package mutating func counts(at now: Instant) -> Counts {
        letTimePass(until: now)
        var counts = history.counts(at: now)
        if case .halfOpen(let probes) = phase { counts.probes = probes.successes }
        counts.rejected = rejected
        return counts
    }

    /// Puts it under an operator's hand. nil is `auto`: what was held begins closed and empty; what was not goes on.
    package mutating func hold(_ held: Held?, at now: Instant) {
        letTimePass(until: now)
        switch (phase, held) {
        case (.held(let current), let held?) where current == held: break
        case (_, let held?): enter(.held(held))
        case (.held, nil): reset(at: now)
        case (_, nil): break
        }
    }

    /// Closes from any state and empties everything that was counted.
    package mutating func reset(at now: Instant) {
        letTimePass(until: now)
        lastRecovery = nil
        enter(.closed)
    }

    /// Hands over the transitions since the last call, oldest first. Callers take them after each question; of those
    /// never taken only the newest sixteen are kept.
    package mutating func takeTransitions() -> [Transition] {
        guard !transitions.isEmpty else { return [] }
        defer { transitions.removeAll(keepingCapacity: true) }
        return transitions
    }
}

extension CircuitBreaker {
    private func isSlow(_ duration: Duration) -> Bool {
        guard let slowCall = settings.slowCall else { return false }
        return duration > slowCall
    }

    private mutating func crossesThreshold(_ effect: BreakerEffect, after duration: Duration, at now: Instant) -> Bool {
        guard effect != .none else { return false }
        let crossed = history.record(failed: effect != .success, slow: isSlow(duration), at: now)
        return crossed || effect == .open
    }

    private mutating func recordProbe(_ effect: BreakerEffect, slow: Bool, in probes: Probes, at now: Instant) {
        var probes = probes
        probes.inFlight = max(0, probes.inFlight - 1)
        switch effect {
        case .none:
            phase = .halfOpen(probes)
        case .success where !slow:
            probes.successes += 1
            if probes.successes >= settings.halfOpenSuccesses {
                lastRecovery = nil
                enter(.closed)
            } else {
                phase = .halfOpen(probes)
            }
        case .success, .failure, .open:
            open(at: now)
        }
    }

    private mutating func letTimePass(until now: Instant) {
        endHalfOpenOverdue(at: now)
        if case .open(let until) = phase, until <= now { enter(.halfOpen(Probes(since: now))) }
    }

    /// A half-open period without a decision ends at its deadline, whenever that is noticed: a probe that nobody
    /// reports on must not shut the provider out for ever.
    private mutating func endHalfOpenOverdue(at now: Instant) {
        guard case .halfOpen(let probes) = phase, let timeout = settings.halfOpenTimeout else { return }
        let deadline = probes.since + timeout
        if deadline <= now { open(at: deadline) }
    }

    private mutating func open(at moment: Instant) {
        let recovery = lastRecovery.map(longerRecovery) ?? settings.recovery
        lastRecovery = recovery
        enter(.open(until: moment + recovery))
    }

    /// The wait after one that did not help; at most `recoveryMax`, never below `recovery`, and a year at the very most.
    private func longerRecovery(than last: Duration) -> Duration {
        let year = Duration.seconds(365 * 86_400)
        let longest = max(settings.recovery, settings.recoveryMax ?? year)
        let milliseconds = (Double(last.milliseconds) * settings.recoveryBackoff).rounded()
        guard milliseconds < Double(min(longest, year).milliseconds) else { return longest }
        return max(settings.recovery, .milliseconds(Int64(milliseconds)))
    }

    private mutating func enter(_ next: Phase) {
        let from = word(of: phase)
        let to = word(of: next)
        phase = next
        period &+= 1
        history.clear()
        thresholdExceeded = false
        guard from != to else { return }
        if transitions.count == 16 { transitions.removeFirst() }
        transitions.append(Transition(from: from, to: to))
    }

    private func word(of phase: Phase) -> Word {
        switch phase {
        case .closed: .closed
        case .open: .open
        case .halfOpen: .halfOpen
        case .held(.open): .forcedOpen
        case .held(.closed): .forcedClosed
        case .held(.metricsOnly): .metricsOnly
        }
    }
}
