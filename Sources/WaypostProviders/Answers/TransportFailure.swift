import WaypostCore
import WaypostHTTP

extension Failure {
    /// What a transfer without a readable answer means: whether the other side may hold the request decides, since
    /// another try after that risks a double (contract: behaviour, `unavailable` and `ambiguous`).
    package init(_ error: TransportError) {
        switch error.departure {
        case .notSent: self.init(.unavailable, error.detail)
        // The peer said that it did not process it (RFC 9113 section 8.7): one connection's affair, not the provider's health.
        case .refusedUnprocessed: self.init(.unavailable, error.detail, scope: .connection, breaker: BreakerEffect.none)
        case .mayHaveArrived: self.init(.ambiguous, error.detail)
        }
    }
}
