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
    /// Recipients have not agreed to it.
    case consentRequired([ConsentObjection])
    case idempotencyMismatch
    case idempotencyInProgress

    /// Whether another request under the same key is why.
    package var isOfTheKey: Bool { self == .idempotencyMismatch || self == .idempotencyInProgress }

    /// Whether a policy says no that is asked after suppression and consent (behaviour: "Policy, in this order").
    package var isOfLaterPolicy: Bool {
        switch self {
        case .recipientLimited, .noRoute: true
        default: false
        }
    }
}

/// Takes messages in: admit, route and gate, keep; the answer goes out once they are on disk.
package final class Intake: Sendable {
    /// One message that has passed everything but the store. It holds what was taken for it until it is kept or let go.
    package struct Prepared: Sendable {
        fileprivate var new: NewMessage
        /// What each envelope holds.
        fileprivate var places: [Place]
        fileprivate var recipients: [(key: RecipientKey, ordinal: Int)]
        /// When their windows were charged.
        fileprivate var takenAt: Instant
        /// Why it waits before it may go out, where its client did not ask for that.
        package var heldBecause: String? { new.heldBecause }
        /// Whether it goes out later than at once.
        package var isScheduled: Bool { new.dueAt > new.message.createdAt }
        /// What explain would say of it, of each envelope in order; empty where it is scheduled or lines up.
        package var decisions: [RoutingDecision]
        package var message: Message { new.message }
        package var decision: RoutingDecision? { decisions.first }
        package var deliveries: Int { new.envelopes.reduce(0) { $0 + $1.deliveries.count } }
    }

    /// How an envelope goes on once it is kept.
    fileprivate enum Place: Sendable {
        case leaving(Permit, any Provider)
        /// Lines up in memory, on that track; the bytes that are reserved for it.
        case reserved(track: Int, bytes: Int)
        /// Lies in the store alone.
        case stored
    }

    package enum Accepted: Sendable {
        case kept(StoredAnswer, [KeepOutcome])
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
        var message = submission.message
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
        let dueAt = message.sendAt ?? message.createdAt
        let hold = plan.policy.quietHours?.hold(message, at: dueAt)
        // Its time to live counts from when it may go.
        if let hold { message.expiresAt = message.expiresAt + (hold.until - dueAt) }
        var prepared = Prepared(
            new: NewMessage(
                message: message, encoded: [0] + message.encoded(),
                envelopes: submission.envelopes(keys, others: otherKeys(of: submission)),
                dueAt: hold?.until ?? dueAt, heldBecause: hold?.reason,
                storedLimit: recipients.storedLimit(message, plan.limits)),
            places: [], recipients: taken, takenAt: takenAt, decisions: [])
        prepared.new.requiresConsent = plan.policy.consent.isRequired(for: message.type, on: message.channel)
        if let refusal = place(&prepared, plan: plan, now: now) {
            letGo(prepared)
            return .failure(refusal)
        }
        return .success(prepared)
    }

    /// The same for a message whose recipients are all suppressed, as far as one can see: it is kept to say so, and neither
    /// limits nor routes are asked. Should one of them be lifted on the way, the message waits in the store.
    package func prepareSuppressed(_ submission: Submission) -> Result<Prepared, IntakeRefusal> {
        let plan = steering.current
        let message = submission.message
        guard commits.failure == nil else { return .failure(.storeUnavailable("the store cannot commit now")) }
        guard commits.ledger.open < plan.maxQueued else { return .failure(.queueFull) }
        let keys = submission.normalAddresses.map { addresses.value(of: $0, on: message.channel) }
        var new = NewMessage(
            message: message, encoded: [0] + message.encoded(),
            envelopes: submission.envelopes(keys, others: otherKeys(of: submission)),
            dueAt: message.sendAt ?? message.createdAt)
        new.requiresConsent = requiresConsent(message)
        let places = new.envelopes.map { _ in Place.stored }
        return .success(Prepared(new: new, places: places, recipients: [], takenAt: time.now, decisions: []))
    }

    private func otherKeys(of submission: Submission) -> [Int: Int64] {
        guard commits.hasLists else { return [:] }
        return submission.otherAddresses.mapValues { addresses.value(of: $0, on: submission.message.channel) }
    }

    /// Whether its recipients must have agreed.
    package func requiresConsent(_ message: Message) -> Bool {
        steering.current.policy.consent.isRequired(for: message.type, on: message.channel)
    }

    /// Whether the lists of suppressions and of consent can have anything against a message; false spares a look.
    package func mayBeListed(_ message: Message) -> Bool { commits.hasLists || requiresConsent(message) }

    /// Finds a provider at once for each envelope where one is free and nobody waits before it; else a place in the queue.
    /// Refused is what none of the envelopes has a provider for; one that is alone in that ends when its turn comes.
    private func place(_ prepared: inout Prepared, plan: DeliveryPlan, now: Timestamp) -> IntakeRefusal? {
        var refusal: IntakeRefusal?
        var isRoutable = false
        for index in prepared.new.envelopes.indices {
            let (place, objection) = place(&prepared, index, plan: plan, now: now)
            prepared.places.append(place)
            if let objection { refusal = objection } else { isRoutable = true }
        }
        return isRoutable ? nil : refusal
    }

    private func place(
        _ prepared: inout Prepared, _ index: Int, plan: DeliveryPlan, now: Timestamp
    ) -> (Place, IntakeRefusal?) {
        let message = prepared.new.message
        let deliveries = prepared.new.envelopes[index].deliveries
        let isScheduled = prepared.new.dueAt > now
        var refusal: IntakeRefusal?
        if isScheduled || dispatcher.hasWaiting(message.channel) {
            refusal = Self.objection(
                to: message, deliveries, candidates: steering.candidates(for: message, deliveries, plan: plan), plan)
        } else {
            switch steering.choose(for: message, deliveries, RouteProgress(), plan: plan) {
            case .taken(let permit, let provider, let decision):
                prepared.decisions.append(decision)
                prepared.new.envelopes[index].begun = Begun(permit, decision, at: now)
                prepared.new.envelopes[index].isHeld = true
                return (.leaving(permit, provider), nil)
            case .wait(_, let decision), .nextRound(_, let decision):
                prepared.decisions.append(decision)
                prepared.new.envelopes[index].decision = decision.json
            case .finish(_, _, let decision):
                prepared.decisions.append(decision)
                refusal = .noRoute(Self.unableText(decision, message.channel))
            }
        }
        let bytes = message.content.size + 512
        let isStopped = steering.interventions.stop(on: message.channel) != nil
        let place = QueuePlace(
            message.channel, lane: message.priority.lane, track: steering.track(of: message, deliveries, plan: plan))
        prepared.new.envelopes[index].track = place.track
        guard !isScheduled, !isStopped, dispatcher.reserve(place, bytes: bytes) else { return (.stored, refusal) }
        prepared.new.envelopes[index].isHeld = true
        return (.reserved(track: place.track, bytes: bytes), refusal)
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
        for place in prepared.places { letGo(place, prepared.message.channel) }
        recipients.giveBack(prepared.recipients.map(\.key), at: prepared.takenAt)
    }

    private func letGo(_ place: Place, _ channel: Channel) {
        switch place {
        case .leaving(let permit, _): steering.gates.giveBack(permit, at: time.now)
        case .reserved(let track, let bytes): dispatcher.cancelReservation(channel, track: track, bytes: bytes)
        case .stored: break
        }
    }

    /// Keeps what was prepared, in one transaction with the answer under its idempotency key. `then` is called once it is on
    /// disk or refused; `answer` is asked inside the transaction, with what became of each. Without an answer the first that
    /// was refused is what `then` hears of.
    package func keep(
        _ all: [Prepared], idempotency: IdempotencyRecord?,
        answer: @escaping @Sendable ([KeepOutcome]) -> StoredAnswer?,
        then: @escaping @Sendable (Result<Accepted, IntakeRefusal>) -> Void
    ) {
        let new = all.map(\.new)
        once.submit("keep", under: idempotency) { session in
            try session.keep(new, answer: answer)
        } then: { [self] result in
            switch result {
            case .success(.made(.kept(let outcomes, let answer), _)):
                // Before the answer: who asks next finds free what is not needed after all.
                for (prepared, outcome) in zip(all, outcomes) {
                    if let kept = outcome.message { giveBack(prepared, kept) } else { letGo(prepared) }
                }
                if let answer {
                    then(.success(.kept(answer, outcomes)))
                } else {
                    then(.failure(.consentRequired(outcomes.lazy.compactMap(\.objections).first ?? [])))
                }
                exchange.start(
                    zip(all, outcomes).flatMap { prepared, outcome in
                        outcome.message.map { send(prepared, $0) } ?? []
                    })
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

    /// On disk, and some of its recipients are suppressed: what was taken for them is free again.
    private func giveBack(_ prepared: Prepared, _ kept: KeptMessage) {
        let suppressed = kept.states.count { $0 == .suppressed }
        guard suppressed > 0 else { return }
        let message = prepared.new.message
        metrics.entered(.suppressed, message, count: suppressed)
        metrics.keptBack(message.channel, for: kept.causes)
        let free = prepared.recipients.filter {
            kept.states.indices.contains($0.ordinal) && kept.states[$0.ordinal] == .suppressed
        }
        recipients.giveBack(free.map(\.key), at: prepared.takenAt)
        for (open, place) in zip(open(of: prepared, kept), prepared.places) where open.isEmpty {
            letGo(place, message.channel)
        }
    }

    /// The deliveries of each envelope that are to leave.
    private func open(of prepared: Prepared, _ kept: KeptMessage) -> [[Delivery]] {
        var states = kept.states[...]
        return prepared.new.envelopes.map { envelope in
            defer { states = states.dropFirst(envelope.deliveries.count) }
            return zip(envelope.deliveries, states).filter { $0.1.isOpen }.map(\.0)
        }
    }

    /// On disk: what holds a permit leaves, which is returned; the rest lines up.
    private func send(_ prepared: Prepared, _ kept: KeptMessage) -> [Exchange.Start] {
        let message = prepared.new.message
        metrics.took("accept", message, time.wallNow - message.createdAt)
        for decision in prepared.decisions { metrics.decided(decision, on: message.channel) }
        var starts: [Exchange.Start] = []
        for (index, open) in open(of: prepared, kept).enumerated() where !open.isEmpty {
            let envelope = prepared.new.envelopes[index]
            let parcel = Parcel(
                seq: kept.seq, envelope: envelope.number, message: message, deliveries: open, dueAt: prepared.new.dueAt,
                track: envelope.track)
            switch prepared.places[index] {
            case .leaving(let permit, let provider):
                guard let begun = envelope.begun else { continue }
                starts.append(Exchange.Start(parcel: parcel, permit: permit, provider: provider, begun: begun))
            case .reserved: dispatcher.take(parcel)
            case .stored: dispatcher.spilled(parcel.place, dueAt: prepared.new.dueAt)
            }
        }
        return starts
    }
}
