/// How one exchange with a provider ended, for everybody in its envelope who is not named otherwise.
package enum Outcome: Equatable, Sendable {
    /// The provider has taken responsibility; `reference` is its own id of the message, where it gave one.
    case accepted(reference: String?)
    case failed(Failure)

    /// The word in the API, the log and the metrics.
    package var word: String {
        switch self {
        case .accepted: "accepted"
        case .failed(let failure): failure.kind.rawValue
        }
    }
}

/// Why an attempt did not end well, in the words of contract/behaviour.md. Nothing downstream reads a status code.
package struct Failure: Error, Equatable, Sendable {
    /// Closed: it labels a metric and fills a column.
    package enum Kind: String, CaseIterable, Sendable {
        case unavailable
        case throttled
        case unsuitable
        case refusedMessage = "refused_message"
        case refusedRecipient = "refused_recipient"
        case misconfigured
        case ambiguous

        /// What the word means, for people; the same for every failure of the kind.
        package var meaning: String {
            switch self {
            case .unavailable: "the provider surely did not take it"
            case .throttled: "the provider asks to be left alone for a while"
            case .unsuitable: "this provider cannot carry it"
            case .refusedMessage: "the provider refuses the message"
            case .refusedRecipient: "the provider refuses the recipient"
            case .misconfigured: "the provider refuses the account or its settings"
            case .ambiguous: "nobody knows whether the provider took it"
            }
        }
    }

    /// What is affected beyond this one attempt.
    package enum Scope: String, Sendable {
        /// One address or device.
        case endpoint
        /// This provider on this channel.
        case provider
        /// This provider on all its channels.
        case account
        /// One connection to it.
        case connection
    }

    package var kind: Kind
    package var scope: Scope
    /// For an operator; never a secret, an address or content.
    package var detail: String
    /// The provider's own code, e.g. `550 5.1.1` or `TooManyRequestsException`.
    package var providerCode: String?
    /// `throttled`: rest until then; nil where the provider named no time.
    package var resumeAt: Timestamp?
    /// `refusedRecipient`: why nobody writes to the address again, where that is known better than by the channel.
    package var suppression: Suppression.Reason?
    /// What it says about the provider's health where that differs from what the kind says.
    package var breakerOverride: BreakerEffect?

    package init(
        _ kind: Kind, _ detail: String, scope: Scope = .provider, code: String? = nil, until resumeAt: Timestamp? = nil,
        breaker: BreakerEffect? = nil
    ) {
        self.kind = kind
        self.detail = detail
        self.scope = scope
        self.providerCode = code
        self.resumeAt = resumeAt
        self.breakerOverride = breaker
    }

    /// What the circuit breaker makes of it.
    package var breaker: BreakerEffect {
        if let breakerOverride { return breakerOverride }
        return switch kind {
        case .misconfigured: .open  // at once, and tell an operator
        case .unavailable, .ambiguous: .failure
        case .throttled, .unsuitable, .refusedMessage, .refusedRecipient: .none  // not the provider's health
        }
    }
}

/// What the end of an attempt is for the provider's circuit breaker.
package enum BreakerEffect: Equatable, Sendable {
    case success, failure, open, none
}

/// The whole of what an adapter reads out of an answer.
package struct ExchangeResult: Equatable, Sendable {
    package var outcome: Outcome
    /// Recipients that ended differently from `outcome`, by the delivery's ordinal (SMTP refuses some RCPTs).
    package var exceptions: [Int: Failure] = [:]
    package var httpStatus: Int?
    /// The provider's own code or reply, also on success (`250 2.0.0 Ok: queued as …`).
    package var providerCode: String?
    package var detail: String?

    package init(
        _ outcome: Outcome, exceptions: [Int: Failure] = [:], httpStatus: Int? = nil, providerCode: String? = nil,
        detail: String? = nil
    ) {
        self.outcome = outcome
        self.exceptions = exceptions
        self.httpStatus = httpStatus
        self.providerCode = providerCode
        self.detail = detail
    }
}
