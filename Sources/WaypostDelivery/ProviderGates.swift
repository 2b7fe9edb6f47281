import Synchronization
import WaypostCore
import WaypostPolicy
import WaypostStore

/// Leave to begin one attempt with a provider. Exactly one `settle` or `giveBack` ends it.
package struct Permit: Sendable {
    package let provider: ProviderName
    package let channel: Channel
    let breaker: CircuitBreaker.Permit
    package let takenAt: Instant
}

/// What stands between the router and each provider: whether it is enabled, its breakers, its rest after a throttle, its
/// sliding windows, and how much may be under way.
package final class ProviderGates: Sendable {
    /// What one gate says to a candidate.
    package enum Answer: Sendable {
        case admitted(Permit)
        case passedOver(RoutingDecision.Verdict, until: Instant?, detail: String?)
    }

    /// A breaker that changed its state, for the metrics and the log.
    package struct Transition: Sendable {
        package var provider: ProviderName
        package var channel: Channel
        package var to: String
    }

    private let gates: Mutex<[ProviderName: Gate]>
    private let announce: @Sendable (Transition) -> Void

    package init(_ settings: [ProviderName: GateSettings], announce: @escaping @Sendable (Transition) -> Void) {
        gates = Mutex(settings.mapValues(Gate.init))
        self.announce = announce
    }

    /// Takes new settings; what is under way, counts and states of providers that stay are kept.
    package func apply(_ settings: [ProviderName: GateSettings]) {
        gates.withLock { gates in
            for (name, gate) in gates where settings[name] == nil {
                // What is under way still ends here, should the provider come back meanwhile.
                if gate.inFlight > 0 { gates[name]?.retire() } else { gates[name] = nil }
            }
            for (name, fresh) in settings {
                if gates[name] != nil { gates[name]?.apply(fresh) } else { gates[name] = Gate(fresh) }
            }
        }
    }

    /// Asks the candidates in turn under one lock until one admits. `ask` says, for each, what it answered and whether to go
    /// on; the permit is the last answer's.
    package func admit(
        _ candidates: [ProviderName], on channel: Channel, at now: Instant,
        each: (ProviderName, Answer) -> Bool
    ) {
        var transitions: [Transition] = []
        gates.withLock { gates in
            for name in candidates {
                guard let answer = gates[name]?.admit(name, on: channel, at: now, &transitions) else {
                    if each(name, .passedOver(.disabled, until: nil, detail: "it is not configured any more")) {
                        continue
                    }
                    break
                }
                if !each(name, answer) { break }
            }
        }
        transitions.forEach(announce)
    }

    /// Ends an attempt: frees its place and tells breaker and latency how it went. `rest` is how long the provider asked to
    /// be left alone; nil: it did not ask.
    package func settle(_ permit: Permit, _ effect: BreakerEffect, at now: Instant, rest: Rest?) {
        var transitions: [Transition] = []
        gates.withLock { $0[permit.provider]?.settle(permit, effect, at: now, rest: rest, &transitions) }
        transitions.forEach(announce)
    }

    /// Ends a permit whose attempt never began: nothing is charged.
    package func giveBack(_ permit: Permit, at now: Instant) {
        gates.withLock { $0[permit.provider]?.giveBack(permit, at: now) }
    }

    /// Takes in what a provider told of its health by itself, for an attempt that ended long ago: what counts as a failure
    /// counts now, and nothing of it closes a breaker.
    package func note(_ effect: BreakerEffect, provider: ProviderName, channel: Channel, at now: Instant) {
        guard effect == .failure || effect == .open else { return }
        var transitions: [Transition] = []
        gates.withLock { $0[provider]?.note(effect, provider, channel, at: now, &transitions) }
        transitions.forEach(announce)
    }

    /// A throttled provider's wish to be left alone.
    package struct Rest: Equatable, Sendable {
        /// nil: it named no time; the rests grow until it accepts something again.
        package var until: Instant?
        /// The first of the growing rests.
        package var step: Duration
        /// All channels, or the permit's alone.
        package var wholeAccount: Bool
        package init(until: Instant?, step: Duration, wholeAccount: Bool) {
            self.until = until
            self.step = step
            self.wholeAccount = wholeAccount
        }
    }

    // MARK: Steering by hand

    /// What a hand can do to a provider.
    package enum Hold: Equatable, Sendable {
        /// nil enables.
        case disabled(String?)
        /// Open (`true`) or closed (`false`); nil lets go: automatic again, closed and empty. Without a channel: on all.
        case breaker(Channel?, open: Bool?)
    }

    /// Takes hold, or lets go.
    package func apply(_ hold: Hold, to provider: ProviderName, at now: Instant) {
        var transitions: [Transition] = []
        gates.withLock { $0[provider]?.apply(hold, provider, at: now, &transitions) }
        transitions.forEach(announce)
    }

    /// Holds what operators hold, and lets go of all else.
    package func enforce(_ interventions: Interventions, at now: Instant) {
        var transitions: [Transition] = []
        gates.withLock { gates in
            for name in gates.keys { gates[name]?.enforce(interventions, name, at: now, &transitions) }
        }
        transitions.forEach(announce)
    }

    /// How a provider would stand under them; nothing is done. nil: there is no such provider.
    package func snapshot(
        of provider: ProviderName, under interventions: Interventions, at now: Instant
    ) -> Snapshot? {
        guard var gate = gates.withLock({ $0[provider] }) else { return nil }
        var transitions: [Transition] = []
        gate.enforce(interventions, provider, at: now, &transitions)
        return gate.snapshot(provider, at: now)
    }

    /// Ends rests after throttles and empties sliding windows; nil: of all. Returns whose.
    @discardableResult
    package func resetLimits(_ provider: ProviderName? = nil) -> [ProviderName] {
        gates.withLock { gates in
            let names = gates.keys.filter { provider == nil || $0 == provider }.sorted()
            for name in names { gates[name]?.resetLimits() }
            return names
        }
    }

    // MARK: Looking

    package struct Snapshot: Sendable {
        package var provider: ProviderName
        package var enabled: Bool
        package var disabledBecause: String?
        package var inFlight: Int
        package var maxInFlight: Int
        package var breakers: [(channel: Channel, state: CircuitBreaker.State)]
        package var restingUntil: Instant?
        package var windows: [(settings: WindowSettings, remaining: Int)]
        /// For each window, how long until any further slot is free; zero when all are.
        package var nextFree: [Duration]
        /// Moving average of answered attempts.
        package var latency: Duration?
    }

    package func snapshots(at now: Instant) -> [Snapshot] {
        var snapshots = gates.withLock { gates in
            // In place: every message asks for this lock, and a copied gate is a dozen counted references.
            gates.values.indices.compactMap { index in
                gates.values[index].isRetired ? nil : gates.values[index].snapshot(gates.keys[index], at: now)
            }
        }
        snapshots.sort { $0.provider < $1.provider }
        return snapshots
    }

    package var latencies: [ProviderName: Duration] { gates.withLock { $0.compactMapValues(\.latency) } }

    package var inFlight: Int { gates.withLock { $0.values.reduce(0) { $0 + $1.inFlight } } }
}
