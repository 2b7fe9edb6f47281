/// How a message reaches a person. The raw value is the word in the API, the configuration and the metrics.
package enum Channel: String, CaseIterable, Sendable {
    case email, sms, whatsapp, voice, push, realtime
}

/// Why a message is sent; rules, consent and lifetimes differ by it.
package enum MessageType: String, CaseIterable, Sendable {
    case transactional, notification, marketing
}

/// The lane a message waits in; a lower lane never starves fully.
package enum Priority: String, CaseIterable, Sendable {
    case urgent, normal, bulk
}

/// What happens to an attempt whose outcome nobody knows (contract: Ambiguity policy).
package enum AmbiguityPolicy: String, CaseIterable, Sendable {
    case reconcile, resend, hold
}
