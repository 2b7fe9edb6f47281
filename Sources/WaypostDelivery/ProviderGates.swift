import Synchronization
import WaypostCore
import WaypostPolicy
import WaypostStore

/// Leave to begin one attempt with a provider. Exactly one `settle` or `giveBack` ends it.
package struct Permit: Sendable {
    package let provider: ProviderName
    package let channel: Channel
    fileprivate let breaker: CircuitBreaker.Permit
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
        gates.withLock { gates in
            gates.keys.sorted().compactMap { name in
                gates[name]?.isRetired == true ? nil : gates[name]?.snapshot(name, at: now)
            }
        }
    }

    package var latencies: [ProviderName: Duration] { gates.withLock { $0.compactMapValues(\.latency) } }

    package var inFlight: Int { gates.withLock { $0.values.reduce(0) { $0 + $1.inFlight } } }
}

/// One provider's gate; the decisions are those of its values.
private struct Gate: Sendable {
    private var settings: GateSettings
    private var breakers: [Channel: CircuitBreaker]
    private var windows: [SlidingWindow]
    private(set) var inFlight = 0
    private var rests: [Channel: Instant] = [:]
    private var restStep: Duration?
    private(set) var latency: Duration?
    /// Not configured any more; it only waits for what is under way.
    private(set) var isRetired = false
    private var disabledBecause: String?

    init(_ settings: GateSettings) {
        self.settings = settings
        breakers = settings.breakers.mapValues(CircuitBreaker.init)
        windows = settings.rateLimits.map(SlidingWindow.init)
    }

    mutating func retire() { isRetired = true }

    mutating func apply(_ fresh: GateSettings) {
        isRetired = false
        for (channel, breaker) in fresh.breakers where breaker != settings.breakers[channel] {
            breakers[channel] = CircuitBreaker(breaker)
        }
        if fresh.rateLimits != settings.rateLimits { windows = fresh.rateLimits.map(SlidingWindow.init) }
        settings = fresh
    }

    mutating func admit(
        _ name: ProviderName, on channel: Channel, at now: Instant, _ transitions: inout [ProviderGates.Transition]
    ) -> ProviderGates.Answer {
        guard !isRetired else {
            return .passedOver(.disabled, until: nil, detail: "it is not configured any more")
        }
        guard settings.enabled else { return .passedOver(.disabled, until: nil, detail: "by the configuration") }
        if let disabledBecause { return .passedOver(.disabled, until: nil, detail: disabledBecause) }
        if let rest = rests[channel] {
            if rest > now { return .passedOver(.resting, until: rest, detail: nil) }
            rests[channel] = nil
        }
        let isProbing = breaker(channel) { $0.state(at: now) == .halfOpen }
        collect(name, channel, &transitions)
        if inFlight >= settings.maxInFlight { return .passedOver(.busy, until: nil, detail: nil) }
        var taken = 0
        for index in windows.indices {
            if case .refused(let until) = windows[index].take(1, at: now) {
                for earlier in windows.indices.prefix(taken) { windows[earlier].giveBack(1, at: now) }
                return .passedOver(.rateLimited, until: until, detail: nil)
            }
            taken += 1
        }
        let admission = breaker(channel) { $0.admit(at: now) }
        collect(name, channel, &transitions)
        switch admission {
        case .admitted(let permit):
            inFlight += 1
            return .admitted(Permit(provider: name, channel: channel, breaker: permit, takenAt: now))
        case .refused(let until):
            for index in windows.indices { windows[index].giveBack(1, at: now) }
            return .passedOver(isProbing ? .breakerProbing : .breakerOpen, until: until, detail: nil)
        }
    }

    mutating func settle(
        _ permit: Permit, _ effect: BreakerEffect, at now: Instant, rest: ProviderGates.Rest?,
        _ transitions: inout [ProviderGates.Transition]
    ) {
        inFlight -= 1
        let duration = now - permit.takenAt
        breaker(permit.channel) { $0.record(effect, after: duration, for: permit.breaker, at: now) }
        collect(permit.provider, permit.channel, &transitions)
        if effect == .success {
            restStep = nil
            latency = latency.map { ($0 * 9 + duration) / 10 } ?? duration
        }
        guard let rest else { return }
        let until: Instant
        if let named = rest.until {
            until = named
        } else if let running = rests[permit.channel], running > now {
            until = running  // it began before that rest, and so says nothing new
        } else {
            let step = restStep ?? rest.step
            restStep = min(step * 2, .seconds(900))
            until = now + step
        }
        for channel in rest.wholeAccount ? Array(breakers.keys) : [permit.channel] {
            rests[channel] = max(rests[channel] ?? until, until)
        }
    }

    mutating func giveBack(_ permit: Permit, at now: Instant) {
        inFlight -= 1
        for index in windows.indices { windows[index].giveBack(1, at: permit.takenAt) }
        breaker(permit.channel) { $0.record(.none, after: .zero, for: permit.breaker, at: now) }
    }

    mutating func note(
        _ effect: BreakerEffect, _ name: ProviderName, _ channel: Channel, at now: Instant,
        _ transitions: inout [ProviderGates.Transition]
    ) {
        // A breaker that is not of this provider's channels must not come to be by a receipt.
        guard breakers[channel] != nil, !isRetired else { return }
        breaker(channel) { $0.note(effect, at: now) }
        collect(name, channel, &transitions)
    }

    mutating func apply(
        _ hold: ProviderGates.Hold, _ name: ProviderName, at now: Instant,
        _ transitions: inout [ProviderGates.Transition]
    ) {
        switch hold {
        case .disabled(let reason): disabledBecause = reason
        case .breaker(let channel, let open): self.hold(name, on: channel, open: open, at: now, &transitions)
        }
    }

    private mutating func hold(
        _ name: ProviderName, on channel: Channel?, open: Bool?, at now: Instant,
        _ transitions: inout [ProviderGates.Transition]
    ) {
        for each in breakers.keys.sorted(by: { $0.rawValue < $1.rawValue }) where channel == nil || each == channel {
            breaker(each) { $0.hold(open.map { $0 ? .open : .closed }, at: now) }
            collect(name, each, &transitions)
        }
    }

    mutating func enforce(
        _ interventions: Interventions, _ name: ProviderName, at now: Instant,
        _ transitions: inout [ProviderGates.Transition]
    ) {
        disabledBecause = interventions.disabled(name)
        for channel in Array(breakers.keys) {
            hold(name, on: channel, open: interventions.breaker(of: name, on: channel), at: now, &transitions)
        }
    }

    mutating func resetLimits() {
        rests = [:]
        restStep = nil
        windows = settings.rateLimits.map(SlidingWindow.init)
    }

    mutating func snapshot(_ name: ProviderName, at now: Instant) -> ProviderGates.Snapshot {
        ProviderGates.Snapshot(
            provider: name, enabled: settings.enabled && disabledBecause == nil, disabledBecause: disabledBecause,
            inFlight: inFlight, maxInFlight: settings.maxInFlight,
            breakers: Channel.allCases.compactMap { channel in
                breakers[channel] == nil ? nil : (channel, breaker(channel) { $0.state(at: now) })
            },
            restingUntil: rests.values.filter { $0 > now }.max(),
            windows: zip(settings.rateLimits, windows).map { ($0, $1.remaining(at: now)) },
            nextFree: windows.map { $0.nextFree(at: now) }, latency: latency)
    }

    private mutating func breaker<Result>(_ channel: Channel, _ body: (inout CircuitBreaker) -> Result) -> Result {
        body(&breakers[channel, default: CircuitBreaker(CircuitBreakerSettings())])
    }

    private mutating func collect(
        _ name: ProviderName, _ channel: Channel, _ transitions: inout [ProviderGates.Transition]
    ) {
        for transition in breakers[channel]?.takeTransitions() ?? [] {
            transitions.append(.init(provider: name, channel: channel, to: transition.to.effect.rawValue))
        }
    }
}
