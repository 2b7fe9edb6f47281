import Synchronization
import WaypostCore
import WaypostPolicy
import WaypostProviders
import WaypostStore

/// Route and gate: which provider takes a parcel now. The only place where the two meet.
package final class Steering: Sendable {
    /// What came of looking at the candidates.
    package enum Choice: Sendable {
        case taken(Permit, any Provider, RoutingDecision)
        /// The same round goes on when the first may be free, without using up a retry; nil: when something changes.
        case wait(until: Instant?, RoutingDecision)
        /// This round is over; the next begins then.
        case nextRound(at: Timestamp, RoutingDecision)
        case finish(DeliveryState, reason: String, RoutingDecision)
    }

    private let plan: Mutex<DeliveryPlan>
    private let held = Mutex(Interventions())
    package let gates: ProviderGates
    private let time: any TimeSource
    private let turn = Atomic<UInt64>(0)

    package init(_ plan: DeliveryPlan, gates: ProviderGates, time: any TimeSource) {
        self.plan = Mutex(plan)
        self.gates = gates
        self.time = time
    }

    /// The plan as of now.
    package var current: DeliveryPlan { plan.withLock { $0 } }

    /// Takes a new plan whole. What is under way ends under the old one.
    package func replace(_ fresh: DeliveryPlan) {
        gates.apply(fresh.gates)
        gates.enforce(interventions, at: time.now)
        plan.withLock { $0 = fresh }
    }

    /// What operators hold against it now.
    package var interventions: Interventions { held.withLock { $0 } }

    /// Puts in force what operators hold from now on: whoever is chosen next is chosen under it.
    package func intervene(_ interventions: Interventions) {
        held.withLock { $0 = interventions }
        gates.enforce(interventions, at: time.now)
    }

    /// Looks at the candidates for a message that has come so far. `resting`: a provider that has just asked to be left
    /// alone, which its gate does not know yet.
    package func choose(
        for message: Message, _ deliveries: [Delivery], _ progress: RouteProgress, resting: ProviderName? = nil,
        plan: DeliveryPlan
    ) -> Choice {
        let now = time.now
        let wall = time.wallNow
        let candidates = ranked(for: message, deliveries, plan: plan)
        let interventions = self.interventions
        let stop = interventions.stop(on: message.channel)
        var look = Look(wall: wall, now: now)
        look.passedOver = passedOver(
            by: interventions, among: candidates.providers, for: message, deliveries, progress, plan: plan)
        let askable = look.sort(
            candidates.providers, for: message, deliveries, progress, resting: resting, plan: plan)
        if let stop {
            for name in askable { look.note(name, .overridden, .busy(until: nil), detail: stop.explanation) }
        } else {
            gates.admit(askable, on: message.channel, at: now) { look.hear($1, from: $0) }
        }
        let decision = RoutingDecision(
            round: progress.round, delivery: message.content.ordinal(of: deliveries), at: wall, rule: candidates.rule,
            strategy: candidates.strategy,
            configuration: plan.version, considered: look.considered)
        if let permit = look.permit, let provider = plan.providers[permit.provider] {
            return .taken(permit, provider, decision)
        }
        if look.isBusy { return .wait(until: nil, decision) }
        // What is stopped by hand waits, whatever its retries say; its time to live goes on.
        if stop != nil, wall < message.expiresAt, look.standings.contains(where: { $0.standing != .unable }) {
            return .wait(until: nil, decision)
        }
        var random = SystemRandomNumberGenerator()
        let route = RoutePlan(schedule: RetrySchedule(plan.settings), expiresAt: message.expiresAt)
        switch route.next(progress, candidates: look.standings, at: wall, random: &random) {
        case .attempt: return .wait(until: nil, decision)  // nobody is free, or a permit would have been given
        case .wait(let until): return .wait(until: until.map { now + max(.zero, $0 - wall) }, decision)
        case .nextRound(let at): return .nextRound(at: at, decision)
        case .finish(let state, let reason): return .finish(state, reason: reason, decision)
        }
    }

    /// The provider that is to be passed over, as long as another candidate can stand in for it.
    private func passedOver(
        by interventions: Interventions, among candidates: [ProviderName], for message: Message,
        _ deliveries: [Delivery], _ progress: RouteProgress, plan: DeliveryPlan
    ) -> (provider: ProviderName, Override)? {
        guard let (name, override) = interventions.passedOver(on: message.channel) else { return nil }
        let hasBackup = candidates.contains { backup in
            backup != name && !progress.excluded.contains(backup) && plan.gates[backup]?.enabled == true
                && interventions.disabled(backup) == nil
                && plan.providers[backup].map { $0.objection(to: message, for: deliveries) == nil } ?? false
        }
        return hasBackup ? (name, override) : nil
    }

    /// Where a message waits, should it have to: messages of one track have the same rule and, of its providers, the same that
    /// can carry them. Two of many rules may share one.
    func track(
        of message: Message, _ deliveries: [Delivery], excluded: [ProviderName] = [], plan: DeliveryPlan? = nil
    ) -> Int {
        let plan = plan ?? current
        let candidates = candidates(for: message, deliveries, plan: plan)
        var track = candidates.rule.map { ($0 + 1) * 4 } ?? 0
        for (place, name) in candidates.providers.sorted().enumerated()
        where excluded.contains(name) || plan.providers[name]?.objection(to: message, for: deliveries) != nil {
            track += 1 << (place % 4)
        }
        return track % QueuePlace.tracks.count
    }

    /// The candidates, whoever is free, in an order that says nothing: a mere look takes nobody's turn.
    func candidates(for message: Message, _ deliveries: [Delivery], plan: DeliveryPlan) -> Candidates {
        plan.routes.candidates(for: RouteQuery(message, deliveries), inputs: StrategyInputs()) ?? .none
    }

    /// The same in the strategy's order.
    private func ranked(for message: Message, _ deliveries: [Delivery], plan: DeliveryPlan) -> Candidates {
        let inputs = StrategyInputs(
            latencies: plan.needsLatencies(for: message.channel) ? gates.latencies : [:],
            turn: turn.wrappingAdd(1, ordering: .relaxed).oldValue, random: UInt64.random(in: .min ... .max))
        return plan.routes.candidates(for: RouteQuery(message, deliveries), inputs: inputs) ?? .none
    }
}

extension RouteQuery {
    init(_ message: Message, _ deliveries: [Delivery]) {
        let device = deliveries.first.flatMap { message.content.push?.target(of: $0)?.device }
        self.init(
            channel: message.channel, type: message.type, client: message.client, tags: message.tags,
            country: message.content.phone?.country, platform: device?.platform?.rawValue)
    }
}

/// One look at the candidates, while it is made.
private struct Look {
    let wall: Timestamp
    let now: Instant
    var considered: [RoutingDecision.Considered] = []
    var standings: [(provider: ProviderName, standing: Standing)] = []
    var permit: Permit?
    /// A provider that is merely busy is worth waiting for: going on would empty it into its backup.
    var isBusy = false
    /// Whom an operator wants passed over.
    var passedOver: (provider: ProviderName, override: Override)?

    init(wall: Timestamp, now: Instant) {
        self.wall = wall
        self.now = now
    }

    /// Notes those that need not be asked, and returns the others.
    mutating func sort(
        _ candidates: [ProviderName], for message: Message, _ deliveries: [Delivery], _ progress: RouteProgress,
        resting: ProviderName?, plan: DeliveryPlan
    ) -> [ProviderName] {
        var askable: [ProviderName] = []
        for name in candidates {
            if progress.excluded.contains(name) {
                note(name, .unable, .unable, detail: "the token that it knows the device by is dead")
            } else if progress.tried.contains(name) {
                note(name, .tried, .busy(until: nil))
            } else if let provider = plan.providers[name] {
                if let objection = provider.objection(to: message, for: deliveries) {
                    note(name, .unable, .unable, detail: objection)
                } else if let passedOver, passedOver.provider == name {
                    note(name, .overridden, .shut, detail: passedOver.override.explanation)
                } else if name == resting {
                    note(name, .resting, .busy(until: nil))
                } else {
                    askable.append(name)
                }
            } else {
                note(name, .disabled, .shut, detail: "by the configuration")
            }
        }
        return askable
    }

    /// Takes in what a gate answers; true: ask the next.
    mutating func hear(_ answer: ProviderGates.Answer, from name: ProviderName) -> Bool {
        switch answer {
        case .admitted(let given):
            permit = given
            note(name, .taken, .free)
            return false
        case .passedOver(let verdict, let until, let detail):
            let time = until.map { wall + ($0 - now) }
            note(name, verdict, verdict == .disabled ? .shut : .busy(until: time), detail: detail, until: time)
            isBusy = verdict == .busy
            return !isBusy
        }
    }

    mutating func note(
        _ name: ProviderName, _ verdict: RoutingDecision.Verdict, _ standing: Standing, detail: String? = nil,
        until: Timestamp? = nil
    ) {
        considered.append(.init(provider: name, verdict: verdict, detail: detail, until: until))
        standings.append((name, standing))
    }
}

extension Override {
    /// Why it is held, for who asks of one message.
    fileprivate var explanation: String {
        switch kind {
        case .stopSending: "sending is stopped: \(reason)"
        case .switchToBackup: "switched to the backup: \(reason)"
        case .providerDisabled, .breakerHeld, .openBreakers: reason
        }
    }
}
