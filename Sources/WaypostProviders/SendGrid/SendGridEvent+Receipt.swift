import WaypostCore

extension SendGridEvent {
    /// In our words; nil for an event that we do not know, or that names nobody.
    func receipt(at now: Timestamp, redaction: Redaction) -> Receipt? {
        guard email?.isEmpty == false || attempt != nil, let (news, suppression) = meaning(redaction) else {
            return nil
        }
        let fingerprint = fingerprint
        var receipt = Receipt(id: eventID ?? fingerprint, channel: .email, news: news, at: timestamp ?? now)
        receipt.alias = eventID == nil ? nil : fingerprint
        receipt.message = message
        receipt.attempt = attempt
        receipt.reference = reference
        receipt.address = email
        receipt.suppression = suppression
        receipt.code = status
        receipt.facts = facts
        switch event {
        case "group_unsubscribe", "group_resubscribe":
            receipt.sparesTransactional = true
            receipt.detail = group.map { "group:\($0)" } ?? "group"
        default: receipt.detail = (reason ?? response).map(redaction.quote)
        }
        if let response { receipt.facts.append(.init(key: "response", value: redaction.quote(response))) }
        if let url { receipt.facts.append(.init(key: "url", value: String(url.prefix(Self.longestFact)))) }
        // Of all others it is the reader's, which is nobody's business.
        if let ip, ["processed", "deferred", "delivered", "bounce"].contains(event) {
            receipt.facts.append(.init(key: "ip", value: String(ip.prefix(45))))
        }
        return receipt
    }

    private typealias Meaning = (Receipt.News, Suppression.Reason?)

    private func meaning(_ redaction: Redaction) -> Meaning? {
        switch event {
        case "processed": (.taken, nil)
        case "deferred": (.deferred, nil)  // it goes on for up to 72 hours
        case "delivered": (.delivered, nil)
        case "open": (.opened, nil)
        case "click": (.clicked, nil)
        case "bounce": bounce(redaction)
        case "dropped": drop(redaction)
        case "spamreport": (.complained, .complaint)
        case "unsubscribe", "group_unsubscribe": (.unsubscribed, .unsubscribe)
        case "group_resubscribe": (.resubscribed, nil)
        default: nil
        }
    }

    /// A block is a refusal for now, and SendGrid does not hold it against the address; nor do we.
    private func bounce(_ redaction: Redaction) -> Meaning {
        let isHard = type == "bounce" || type == nil && status?.hasPrefix("5") == true
        let said = redaction.sentence("SendGrid could not deliver it", reason)
        guard isHard else { return (.bounced(failure(.unavailable, said)), nil) }
        return (.bounced(failure(.refusedRecipient, said, .hardBounce)), .hardBounce)
    }

    /// SendGrid did not try. What it refuses because the person wanted so must not go out by another provider either.
    private func drop(_ redaction: Redaction) -> Meaning {
        let said = redaction.sentence("SendGrid dropped it", reason)
        let reason = (reason ?? "").lowercased()
        let causes: [(word: String, kind: Failure.Kind, suppression: Suppression.Reason?)] = [
            ("bounced address", .refusedRecipient, .hardBounce),
            ("unsubscribed address", .refusedRecipient, .unsubscribe),
            ("spam reporting address", .refusedRecipient, .complaint),
            ("spam content", .refusedMessage, nil),
            ("package quota", .unsuitable, nil),
            ("smtpapi", .refusedMessage, nil),
            ("invalid", .refusedRecipient, .invalidAddress),
        ]
        let cause = causes.first { reason.contains($0.word) }
        let suppression = cause?.suppression
        return (.failed(failure(cause?.kind ?? .unavailable, said, suppression)), suppression)
    }

    /// None of them says anything about SendGrid's health.
    private func failure(
        _ kind: Failure.Kind, _ detail: String, _ suppression: Suppression.Reason? = nil
    ) -> Failure {
        var failure = Failure(
            kind, detail, scope: kind == .refusedRecipient ? .endpoint : .provider, code: status,
            breaker: BreakerEffect.none)
        failure.suppression = suppression
        return failure
    }
}
