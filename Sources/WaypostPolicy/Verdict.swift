import WaypostCore

/// What the end of an attempt means for one delivery, whatever its route (contract: behaviour, the table of outcomes).
package enum Verdict: Equatable, Sendable {
    /// The provider has taken responsibility.
    case sent
    /// No provider would take this message.
    case failed(reason: String)
    /// The address is dead or its owner refused: this delivery fails, the address is suppressed, and going to another
    /// provider would be dodging it.
    case suppress(Suppression.Reason?, reason: String)
    /// The next candidate at once; this provider has had its turn of the round.
    case onward
    /// The provider rests until then (nil: it named no time); the next candidate now. Waiting is not failing, so it
    /// has kept its turn of the round.
    case rest(until: Timestamp?)
    /// This one address rests until then (nil: it named no time); no other provider would reach it sooner.
    case later(until: Timestamp?)
    /// The provider may have the message, and the policy says not to risk a second.
    case doubt(Doubt)

    package enum Doubt: Equatable, Sendable {
        /// Ask, or wait for the provider's event, before anything else.
        case reconcile
        /// An operator decides.
        case hold
    }

    /// Judges an outcome that concerns the delivery.
    package static func after(_ outcome: Outcome, policy: AmbiguityPolicy) -> Verdict {
        guard case .failed(let failure) = outcome else { return .sent }
        return switch failure.kind {
        case .refusedMessage: .failed(reason: failure.reason)
        case .refusedRecipient: .suppress(failure.suppression, reason: failure.reason)
        case .unavailable, .unsuitable, .misconfigured: .onward
        case .throttled where failure.scope == .endpoint: .later(until: failure.resumeAt)
        case .throttled: .rest(until: failure.resumeAt)
        case .ambiguous:
            switch policy {
            case .resend: .onward
            case .reconcile: .doubt(.reconcile)
            case .hold: .doubt(.hold)
            }
        }
    }

    /// Judges an exchange for the delivery of that ordinal: what is said of it alone goes before what is said of all.
    package static func after(_ result: ExchangeResult, for ordinal: Int, policy: AmbiguityPolicy) -> Verdict {
        after(result.exceptions[ordinal].map(Outcome.failed) ?? result.outcome, policy: policy)
    }
}

extension Failure {
    /// For `status_reason`: our word for the kind, and the provider's for the case.
    var reason: String { detail.isEmpty ? kind.rawValue : "\(kind.rawValue): \(detail)" }
}
