import WaypostCore

/// A status word of MessageBird's with the reasons beside it, for texts, calls and WhatsApp messages.
struct MessageBirdStatus {
    let word: String
    /// `statusErrorCode`, or the code of a message's `error`.
    let code: String?
    /// `statusReason`, or the description of a message's `error`.
    let reason: String?
    let redaction: Redaction

    /// Writes what it means into a receipt.
    /// - Returns: false where it tells nothing.
    func apply(to receipt: inout Receipt) -> Bool {
        receipt.code = code
        receipt.detail = reason.map(redaction.quote)
        switch word {
        case "accepted", "pending", "scheduled", "buffered", "sent", "transmitted", "processing",  // messages
            "calling", "starting", "ringing", "ongoing":  // calls
            receipt.news = .taken
        case "delivered", "answered", "machine": receipt.news = .delivered
        case "read": receipt.news = .read
        case "expired": receipt.fail(softly("it was not delivered in time"))
        case "busy": receipt.fail(softly("the line was busy"))
        case "no_answer": receipt.fail(softly("nobody answered"))
        case "rejected": receipt.fail(failure ?? Failure(.unsuitable, detail, code: code))
        case "delivery_failed", "sending_failed", "failed": receipt.fail(failure ?? softly(detail))
        default: return false
        }
        return true
    }

    /// Words that only calls know.
    static let ofCalls: Set<String> = ["calling", "answered", "machine", "busy", "no_answer"]

    private var detail: String {
        redaction.sentence(
            "MessageBird reports \(redaction.quote(word))\(code.map { " with code \(redaction.quote($0))" } ?? "")",
            reason)
    }

    /// Not delivered this time, and MessageBird is not to blame.
    private func softly(_ detail: String) -> Failure {
        Failure(.unavailable, detail, scope: .endpoint, code: code, breaker: BreakerEffect.none)
    }

    /// nil for reasons that are not known (`error_taxonomy`, messagebird_status). The codes below 100 are those of GSM's
    /// mobile application part.
    private var failure: Failure? {
        if code == "103" { return .recipientRefused(detail, code: code, .optOut) }
        let words = (reason ?? "").lowercased().map { $0 == "-" || $0 == "_" ? " " : $0 }
        let reason = String(words)
        if reason.contains("opted out") { return .recipientRefused(detail, code: code, .optOut) }
        if reason.contains("unknown subscriber") || reason.contains("incorrect number") {
            return .recipientRefused(detail, code: code, .invalidAddress)
        }
        if reason.contains("carrier rejected") { return Failure(.unsuitable, detail, code: code) }
        if reason.contains("capacity limit") { return Failure(.throttled, detail, code: code) }
        if reason.contains("dlr not received") {
            return Failure(.ambiguous, detail, code: code, breaker: BreakerEffect.none)
        }
        if reason.contains("insufficient balance") {
            return Failure(.misconfigured, detail, scope: .account, code: code)
        }
        if reason.contains("unavailable subscriber") || reason.contains("network error") { return softly(detail) }
        switch code {
        case "1", "2", "3", "5": return .recipientRefused(detail, code: code, .invalidAddress)
        default: return nil
        }
    }
}
