import Logging
import Synchronization
import WaypostCore
import WaypostHTTP
import WaypostPolicy
import WaypostProviders
import WaypostStore

/// One exchange with a provider, from an attempt the store knows to its outcome in the store: exchange, decide, record, tell.
package final class Exchange: Sendable {
    private let steering: Steering
    private let transport: any Transport
    private let commits: CommitQueue
    private let metrics: DeliveryMetrics
    private let waiters: Waiters
    private let schedule: ReconcileSchedule
    private let time: any TimeSource
    private let log: Logger
    private let links = Mutex(Links())
    /// As many as push providers are configured.
    private let guards = Mutex<[ProviderName: TokenGuard]>([:])

    private struct Links {
        var requeue: @Sendable (Parcel) -> Void = { _ in }
        var freed: @Sendable () -> Void = {}
        var doubted: @Sendable (Timestamp) -> Void = { _ in }
        var spilled: @Sendable (QueuePlace) -> Void = { _ in }
    }

    package init(
        steering: Steering, transport: any Transport, commits: CommitQueue, metrics: DeliveryMetrics, waiters: Waiters,
        reconciling schedule: ReconcileSchedule = ReconcileSchedule(), time: any TimeSource, log: Logger
    ) {
        self.steering = steering
        self.transport = transport
        self.commits = commits
        self.metrics = metrics
        self.waiters = waiters
        self.schedule = schedule
        self.time = time
        self.log = log
    }

    /// Where parcels go that have to wait, whom to tell when a place was freed, and where rows wait now that nobody holds.
    /// Set once, before the first attempt.
    func connect(
        requeue: @escaping @Sendable (Parcel) -> Void, freed: @escaping @Sendable () -> Void,
        spilled: @escaping @Sendable (QueuePlace) -> Void
    ) {
        links.withLock { links in
            links.requeue = requeue
            links.freed = freed
            links.spilled = spilled
        }
    }

    /// Whom to tell when a provider is first to be asked about an attempt in doubt. Set once, before the first attempt.
    func connect(doubted: @escaping @Sendable (Timestamp) -> Void) { links.withLock { $0.doubted = doubted } }

    /// Begins attempts that the store knows have begun; those that a provider takes together leave in one request. Returns
    /// at once; never throws: how they went is kept and told.
    func start(_ starts: [Start]) {
        for bundle in Bundle.grouped(starts) {
            switch bundle {
            case .one(let start): self.start(start)
            case .many(let starts, let provider): send(starts, through: provider)
            }
        }
    }

    private func start(_ start: Start) {
        if start.provider.authorizer == nil { send(start, at: time.now) } else { authorize(start, at: time.now) }
    }

    /// One request for several messages, each of which comes to its own end.
    private func send(_ starts: [Start], through provider: any BundlingProvider) {
        let startedAt = time.now
        let contexts = starts.map { context(of: $0) }
        let request: TransportRequest
        do throws(Failure) { request = try provider.request(for: contexts) } catch {
            return starts.forEach { send($0, at: startedAt) }
        }
        transport.send(request, pool: provider.name.text, settings: provider.transfer) { [self] reply in
            switch reply {
            case .failure(let error) where error.departure == .refusedUnprocessed:
                starts.forEach { send($0, at: startedAt) }
            case .failure(let error):
                let result = ExchangeResult(.failed(Failure(error)), detail: error.detail)
                for start in starts { conclude(start, result, startedAt: startedAt) }
            case .success(let reply):
                guard let results = provider.results(of: reply, for: contexts), results.count == starts.count else {
                    return starts.forEach { send($0, at: startedAt) }
                }
                for (start, result) in zip(starts, results) { conclude(start, result, startedAt: startedAt) }
            }
        }
    }

    private func context(of start: Start) -> AttemptContext {
        AttemptContext(
            message: start.parcel.message, deliveries: start.parcel.deliveries, attempt: start.begun.id,
            startedAt: start.begun.startedAt, publicURL: steering.current.publicURL)
    }

    /// Waits for the credential that the request needs.
    private func authorize(_ start: Start, at startedAt: Instant) {
        guard let authorizer = start.provider.authorizer else { return send(start, at: startedAt) }
        authorizer.ready(
            over: transport, pool: "\(start.provider.name)/token", settings: start.provider.transfer, at: time.wallNow
        ) { [self] failure in
            if let failure {
                conclude(start, ExchangeResult(.failed(failure), detail: failure.detail), startedAt: startedAt)
            } else {
                send(start, at: startedAt)
            }
        }
    }

    private func send(_ start: Start, at startedAt: Instant) {
        let context = context(of: start)
        var request: TransportRequest
        do throws(Failure) {
            request = try start.provider.request(for: context)
        } catch {
            conclude(start, ExchangeResult(.failed(error), detail: error.detail), startedAt: startedAt)
            return
        }
        if start.wantsNewConnection, case .http(var http) = request {
            http.onNewConnection = true
            request = .http(http)
        }
        transport.send(request, pool: start.provider.name.text, settings: start.provider.transfer) { [self] reply in
            if let again = start.again(after: reply) {
                if again.isWithNewCredential { start.provider.authorizer?.reject(at: time.wallNow) }
                return authorize(again, at: startedAt)
            }
            let result =
                switch reply {
                case .success(let reply): start.provider.result(of: reply, for: context)
                case .failure(let error): ExchangeResult(.failed(Failure(error)), detail: error.detail)
                }
            conclude(start, result, startedAt: startedAt)
        }
    }

    /// Decides what follows from a result, keeps both in one transaction, then tells.
    private func conclude(_ start: Start, _ result: ExchangeResult, startedAt: Instant) {
        let plan = steering.current
        let duration = time.now - startedAt
        var parcel = start.parcel
        parcel.attempts += 1
        let policy = parcel.message.ambiguityPolicy(in: plan.routes)
        let evidence = policy == .reconcile ? start.provider.evidence(for: parcel.message) : .none
        let aftermath = Aftermath(
            of: result, for: parcel, through: start.permit.provider, service: start.provider.kind.pushService,
            policy: policy, evidence: evidence)

        let attempt = Attempt(
            id: start.begun.id, provider: start.permit.provider, startedAt: start.begun.startedAt, duration: duration,
            result: result,
            cost: aftermath.cost(
                plan.gates[start.permit.provider]?.price, country: parcel.message.content.phone?.country))
        var moves = aftermath.moves
        var waiting = parcel
        waiting.deliveries = aftermath.open
        if !aftermath.isResting { waiting.tried.append(start.permit.provider) }
        if aftermath.isExcluded { waiting.excluded.append(start.permit.provider) }
        var next: (choice: Permit, provider: any Provider, begun: Begun)?
        var decision: String?
        if !aftermath.open.isEmpty {
            switch onward(&waiting, aftermath, from: start.permit.provider, plan: plan) {
            case .attempt(let permit, let provider, let begun): next = (permit, provider, begun)
            case .wait(let recorded):
                decision = recorded
                moves += waiting.deliveries.map { Move(ordinal: $0.ordinal, to: .queued, reason: aftermath.reason) }
            case .end(let state, let reason):
                moves += waiting.deliveries.map { Move(ordinal: $0.ordinal, to: state, reason: reason) }
                waiting.deliveries = []
            }
        }
        let conclusion = Conclusion(
            parcel: parcel, attempt: attempt, moves: moves, round: waiting.round, tried: waiting.tried,
            dueAt: waiting.dueAt, next: next?.begun, decision: decision, excluded: waiting.excluded,
            deadTokens: believed(aftermath.deadTokens, of: start.provider),
            doubt: aftermath.doubt(about: attempt, evidence, schedule),
            rules: plan.receiptRules)
        let after = waiting
        let followUp = next.map { Start(parcel: after, permit: $0.choice, provider: $0.provider, begun: $0.begun) }
        commits.submit("record", .insist) { session in
            try session.record(conclusion)
        } then: { [self] kept in
            release(start.permit, result, at: time.now)
            guard case .success(let recorded) = kept else {
                if let followUp { steering.gates.giveBack(followUp.permit, at: time.now) }
                return
            }
            tell(conclusion, recorded, policy: policy)
            if let doubt = conclusion.doubt { links.withLock { $0.doubted }(doubt.dueAt) }
            follow(conclusion, recorded, by: followUp, waiting: after)
            links.withLock { $0.freed }()
        }
    }

    /// Goes on with what still has to go on: the attempt that follows, or a place in the queue.
    private func follow(_ conclusion: Conclusion, _ recorded: Recorded, by followUp: Start?, waiting: Parcel) {
        if var followUp {
            followUp.parcel.deliveries.removeAll { !recorded.next.contains($0.ordinal) }
            if followUp.parcel.deliveries.isEmpty {
                steering.gates.giveBack(followUp.permit, at: time.now)
            } else {
                metrics.failedOver(
                    conclusion.parcel.message.channel, from: conclusion.attempt.provider, to: followUp.permit.provider,
                    after: conclusion.attempt.result.outcome)
                start([followUp])
            }
            return
        }
        var waiting = waiting
        let queued = Set(recorded.moves.filter { $0.to == .queued }.map(\.ordinal))
        waiting.deliveries.removeAll { !queued.contains($0.ordinal) }
        if !waiting.deliveries.isEmpty { links.withLock { $0.requeue }(waiting) }
    }

    /// Tells what came of receipts, once it is on disk.
    package func tell(_ taken: TakenReceipts) {
        for (entry, count) in taken.entered { metrics.entered(entry.state, entry.channel, entry.type, count: count) }
        let now = time.now
        for health in taken.health {
            steering.gates.note(health.effect, provider: health.provider, channel: health.channel, at: now)
        }
        for place in taken.requeued { links.withLock { $0.spilled }(place) }
        for message in taken.messages { waiters.tell(message) }
    }

    /// Those dead tokens that may be forgotten: not when too many die at once.
    private func believed(_ tokens: [String], of provider: any Provider) -> [String] {
        guard provider.kind.pushService != nil else { return tokens }
        let now = time.now
        let isBelieved = guards.withLock { guards in
            guards[provider.name, default: TokenGuard()].believes(isDead: !tokens.isEmpty, at: now)
        }
        guard !tokens.isEmpty else { return [] }
        metrics.deadTokens.with(provider.name.text, isBelieved ? "removed" : "kept").increment(by: UInt64(tokens.count))
        if !isBelieved {
            log.warning(
                "too many dead tokens at once; none is removed: is the credential of the right app and environment?",
                metadata: ["provider": "\(provider.name)"])
        }
        return isBelieved ? tokens : []
    }

    private enum Onward {
        case attempt(Permit, any Provider, Begun)
        case wait(decision: String?)
        case end(DeliveryState, reason: String)
    }

    /// Where what is left of a parcel goes: to the next candidate now, into the next round, or to its end.
    private func onward(
        _ parcel: inout Parcel, _ aftermath: Aftermath, from provider: ProviderName, plan: DeliveryPlan
    ) -> Onward {
        let now = time.wallNow
        if let later = aftermath.later {
            // These addresses wait; the provider is well, and is asked first again.
            var random = SystemRandomNumberGenerator()
            let delay = RetrySchedule(plan.settings).delay(beforeRound: parcel.round + 1, random: &random)
            guard let delay, now < parcel.message.expiresAt else { return .end(.dead, reason: aftermath.reason) }
            parcel.round += 1
            parcel.tried = []
            parcel.dueAt = min(max(later, now + delay), parcel.message.expiresAt)
            return .wait(decision: nil)
        }
        let resting = aftermath.isResting ? provider : nil
        switch steering.choose(
            for: parcel.message, parcel.deliveries, parcel.progress, resting: resting, plan: plan)
        {
        case .taken(let permit, let provider, let decision):
            return .attempt(permit, provider, Begun(permit, decision, at: now))
        case .wait(_, let decision):
            parcel.dueAt = now
            return .wait(decision: decision.json)
        case .nextRound(let at, let decision):
            parcel.round += 1
            parcel.tried = []
            parcel.dueAt = at
            return .wait(decision: decision.json)
        case .finish(let state, let reason, _): return .end(state, reason: "\(reason); last: \(aftermath.reason)")
        }
    }

    private func release(_ permit: Permit, _ result: ExchangeResult, at now: Instant) {
        switch result.outcome {
        case .accepted: steering.gates.settle(permit, .success, at: now, rest: nil)
        case .failed(let failure):
            var rest: ProviderGates.Rest?
            if failure.kind == .throttled, failure.scope == .provider || failure.scope == .account {
                let wall = time.wallNow
                rest = ProviderGates.Rest(
                    until: failure.resumeAt.map { now + max(.zero, $0 - wall) },
                    step: steering.current.providers[permit.provider]?.kind == .smtp ? .seconds(60) : .seconds(1),
                    wholeAccount: failure.scope == .account)
            }
            steering.gates.settle(permit, failure.breaker, at: now, rest: rest)
        }
    }

    private func tell(_ conclusion: Conclusion, _ recorded: Recorded, policy: AmbiguityPolicy) {
        let message = conclusion.parcel.message
        let attempt = conclusion.attempt
        let channel = message.channel.rawValue
        metrics.attempts.with(attempt.provider.text, channel, attempt.result.outcome.word).increment()
        metrics.attemptSeconds.with(attempt.provider.text).observe(attempt.duration.seconds)
        metrics.took("attempt", message, attempt.duration)
        for move in recorded.moves where !move.to.isOpen { metrics.entered(move.to, message) }
        metrics.keptBack(
            message.channel, for: recorded.moves.filter { $0.to == .suppressed }.compactMap(\.suppressionCause))
        tell(recorded.receipts)
        if recorded.moves.contains(where: { !$0.to.isOpen }) {
            metrics.took(
                "total", message, time.wallNow - max(message.createdAt, message.sendAt ?? message.createdAt))
        }
        if case .failed(let failure) = attempt.result.outcome {
            if failure.kind == .ambiguous, conclusion.doubt == nil || recorded.isProven {
                let resolution = recorded.isProven ? "sent" : policy == .resend ? "resent" : "held"
                metrics.ambiguous.with(attempt.provider.text, policy.rawValue, resolution).increment()
            }
            log.info(
                "attempt failed",
                metadata: [
                    "message_id": "\(message.id)", "attempt_id": "\(attempt.id)", "provider": "\(attempt.provider)",
                    "outcome": "\(attempt.result.outcome.word)", "detail": "\(failure.detail)",
                ])
        } else {
            if let cost = attempt.cost {
                metrics.cost.with(attempt.provider.text, channel, cost.currency).increment(
                    by: UInt64(max(0, cost.micros)))
            }
            log.debug(
                "sent",
                metadata: [
                    "message_id": "\(message.id)", "attempt_id": "\(attempt.id)", "provider": "\(attempt.provider)",
                ])
        }
        waiters.tell(message.id)
    }
}

extension Begun {
    /// The attempt that a permit is for.
    init(_ permit: Permit, _ decision: RoutingDecision, at now: Timestamp) {
        self.init(id: AttemptID(at: now), provider: permit.provider, startedAt: now, decision: decision.json)
    }
}
