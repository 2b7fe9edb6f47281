import WaypostCore
import WaypostPolicy

/// One provider's gate; the decisions are those of its values.
struct Gate: Sendable {
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
                breakers.keys.contains(channel) ? (channel, breaker(channel) { $0.state(at: now) }) : nil
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
