import WaypostCore

/// How far a delivery has come on its route. Kept with it.
package struct RouteProgress: Equatable, Sendable {
    /// From 1.
    package var round: Int
    /// Who has had a turn in this round; each gets at most one.
    package var tried: [ProviderName]
    /// Who can never reach it, in no round: the address that they know is dead.
    package var excluded: [ProviderName]
    /// When the last turn of this round ended: what the retry delay counts from.
    package var lastTriedAt: Timestamp?

    package init(
        round: Int = 1, tried: [ProviderName] = [], excluded: [ProviderName] = [], lastTriedAt: Timestamp? = nil
    ) {
        self.round = round
        self.tried = tried
        self.excluded = excluded
        self.lastTriedAt = lastTriedAt
    }

    /// The provider has had its turn.
    package mutating func note(_ provider: ProviderName, at now: Timestamp) {
        if !tried.contains(provider) { tried.append(provider) }
        lastTriedAt = now
    }

    /// The next round, in which everybody has a turn again.
    package var nextRound: RouteProgress { RouteProgress(round: round + 1, excluded: excluded) }
}

/// Whether a candidate may be asked now.
package enum Standing: Equatable, Sendable {
    case free
    /// Breaker open, resting, window or places full: until then; nil: nobody can say.
    case busy(until: Timestamp?)
    /// Disabled, or held open by an operator: no time will change it.
    case shut
    /// Cannot carry this message.
    case unable
}

/// Decides whom to ask next, or how long to wait: rounds over the candidates, until the retries or the time are used up.
///
/// A round is over when no candidate is free and none that has not had its turn is worth waiting for. Before anybody
/// was asked, any wait is worth it and uses up no retry. After that the next round comes with the retry delay, unless a
/// candidate is free again sooner; and when no retry is left, a candidate that frees itself in time is waited for.
package struct RoutePlan: Equatable, Sendable {
    package enum Move: Equatable, Sendable {
        case attempt(ProviderName)
        /// The same round goes on then; nil: when something changes. Uses up no retry.
        case wait(until: Timestamp?)
        /// A new round begins then.
        case nextRound(at: Timestamp)
        case finish(DeliveryState, reason: String)
    }

    package let schedule: RetrySchedule
    /// Never after this moment; waits end with it at the latest.
    package let expiresAt: Timestamp

    package init(schedule: RetrySchedule, expiresAt: Timestamp) {
        self.schedule = schedule
        self.expiresAt = expiresAt
    }

    /// The next move of a delivery that is not under way.
    package func next(
        _ progress: RouteProgress, candidates: [(provider: ProviderName, standing: Standing)], at now: Timestamp,
        random: inout some RandomNumberGenerator
    ) -> Move {
        guard now < expiresAt else { return .finish(.expired, reason: "expired") }
        let able = candidates.filter { $0.standing != .unable }
        guard !able.isEmpty else { return .finish(.failed, reason: "no_provider") }

        let untried = able.filter { !progress.tried.contains($0.provider) }
        if let next = untried.first(where: { $0.standing == .free }) { return .attempt(next.provider) }
        let freeAt = untried.compactMap(\.standing.freeAt).min()

        guard untried.count < able.count else { return .wait(until: freeAt.map { min($0, expiresAt) }) }
        guard let retryAt = retryAt(progress, at: now, random: &random) else {
            guard let freeAt, freeAt < expiresAt else { return .finish(.dead, reason: Self.retriesExhausted) }
            return .wait(until: freeAt)
        }
        if let freeAt, freeAt < retryAt { return .wait(until: freeAt) }
        return .nextRound(at: retryAt)
    }

    /// When the round after this one may begin; nil: no retry is left. Not in the past, and not beyond the expiry, where
    /// the delivery is woken to end.
    func retryAt(
        _ progress: RouteProgress, at now: Timestamp, random: inout some RandomNumberGenerator
    ) -> Timestamp? {
        guard let delay = schedule.delay(beforeRound: progress.round + 1, random: &random) else { return nil }
        return min(max((progress.lastTriedAt ?? now) + delay, now), expiresAt)
    }

    static let retriesExhausted = "retries_exhausted"
}

extension Standing {
    fileprivate var freeAt: Timestamp? {
        if case .busy(let until) = self { until } else { nil }
    }
}
