import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

/// SendGrid's v3 Mail Send: one POST an envelope.
///
/// SendGrid knows no idempotency key, and a 202 only says "queued": what became of it comes back by its event webhook, with
/// the `custom_args` that `SendGridMail` puts on every send.
package struct SendGrid: Provider {
    package struct Settings: Equatable, Sendable {
        package var apiKey: Secret
        /// The default sender; a verified identity or of a verified domain.
        package var from: Mailbox
        /// Without a slash at its end.
        package var baseURL: String
        /// Checks callbacks, as SendGrid shows it; without one they are refused.
        package var webhookPublicKey: String?
        /// Good beside it while SendGrid changes from one key to the next.
        package var previousWebhookPublicKey: String?

        package init(
            apiKey: Secret, from: Mailbox, baseURL: String = "https://api.sendgrid.com",
            webhookPublicKey: String? = nil,
            previousWebhookPublicKey: String? = nil
        ) {
            self.apiKey = apiKey
            self.from = from
            self.baseURL = baseURL
            self.webhookPublicKey = webhookPublicKey
            self.previousWebhookPublicKey = previousWebhookPublicKey
        }
    }

    package let name: ProviderName
    package var kind: ProviderKind { .sendgrid }
    package let transfer: TransferSettings
    let redaction: Redaction
    private let settings: Settings
    private let authorization: Secret
    /// Any of them may have signed a callback.
    let webhookKeys: [VerifyingKey]

    package init(name: ProviderName, settings: Settings, transfer: TransferSettings) {
        self.name = name
        self.transfer = transfer
        self.settings = settings
        authorization = Secret("Bearer \(settings.apiKey.value)")
        redaction = Redaction([settings.apiKey])
        webhookKeys = [settings.webhookPublicKey, settings.previousWebhookPublicKey].compactMap { text in
            text.flatMap(Settings.webhookKey)
        }
    }

    /// "Stay below 20": SendGrid's own pages say 20 MB and 30 MB for the whole message.
    private static let largest = 20_000_000

    package func objection(to message: Message, for deliveries: [Delivery]) -> String? {
        guard let email = message.content.email else { return "SendGrid carries only email" }
        if let template = template(of: message) {
            // The older kind is filled in by marks in its text, which the variables' names are not.
            if !template.hasPrefix("d-") { return "SendGrid's dynamic templates have ids that begin with d-" }
        } else if let template = message.template, !template.hasText {
            return "the template \(template.name) has neither an id here nor a text"
        } else {
            if email.subject.isEmpty { return "SendGrid wants a subject" }
            if (email.text ?? "").isEmpty, (email.html ?? "").isEmpty { return "SendGrid wants a text or an HTML part" }
        }
        if email.encodedSize > Self.largest { return "SendGrid takes at most 20 MB" }
        // It answers 202 and then drops them as invalid: https://github.com/sendgrid/sendgrid-csharp/issues/656
        if email.needsUTF8(sender: email.from ?? settings.from) {
            return "SendGrid takes no address with a local part beyond ASCII"
        }
        let names = email.furtherHeaders.map { $0.name.lowercased() }
        if Set(names).count < names.count { return "SendGrid takes each header once" }  // they are an object's members
        return nil
    }

    /// The dynamic template that SendGrid keeps for it.
    private func template(of message: Message) -> String? { message.template?.id(at: name, kind: kind.rawValue) }

    package func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        try request(for: [context])
    }

    /// All say the same, but for recipients and variables: see `canShareRequest`.
    package func request(for contexts: [AttemptContext]) throws(Failure) -> TransportRequest {
        guard let first = contexts.first, let email = first.message.content.email else {
            throw Failure(.unsuitable, "SendGrid carries only email")
        }
        guard contexts.allSatisfy({ !$0.deliveries.isEmpty }) else {
            throw Failure(.unsuitable, "nobody is left to send to")
        }
        let mail = SendGridMail(
            email: email, sender: email.from ?? settings.from, message: first.message,
            templateID: template(of: first.message), parts: contexts.compactMap(SendGridMail.Part.init))
        return .http(
            HTTPRequest(
                method: "POST", target: settings.baseURL + "/v3/mail/send",
                headers: HTTPHeaders([
                    "Authorization": authorization.value, "Content-Type": "application/json",
                    "traceparent": first.message.traceparent,
                ]),
                body: mail.json))
    }

    package func healthCheck(at now: Timestamp) -> TransportRequest? {
        .http(.get(settings.baseURL + "/v3/scopes", headers: HTTPHeaders(["Authorization": authorization.value])))
    }

    package func ailment(in reply: TransportReply) -> String? {
        guard case .http(let response) = reply else { return Failure.foreignReply.detail }
        guard response.status == 200 else {
            return redaction.sentence("SendGrid answered \(response.status)", Complaint(in: response.body)?.message)
        }
        guard let scopes = (try? JSONValue(parsing: response.body))?["scopes"]?.array else {
            return "SendGrid's answer to /v3/scopes cannot be read"
        }
        return scopes.contains(.string("mail.send")) ? nil : "the API key lacks the scope mail.send"
    }
}
