import WaypostCore
import WaypostPolicy
import WaypostProviders
import WaypostStore

/// Why a message was not taken in.
package enum IntakeRefusal: Error, Equatable, Sendable {
    case queueFull
    case draining
    case storeUnavailable(String)
    /// The limit of one recipient is reached; by the delivery's ordinal.
    case recipientLimited(ordinal: Int, resumeAt: Timestamp?)
    case noRoute(String)
    case idempotencyMismatch
    case idempotencyInProgress

    /// Whether another request under the same key is why.
    package var isOfTheKey: Bool { self == .idempotencyMismatch || self == .idempotencyInProgress }
}

/// What a client hands in, checked and complete.
package struct Submission: Sendable {
    package var message: Message
    /// In order of their ordinals.
    package var deliveries: [Delivery]
    /// The normal form of each delivery's address.
    package var normalAddresses: [String]

    package init(message: Message, deliveries: [Delivery], normalAddresses: [String]) {
        self.message = message
        self.deliveries = deliveries
        self.normalAddresses = normalAddresses
    }
}

/// Takes messages in: admit, route and gate, keep; the answer goes out once they are on disk.
package final class Intake: Sendable {
    /// One message that has passed everything but the store. It holds what was taken for it until it is kept or let go.
    package struct Prepared: Sendable {
        fileprivate var new: NewMessage
        fileprivate var permit: (permit: Permit, provider: any Provider)?
        fileprivate var reserved: Int?
        fileprivate var recipients: [(key: RecipientKey, ordinal: Int)]
        /// When their windows were charged.
        fileprivate var takenAt: Instant
        /// What explain would say of it; nil where it is scheduled or lines up.
        package var decision: RoutingDecision?
        package var message: Message { new.message }
        package var deliveries: Int { new.deliveries.count }
    }

    package enum Accepted: Sendable {
        case kept(StoredAnswer, [KeptMessage])
        case replayed(StoredAnswer)
    }

    private let steering: Steering
    private let commits: CommitQueue
    private let once: OnceOnly
    private let dispatcher: Dispatcher
    private let exchange: Exchange
    private let recipients: RecipientWindows
    private let addresses: AddressKey
    private let metrics: DeliveryMetrics
    private let time: any TimeSource

    package init(
        steering: Steering, commits: CommitQueue, once: OnceOnly, dispatcher: Dispatcher, exchange: Exchange,
        recipients: RecipientWindows,
        addresses: AddressKey, metrics: DeliveryMetrics, time: any TimeSource
    ) {
        self.steering = steering
        self.commits = commits
        self.once = once
        self.dispatcher = dispatcher
        self.exchange = exchange
        self.recipients = recipients
        self.addresses = addresses
        self.metrics = metrics
        self.time = time
    }

    /// Admits, routes and gates one message. What it takes (a place in windows, a permit) is held by the result.
    package func prepare(_ submission: Submission) -> Result<Prepared, IntakeRefusal> {
        let plan = steering.current
        let message = submission.message
        let now = time.wallNow
        guard commits.failure == nil else { return .failure(.storeUnavailable("the store cannot commit now")) }
        guard commits.ledger.open < plan.maxQueued else { return .failure(.queueFull) }
        let keys = submission.normalAddresses.map { addresses.value(of: $0, on: message.channel) }
        let taken: [(RecipientKey, Int)]
        let takenAt = time.now
        switch recipients.take(message, keys: keys, plan.limits, at: takenAt) {
        case .success(let keys): taken = keys
        case .failure(let full):
            metrics.rejections.with("recipient").increment()
            return .failure(
                .recipientLimited(ordinal: full.ordinal, resumeAt: full.until.map { now + ($0 - takenAt) }))
        }
        var prepared = Prepared(
            new: NewMessage(
                message: message, encoded: [0] + message.encoded(), deliveries: submission.deliveries,
                addressKeys: keys,
                dueAt: message.sendAt ?? message.createdAt, begun: nil, decision: nil, isHeld: false,
                storedLimit: recipients.storedLimit(message, plan.limits)),
            permit: nil, reserved: nil, recipients: taken, takenAt: takenAt, decision: nil)
        if let refusal = place(&prepared, plan: plan, now: now) {
            letGo(prepared)
            return .failure(refusal)
        }
        return .success(prepared)
    }

    /// Finds a provider at once where one is free and nobody waits before it; else a place in the queue.
    private func place(_ prepared: inout Prepared, plan: DeliveryPlan, now: Timestamp) -> IntakeRefusal? {
        let message = prepared.new.message
        let isScheduled = prepared.new.dueAt > now
        if isScheduled || dispatcher.hasWaiting(message.channel) {
            if let refusal = Self.objection(
                to: message, prepared.new.deliveries,
                candidates: steering.candidates(for: message, prepared.new.deliveries, plan: plan), plan)
            {
                return refusal
            }
        } else {
            switch steering.choose(for: message, prepared.new.deliveries, RouteProgress(), plan: plan) {
            case .taken(let permit, let provider, let decision):
                prepared.permit = (permit, provider)
                prepared.decision = decision
                prepared.new.begun = Begun(permit, decision, at: now)
            case .wait(_, let decision), .nextRound(_, let decision):
                prepared.decision = decision
                prepared.new.decision = decision.json
            case .finish(_, _, let decision): return .noRoute(Self.unableText(decision, message.channel))
            }
        }
        if prepared.permit != nil {
            prepared.new.isHeld = true
        } else if !isScheduled, dispatcher.reserve(message.channel, bytes: message.content.size + 512) {
            prepared.reserved = message.content.size + 512
            prepared.new.isHeld = true
        }
        return nil
    }

    private static func objection(
        to message: Message, _ deliveries: [Delivery], candidates: Candidates, _ plan: DeliveryPlan
    ) -> IntakeRefusal? {
        func objection(_ name: ProviderName) -> String? {
            plan.providers[name]?.objection(to: message, for: deliveries)
        }
        if candidates.providers.contains(where: { objection($0) == nil }) { return nil }
        let words = candidates.providers.compactMap { name in
            objection(name).map { "\(name): \($0)" }
        }
        return .noRoute(
            words.isEmpty ? "no provider is configured for \(message.channel.rawValue)" : words.joined(separator: "; "))
    }

    private static func unableText(_ decision: RoutingDecision, _ channel: Channel) -> String {
        let words = decision.considered.map { "\($0.provider): \($0.detail ?? "cannot carry it")" }
        return words.isEmpty ? "no provider is configured for \(channel.rawValue)" : words.joined(separator: "; ")
    }

    /// Gives back all that was taken for a message that is not kept.
    package func letGo(_ prepared: Prepared) {
        let now = time.now
        if let permit = prepared.permit?.permit { steering.gates.giveBack(permit, at: now) }
        if let bytes = prepared.reserved { dispatcher.cancelReservation(prepared.new.message.channel, bytes: bytes) }
        recipients.giveBack(prepared.recipients.map(\.key), at: prepared.takenAt)
    }

    /// Keeps what was prepared, in one transaction with the answer under its idempotency key. `then` is called once it is on
    /// disk or refused; `answer` is asked inside the transaction, with what became of each.
    package func keep(
        _ all: [Prepared], idempotency: IdempotencyRecord?,
        answer: @escaping @Sendable ([KeptMessage]) -> StoredAnswer,
        then: @escaping @Sendable (Result<Accepted, IntakeRefusal>) -> Void
    ) {
        let new = all.map(\.new)
        once.submit("keep", under: idempotency) { session in
            try session.keep(new, answer: answer)
        } then: { [self] result in
            switch result {
            case .success(.made(.kept(let kept, let answer), _)):
                then(.success(.kept(answer, kept)))
                for (prepared, kept) in zip(all, kept) { send(prepared, kept) }
            case .success(.made(.limited(let resumeAt), _)):
                all.forEach(letGo)
                metrics.rejections.with("recipient").increment()
                then(.failure(.recipientLimited(ordinal: 0, resumeAt: resumeAt)))
            case .success(.replayed(let answer)):
                all.forEach(letGo)
                then(.success(.replayed(answer)))
            case .failure(let refusal):
                all.forEach(letGo)
                then(.failure(refusal))
            }
        }
    }

    /// On disk: what holds a permit leaves, the rest lines up.
    private func send(_ prepared: Prepared, _ kept: KeptMessage) {
        let message = prepared.new.message
        let open = zip(prepared.new.deliveries, kept.states).filter { $0.1.isOpen }.map(\.0)
        let suppressed = kept.states.count { $0 == .suppressed }
        if suppressed > 0 {
            metrics.entered(.suppressed, message, count: suppressed)
            metrics.suppressed.with(message.channel.rawValue, "refused").increment(by: UInt64(suppressed))
        }
        metrics.took("accept", message.channel, time.wallNow - message.createdAt)
        guard !open.isEmpty else {
            if let permit = prepared.permit?.permit { steering.gates.giveBack(permit, at: time.now) }
            if let bytes = prepared.reserved { dispatcher.cancelReservation(message.channel, bytes: bytes) }
            return
        }
        let parcel = Parcel(seq: kept.seq, envelope: 0, message: message, deliveries: open, dueAt: prepared.new.dueAt)
        if let (permit, provider) = prepared.permit, let begun = prepared.new.begun {
            exchange.start(Exchange.Start(parcel: parcel, permit: permit, provider: provider, begun: begun))
        } else if prepared.reserved != nil {
            dispatcher.take(parcel)
        } else {
            dispatcher.spilled(message.channel, lane: message.priority.lane, dueAt: prepared.new.dueAt)
        }
    }
}
