import WaypostCore
import WaypostHTTP

extension SMTP {
    package func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        guard case .mail(let reply) = reply, let email = context.message.content.email else {
            return .failed(Failure.foreignReply)
        }
        let recipients = Envelope(email, for: context.deliveries).recipients
        let exceptions = exceptions(in: reply, for: recipients, at: context.startedAt)
        let last = SMTPReply(reply.last)

        if reply.stage == .done || reply.stage == .data, last.isPositive {
            let said = redaction.quote("\(reply.last.code) \(reply.last.text)")
            return ExchangeResult(
                .accepted(reference: QueueID.find(in: reply.last.text)), exceptions: exceptions, providerCode: said,
                detail: said)
        }
        return .failed(
            failure(of: reply, last, exceptions, for: email, in: context), exceptions: exceptions)
    }

    /// The refused recipients, by the ordinals of their deliveries.
    private func exceptions(
        in reply: MailReply, for recipients: [Envelope.Recipient], at now: Timestamp
    ) -> [Int: Failure] {
        var exceptions: [Int: Failure] = [:]
        for (recipient, line) in zip(recipients, reply.recipients) where line.code >= 400 {
            let failure = SMTPReply(line).failure(at: .recipients, detail(line, at: .recipients), at: now)
            for ordinal in recipient.ordinals { exceptions[ordinal] = failure }
        }
        return exceptions
    }

    /// What became of everybody who was not refused by name.
    private func failure(
        of reply: MailReply, _ last: SMTPReply, _ exceptions: [Int: Failure], for email: Email,
        in context: AttemptContext
    ) -> Failure {
        let failure = last.failure(at: reply.stage, detail(reply.last, at: reply.stage), at: context.startedAt)
        switch reply.stage {
        case .startTLS where last.isPositive:
            return Failure(.misconfigured, "the server offers no STARTTLS", scope: .account, code: last.words)
        case .authenticate where last.isPositive:
            return Failure(
                .misconfigured, "the server offers no way to authenticate", scope: .account, code: last.words)
        case .hello where last.isPositive, .sender, .recipients:
            let takesUTF8 = reply.extensions.contains { $0.hasPrefix("SMTPUTF8") }
            if last.code != 421, !takesUTF8, email.needsUTF8(sender: email.from ?? settings.from) {
                return Failure(.refusedMessage, "the server takes no internationalised address", code: last.words)
            }
        default: break
        }
        guard reply.stage == .recipients else { return failure }
        // All were refused: then the first stands for the envelope.
        if let first = context.deliveries.first, exceptions.count == context.deliveries.count {
            return exceptions[first.ordinal] ?? failure
        }
        // Some were taken, yet the dialogue ended: unless the reason concerns all, they may go again at once.
        if failure.kind == .misconfigured || last.code == 421 { return failure }
        return Failure(
            .unavailable, "the dialogue ended after other recipients were refused", code: last.words,
            breaker: BreakerEffect.none)
    }

    private func detail(_ line: MailReply.Line, at stage: MailReply.Stage) -> String {
        redaction.sentence("the server answered \(line.code) at \(stage.rawValue)", line.text)
    }
}

/// The id under which a server queued a message, as the common ones word it.
enum QueueID {
    static func find(in text: String) -> String? {
        let words = text.split(separator: " ").map(String.init)
        // Postfix, and what imitates it: "2.0.0 Ok: queued as 4F1A2B3C".
        if let index = words.firstIndex(of: "queued"), words.indices.contains(index + 2), words[index + 1] == "as" {
            return trimmed(words[index + 2])
        }
        // Exim: "OK id=1rABcD-000XyZ-2k".
        if let word = words.first(where: { $0.hasPrefix("id=") }) { return trimmed(String(word.dropFirst(3))) }
        // Sendmail: "2.0.0 41AB2c3d004567 Message accepted for delivery".
        if let index = words.firstIndex(of: "Message"), index > 0, words.indices.contains(index + 1),
            words[index + 1] == "accepted"
        {
            return trimmed(words[index - 1])
        }
        // SES over SMTP: "Ok 0100018c…-000000".
        if words.count == 2, words[0].lowercased() == "ok", words[1].count >= 16 { return trimmed(words[1]) }
        return nil
    }

    /// Only what looks like an id: an address in its place is nobody's reference.
    private static func trimmed(_ word: String) -> String? {
        let id = word.drop { $0 == "<" || $0 == "(" }.prefix {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0))
        }
        return id.isEmpty || id.count > 100 || word.contains("@") ? nil : String(id)
    }
}
