import WaypostCore
import WaypostJSON
import WaypostPolicy

/// One look at the candidates: who was considered, and why each was taken or passed over. Kept as it was made.
package struct RoutingDecision: Equatable, Sendable {
    /// Closed: what `explain` says of a candidate.
    package enum Verdict: String, CaseIterable, Sendable {
        case taken
        /// Tried in this round already.
        case tried
        /// It cannot carry this message.
        case unable
        case disabled
        /// An operator has stopped sending, or switched to the backups.
        case overridden
        case breakerOpen = "breaker_open"
        /// Half-open, and all its probes are out.
        case breakerProbing = "breaker_probing"
        /// It asked us to slow down.
        case resting
        /// Its own sliding window is full.
        case rateLimited = "rate_limited"
        /// As many attempts under way as it may have: the message waits for it.
        case busy
        /// A better one was taken.
        case notNeeded = "not_needed"

        /// It could have carried the message, and was left for another.
        package var isPassingOver: Bool {
            switch self {
            case .disabled, .overridden, .breakerOpen, .breakerProbing, .resting, .rateLimited, .busy: true
            case .taken, .tried, .unable, .notNeeded: false
            }
        }
    }

    package struct Considered: Equatable, Sendable {
        package var provider: ProviderName
        package var verdict: Verdict
        /// What it cannot carry, or why an operator wants it passed over.
        package var detail: String?
        /// When it may be free again.
        package var until: Timestamp?
    }

    package var round: Int
    /// Which of the message's deliveries it is about, where each travels alone; nil: all.
    package var delivery: Int?
    package var at: Timestamp
    /// Index of the rule that matched; nil: the route itself.
    package var rule: Int?
    package var strategy: Strategy
    package var configuration: String
    package var considered: [Considered]

    /// As it is kept and shown.
    package var json: String {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("round", round)
            if let delivery { json.member("delivery", delivery) }
            json.member("at", plain: at.bytes)
            if let rule { json.member("rule", rule) } else { json.null("rule") }
            json.member("strategy", strategy.rawValue)
            json.member("config_version", configuration)
            json.array("considered") { json in
                for candidate in considered {
                    json.object { json in
                        json.member("provider", candidate.provider.text)
                        json.member("verdict", candidate.verdict.rawValue)
                        json.member("detail", ifPresent: candidate.detail)
                        if let until = candidate.until { json.member("until", plain: until.bytes) }
                    }
                }
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
