import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP

/// Any submission server (RFC 6409): the third way for email, and the one with nobody to ask afterwards.
package struct SMTP: Provider {
    package struct Settings: Equatable, Sendable {
        package var host: String
        package var port: Int
        package var security: MailSubmission.Security
        /// nil: no authentication.
        package var user: String?
        package var password: Secret?
        /// The default sender, in the envelope and in `From`.
        package var from: Mailbox

        package init(
            host: String, port: Int, security: MailSubmission.Security, user: String? = nil, password: Secret? = nil,
            from: Mailbox
        ) {
            self.host = host
            self.port = port
            self.security = security
            self.user = user
            self.password = password
            self.from = from
        }
    }

    package let name: ProviderName
    package var kind: ProviderKind { .smtp }
    package let transfer: TransferSettings
    let redaction: Redaction
    let settings: Settings

    package init(name: ProviderName, settings: Settings, transfer: TransferSettings) {
        self.name = name
        self.transfer = transfer
        self.settings = settings
        redaction = Redaction(Self.secrets(of: settings))
    }

    /// The password, and the forms in which AUTH sends it, lest a server repeats what it was told (RFC 4616, AUTH LOGIN).
    private static func secrets(of settings: Settings) -> [Secret] {
        guard let password = settings.password?.value, !password.isEmpty else { return [] }
        let plain = "\0\(settings.user ?? "")\0\(password)"
        return [plain, password].map { Secret(Base64.encode(Array($0.utf8))) } + [Secret(password)]
    }

    /// Its size is the server's business: `SIZE` in its greeting, or 552.
    package func objection(to message: Message, for deliveries: [Delivery]) -> String? {
        guard let email = message.content.email else { return "SMTP carries only email" }
        if let template = message.template, !template.hasText {
            return "the template \(template.name) has no text of its own, and SMTP keeps none"
        }
        if !email.unsubscribeURLFits { return "the unsubscribe URL is longer than a line of a header" }
        return nil
    }

    package func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        guard let email = context.message.content.email else { throw Failure(.unsuitable, "SMTP carries only email") }
        guard !context.deliveries.isEmpty else { throw Failure(.unsuitable, "nobody is left to send to") }
        let sender = email.from ?? settings.from
        let message = MIMEMessage(
            email, from: sender, id: context.message.id, attempt: context.attempt, date: context.startedAt)
        var submission = submission(from: sender)
        submission.recipients = Envelope(email, for: context.deliveries).recipients.map(\.mailbox.email)
        submission.message = message.bytes
        submission.needsUTF8 = message.needsUTF8
        return .mail(submission)
    }

    package func healthCheck(at now: Timestamp) -> TransportRequest? { .mailProbe(submission(from: settings.from)) }

    package func ailment(in reply: TransportReply) -> String? {
        guard case .mail(let reply) = reply else { return Failure.foreignReply.detail }
        if reply.stage == .done, (200..<300).contains(reply.last.code) { return nil }
        return redaction.sentence("the server answered \(reply.last.code) at \(reply.stage.rawValue)", reply.last.text)
    }

    private func submission(from sender: Mailbox) -> MailSubmission {
        MailSubmission(
            host: settings.host, port: settings.port, security: settings.security, user: settings.user,
            password: settings.password?.value, sender: sender.wire.email, recipients: [], message: [])
    }
}
