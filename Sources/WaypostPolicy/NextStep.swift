import WaypostCore

/// What becomes of a delivery after an attempt.
package enum NextStep: Equatable, Sendable {
    /// Nothing more is done for it; `reason` fills `status_reason`, and is empty for success.
    case finish(DeliveryState, reason: String)
    /// Ask the gates, then `RoutePlan.next`.
    case tryNext
    /// A new round, not sooner.
    case retry(at: Timestamp)
    /// Find out whether the provider has it before anything else.
    case reconcile

    /// Decides from the verdict on the attempt that `provider` has just ended, and keeps `progress` up to date: the
    /// provider has had its turn, unless it only rests, and a retry begins a new round.
    package static func after(
        _ verdict: Verdict, by provider: ProviderName, progress: inout RouteProgress, plan: RoutePlan,
        at now: Timestamp, random: inout some RandomNumberGenerator
    ) -> NextStep {
        switch verdict {
        case .sent: return .finish(.sent, reason: "")
        case .failed(let reason), .suppress(_, let reason): return .finish(.failed, reason: reason)
        case .doubt(.hold): return .finish(.inDoubt, reason: Failure.Kind.ambiguous.rawValue)
        case .doubt(.reconcile): return .reconcile
        case .rest: return .tryNext
        case .onward:
            progress.note(provider, at: now)
            return .tryNext
        case .later(let until):
            progress.note(provider, at: now)
            guard let retryAt = plan.retryAt(progress, at: now, random: &random) else {
                return .finish(.dead, reason: RoutePlan.retriesExhausted)
            }
            progress = progress.nextRound
            return .retry(at: min(max(retryAt, until ?? now), plan.expiresAt))
        }
    }
}
