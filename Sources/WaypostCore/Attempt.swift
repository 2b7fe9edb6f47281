/// One exchange with a provider for the deliveries of one envelope, as it is kept.
package struct Attempt: Equatable, Sendable {
    package var id: AttemptID
    package var provider: ProviderName
    package var startedAt: Timestamp
    package var duration: Duration
    package var result: ExchangeResult
    /// By the configured price; nil where there is none, or nothing was accepted.
    package var cost: Cost?

    package init(
        id: AttemptID, provider: ProviderName, startedAt: Timestamp, duration: Duration, result: ExchangeResult,
        cost: Cost? = nil
    ) {
        self.id = id
        self.provider = provider
        self.startedAt = startedAt
        self.duration = duration
        self.result = result
        self.cost = cost
    }
}
