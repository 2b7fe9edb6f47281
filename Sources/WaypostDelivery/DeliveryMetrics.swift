import WaypostCore
import WaypostMetrics
import WaypostProviders
import WaypostStore

/// All that delivery measures, in one place (contract/metrics.md).
package struct DeliveryMetrics: Sendable {
    let sent: CounterFamily
    let processing: HistogramFamily
    let attempts: CounterFamily
    let attemptSeconds: HistogramFamily
    let failovers: CounterFamily
    let breakerTransitions: CounterFamily
    let ambiguous: CounterFamily
    let suppressed: CounterFamily
    let rejections: CounterFamily
    let replays: CounterFamily
    let cost: CounterFamily
    let deadTokens: CounterFamily
    let commitSeconds: HistogramFamily
    let commitBatch: HistogramFamily
    let storeErrors: CounterFamily
    package let callbacks: CallbackMetrics

    /// Bounds of `message_processing_duration_seconds`, in seconds.
    private static let processingBounds = [0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10]

    package init(in registry: MetricsRegistry) {
        sent = registry.counter(
            "messages_sent_total", "States entered by deliveries; sum over one status at a time.",
            labels: ["channel", "type", "status"])
        processing = registry.histogram(
            "message_processing_duration_seconds", "Time a message takes: accept, queue_wait, attempt, total.",
            labels: ["channel", "operation"], buckets: Self.processingBounds)
        attempts = registry.counter(
            "waypost_attempts_total", "Attempts made, by how they ended.", labels: ["provider", "channel", "outcome"])
        attemptSeconds = registry.histogram(
            "waypost_attempt_duration_seconds", "Time from an attempt's request to its answer.", labels: ["provider"],
            buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
        failovers = registry.counter(
            "waypost_failovers_total", "Messages that went on to another provider, and why.",
            labels: ["channel", "from", "to", "reason"])
        breakerTransitions = registry.counter(
            "waypost_breaker_transitions_total", "Circuit breaker transitions, by the state entered.",
            labels: ["provider", "channel", "to"])
        ambiguous = registry.counter(
            "waypost_ambiguous_total", "Attempts whose outcome nobody knows, by policy and what was done.",
            labels: ["provider", "policy", "resolution"])
        suppressed = registry.counter(
            "waypost_suppressed_total",
            "Deliveries kept back because their address is suppressed, by the reason it is for.",
            labels: ["channel", "cause"])
        rejections = registry.counter(
            "waypost_rate_limit_rejections_total", "Requests and attempts refused by a sliding window.",
            labels: ["limit"])
        replays = registry.counter(
            "waypost_idempotent_replays_total", "Answers given again under their idempotency key.", labels: [])
        cost = registry.counter(
            "waypost_cost_micros_total", "Price of what providers accepted, in micro-units.",
            labels: ["provider", "channel", "currency"])
        deadTokens = registry.counter(
            "waypost_dead_tokens_total",
            "Device tokens that a provider called dead: removed, or kept because too many died at once.",
            labels: ["provider", "result"])
        commitSeconds = registry.histogram(
            "waypost_store_commit_duration_seconds", "Time a transaction takes, its fsync included.", labels: [],
            buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1])
        commitBatch = registry.histogram(
            "waypost_store_commit_batch_size", "Changes that shared one transaction.", labels: [],
            buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
        storeErrors = registry.counter(
            "waypost_store_errors_total", "Changes that the store refused or failed at.", labels: ["operation"])
        callbacks = CallbackMetrics(in: registry)
    }

    /// Makes every series that the plan makes possible exist with 0 from the first scrape on.
    package func announce(_ plan: DeliveryPlan) {
        callbacks.announce(
            plan.providers.values.filter { $0 is any CallbackSource }.map(\.name.text).sorted()
                + plan.callbacks.senders.keys.sorted().map { "incoming/\($0)" })
        let statuses = DeliveryState.allCases.filter { !$0.isOpen }
        for (channel, providers) in plan.providersByChannel {
            for type in MessageType.allCases {
                for status in statuses { _ = sent.with(channel.rawValue, type.rawValue, status.word) }
            }
            for operation in ["accept", "queue_wait", "attempt", "total"] {
                _ = processing.with(channel.rawValue, operation)
            }
            for cause in Suppression.Reason.allCases { _ = suppressed.with(channel.rawValue, cause.rawValue) }
            for provider in providers {
                _ = attempts.with(provider.text, channel.rawValue, "accepted")
                for kind in Failure.Kind.allCases { _ = attempts.with(provider.text, channel.rawValue, kind.rawValue) }
                for state in ["closed", "half_open", "open"] {
                    _ = breakerTransitions.with(provider.text, channel.rawValue, state)
                }
                _ = attemptSeconds.with(provider.text)
                if plan.providers[provider]?.kind.pushService != nil {
                    for result in ["removed", "kept"] { _ = deadTokens.with(provider.text, result) }
                }
                for (policy, resolution) in [
                    ("resend", "resent"), ("hold", "held"), ("reconcile", "held"), ("resend", "sent"), ("hold", "sent"),
                    ("reconcile", "sent"),
                ] {
                    _ = ambiguous.with(provider.text, policy, resolution)
                }
                if let maker = plan.providers[provider], maker is any InquirableProvider || maker.evidence != .none {
                    for resolution in [Reconciler.Resolution.confirmed, .resent] {
                        _ = ambiguous.with(provider.text, AmbiguityPolicy.reconcile.rawValue, resolution.rawValue)
                    }
                }
                if let price = plan.gates[provider]?.price {
                    _ = cost.with(provider.text, channel.rawValue, price.currency)
                }
            }
        }
        let reasons =
            RoutingDecision.Verdict.allCases.filter(\.isPassingOver).map(\.rawValue)
            + [Failure.Kind.unavailable, .throttled, .unsuitable, .misconfigured, .ambiguous].map(\.rawValue)
        for (channel, route) in plan.routeSettings {
            for pair in route.failoverPairs {
                for reason in reasons { _ = failovers.with(channel.rawValue, pair.from.text, pair.to.text, reason) }
            }
        }
        for limit in ["client", "recipient", "provider"] { _ = rejections.with(limit) }
        for operation in ["commit", "keep", "begin", "record", "receipt"] { _ = storeErrors.with(operation) }
        _ = replays.with()
    }

    /// A delivery has entered a state: called once the store knows it.
    func entered(_ state: DeliveryState, _ message: Message, count: Int = 1) {
        sent.with(message.channel.rawValue, message.type.rawValue, state.word).increment(by: UInt64(count))
    }

    /// Deliveries that were not sent because their address is suppressed.
    func keptBack(_ channel: Channel, for causes: [Suppression.Reason]) {
        for cause in causes { suppressed.with(channel.rawValue, cause.rawValue).increment() }
    }

    /// A sliding window refused something; `limit` is of a closed list (client, recipient, provider).
    package func rejected(_ limit: String) { rejections.with(limit).increment() }

    /// A look at the candidates that led somewhere: who was passed over for whom, and whose windows refused it.
    func decided(_ decision: RoutingDecision, on channel: Channel) {
        for candidate in decision.considered where candidate.verdict == .rateLimited { rejected("provider") }
        guard let first = decision.considered.first(where: { $0.verdict != .unable && $0.verdict != .tried }),
            first.verdict.isPassingOver, let taken = decision.considered.last(where: { $0.verdict == .taken })
        else { return }
        failovers.with(channel.rawValue, first.provider.text, taken.provider.text, first.verdict.rawValue).increment()
    }

    /// A message goes on at once to another provider after an attempt.
    func failedOver(_ channel: Channel, from: ProviderName, to: ProviderName, after outcome: Outcome) {
        failovers.with(channel.rawValue, from.text, to.text, outcome.word).increment()
    }

    /// Deliveries that somebody moved by hand: a client that took them back, an operator who purged or resolved them.
    package func entered(_ state: DeliveryState, _ channel: Channel, _ type: MessageType, count: Int) {
        sent.with(channel.rawValue, type.rawValue, state.word).increment(by: UInt64(count))
    }

    /// What the commit thread tells of a transaction, and of a failure.
    package func committed(_ batch: Int, _ duration: Duration) {
        commitBatch.with().observe(Double(batch))
        commitSeconds.with().observe(duration.seconds)
    }

    package func storeFailed(_ operation: String) { storeErrors.with(operation).increment() }

    /// A breaker has changed its state.
    package func breaker(_ transition: ProviderGates.Transition) {
        breakerTransitions.with(transition.provider.text, transition.channel.rawValue, transition.to).increment()
    }

    /// An attempt of the run before, settled at start.
    package func recovered(_ doubt: Recovered.Doubt) {
        switch doubt.resolution {
        case .resent: ambiguous.with(doubt.provider.text, doubt.policy.rawValue, "resent").increment()
        case .held: ambiguous.with(doubt.provider.text, doubt.policy.rawValue, "held").increment()
        case .asked: break  // counted when it is known
        }
    }

    /// What came of asking a provider, or of listening to it.
    func reconciled(_ provider: ProviderName, _ resolution: Reconciler.Resolution) {
        ambiguous.with(provider.text, AmbiguityPolicy.reconcile.rawValue, resolution.rawValue).increment()
    }

    /// A step of that message, whose trace an operator may look up.
    func took(_ operation: String, _ message: Message, _ duration: Duration) {
        processing.with(message.channel.rawValue, operation).observe(
            duration.seconds, traceID: Traceparent.traceID(in: message.traceparent))
    }
}
