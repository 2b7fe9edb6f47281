import WaypostCore
import WaypostHTTP
import WaypostJSON

extension SendGrid {
    package func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        guard case .http(let response) = reply else { return .failed(Failure.foreignReply) }
        let id = response.headers["X-Message-Id"]
        switch response.status {
        case 202 where !response.isHTML: return ExchangeResult(.accepted(reference: id), httpStatus: 202)
        case 200 where response.body.isEmpty:
            // An account in sandbox mode: checked, and not sent.
            return ExchangeResult(
                .accepted(reference: id), httpStatus: 200, detail: "SendGrid only checked it: sandbox mode")
        case 200..<300:
            return .failed(
                .answered(response.status, "SendGrid answered \(response.status), which is not an answer to a send"),
                httpStatus: response.status)
        default: return refusal(response, of: context)
        }
    }

    private func refusal(_ response: HTTPResponse, of context: AttemptContext) -> ExchangeResult {
        let status = response.status
        let complaint = Complaint(in: response.body)
        let detail = redaction.sentence("SendGrid answered \(status)", complaint?.message)
        let code = String(status)

        if status == 400, let recipient = complaint?.recipient,
            let result = refusal(of: recipient, detail: detail, in: context)
        {
            return result
        }
        let failure: Failure
        switch status {
        case 401 where complaint?.says("maximum credits exceeded") == true:
            failure = Failure(.unsuitable, detail, scope: .account, code: code)
        case 403 where complaint?.says("verified sender identity") == true:
            failure = Failure(.unsuitable, detail, code: code)
        case 404:  // wrong base URL, or a feature that is not on the plan
            failure = Failure(.misconfigured, detail, scope: .account, code: code)
        case 429:
            let reset = RetryAfter.moment(unixSecond: response.headers["X-RateLimit-Reset"], after: context.startedAt)
            let asked = RetryAfter.moment(in: response.headers, after: context.startedAt)
            failure = .answered(429, detail, code: code, until: [reset, asked].compactMap(\.self).max())
        default: failure = .answered(status, detail, code: code)
        }
        return .failed(failure, httpStatus: status)
    }

    /// One bad address spoils the whole request, but only that address is to blame: the others were not sent to, and may go
    /// again without it. nil where the path names nobody whom we asked for.
    private func refusal(
        of recipient: Complaint.Recipient, detail: String, in context: AttemptContext
    ) -> ExchangeResult? {
        guard let email = context.message.content.email else { return nil }
        let envelope = Envelope(email, for: context.deliveries)
        let personalizations = SendGridMail.personalizations(of: envelope)
        guard personalizations.indices.contains(recipient.personalization) else { return nil }
        let line = personalizations[recipient.personalization][keyPath: recipient.line]
        guard line.indices.contains(recipient.index) else { return nil }

        let refused = Failure(.refusedRecipient, detail, scope: .endpoint, code: "400")
        let ordinals = line[recipient.index].ordinals
        if ordinals.count == context.deliveries.count { return .failed(refused, httpStatus: 400) }
        let others = Failure(
            .unavailable, "SendGrid refused the request for another recipient's address", scope: .endpoint, code: "400",
            breaker: BreakerEffect.none)
        return .failed(
            others, exceptions: Dictionary(uniqueKeysWithValues: ordinals.map { ($0, refused) }), httpStatus: 400)
    }

    /// What `{"errors": [{"message", "field"}]}` says; the first of them stands for all.
    struct Complaint {
        struct Recipient {
            let personalization: Int
            let line: KeyPath<SendGridMail.Personalization, [Envelope.Recipient]> & Sendable
            let index: Int
        }

        let message: String
        /// The first recipient whose address is named as the fault.
        let recipient: Recipient?

        init?(in body: [UInt8]) {
            guard let errors = (try? JSONValue(parsing: body))?["errors"]?.array, !errors.isEmpty else { return nil }
            message = errors.compactMap { $0["message"]?.string }.joined(separator: "; ")
            // Where something else is wrong as well, taking out the recipient would not help.
            let recipients = errors.map { Self.recipient(in: $0["field"]?.string ?? "") }
            recipient = recipients.contains { $0 == nil } ? nil : recipients.first ?? nil
        }

        func says(_ words: String) -> Bool { message.lowercased().contains(words) }

        /// `personalizations.0.to.1.email`.
        private static func recipient(in field: String) -> Recipient? {
            let parts = field.split(separator: ".")
            guard parts.count == 4 || parts.count == 5 && parts[4] == "email", parts[0] == "personalizations",
                let personalization = Int(parts[1]), let index = Int(parts[3])
            else { return nil }
            switch parts[2] {
            case "to": return Recipient(personalization: personalization, line: \.to, index: index)
            case "cc": return Recipient(personalization: personalization, line: \.cc, index: index)
            case "bcc": return Recipient(personalization: personalization, line: \.bcc, index: index)
            default: return nil
            }
        }
    }
}

extension HTTPResponse {
    /// A page for people, as gateways and captive portals put in the place of an answer.
    fileprivate var isHTML: Bool { headers["Content-Type"]?.lowercased().hasPrefix("text/html") == true }
}
