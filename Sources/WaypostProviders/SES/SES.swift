import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

/// Amazon SES, API v2: one `SendEmail` an envelope, signed with Signature Version 4.
///
/// SES knows no idempotency token; that it took a message is proved only by its `Send` event, which carries the `EmailTags`
/// where a configuration set publishes them.
package struct SES: Provider {
    package struct Settings: Equatable, Sendable {
        package var region: String
        package var accessKeyID: String
        package var secretAccessKey: Secret
        /// Of temporary credentials.
        package var sessionToken: Secret?
        /// The default sender; a verified identity.
        package var from: Mailbox
        /// Without it SES publishes no events.
        package var configurationSet: String?
        /// Callbacks from other topics are refused.
        package var snsTopicARNs: [String]
        /// Whether callbacks signed by SHA-1, SNS's default, are refused as well.
        package var refusesSNSVersion1 = false
        /// The one origin beside SNS's own whose certificates are trusted and whose subscriptions are confirmed: a scheme, a
        /// host and a port, without a slash at its end.
        package var snsEndpoint: String?
        /// Without a slash at its end.
        package var baseURL: String

        /// `baseURL` nil is the region's own endpoint.
        package init(
            region: String, accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil, from: Mailbox,
            configurationSet: String? = nil, snsTopicARNs: [String] = [], baseURL: String? = nil
        ) {
            self.region = region
            self.accessKeyID = accessKeyID
            self.secretAccessKey = secretAccessKey
            self.sessionToken = sessionToken
            self.from = from
            self.configurationSet = configurationSet
            self.snsTopicARNs = snsTopicARNs
            let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
            self.baseURL = baseURL ?? "https://email.\(region).\(domain)"
        }
    }

    package let name: ProviderName
    package var kind: ProviderKind { .ses }
    package let transfer: TransferSettings
    let redaction: Redaction
    let settings: Settings
    let certificates = SNSCertificates()
    private let signer: AWSSigner

    package init(name: ProviderName, settings: Settings, transfer: TransferSettings) {
        self.name = name
        self.transfer = transfer
        self.settings = settings
        redaction = Redaction([settings.secretAccessKey] + [settings.sessionToken].compactMap(\.self))
        signer = AWSSigner(
            accessKeyID: settings.accessKeyID, secretAccessKey: settings.secretAccessKey,
            sessionToken: settings.sessionToken, scope: AWSSignature.Scope(region: settings.region, service: "ses"))
    }

    /// After base 64 of the attachments; SES slows down above 10 MB by itself.
    private static let largest = 40_000_000
    private static let mostRecipients = 50

    package func objection(to message: Message, for deliveries: [Delivery]) -> String? {
        guard let email = message.content.email else { return "SES carries only email" }
        if template(of: message) != nil {
            // Nothing else could say what Simple cannot: Raw holds the whole mail, and a template none of it.
            if !SESMail.fitsSimple(email) { return "SES's templates take no such headers or attachments" }
        } else if let template = message.template, !template.hasText {
            return "the template \(template.name) has neither a name here nor a text"
        }
        let size = SESMail.fitsSimple(email) ? email.encodedSize : email.encodedSize / 3 * 4
        if size > Self.largest { return "SES takes at most 40 MB" }
        if email.to.count + email.cc.count + email.bcc.count > Self.mostRecipients {
            return "SES takes at most 50 recipients"
        }
        if email.needsUTF8(sender: email.from ?? settings.from) {
            return "SES takes no address with a local part beyond ASCII"
        }
        if !email.unsubscribeURLFits { return "the unsubscribe URL is longer than a line of a header" }
        return nil
    }

    /// The template that SES keeps for it.
    private func template(of message: Message) -> String? { message.template?.id(at: name, kind: kind.rawValue) }

    package func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        guard let email = context.message.content.email else { throw Failure(.unsuitable, "SES carries only email") }
        guard !context.deliveries.isEmpty else { throw Failure(.unsuitable, "nobody is left to send to") }
        let mail = SESMail(
            email: email, sender: email.from ?? settings.from, envelope: Envelope(email, for: context.deliveries),
            configurationSet: settings.configurationSet, templateName: template(of: context.message), context: context)
        var request = HTTPRequest.post(settings.baseURL + "/v2/email/outbound-emails", json: mail.json)
        signer.sign(&request, at: context.startedAt)
        // After signing: a proxy of ours may rewrite it.
        request.headers.add("traceparent", context.message.traceparent)
        return .http(request)
    }

    package func healthCheck(at now: Timestamp) -> TransportRequest? {
        var request = HTTPRequest.get(settings.baseURL + "/v2/email/account")
        signer.sign(&request, at: now)
        return .http(request)
    }

    package func ailment(in reply: TransportReply) -> String? {
        guard case .http(let response) = reply else { return Failure.foreignReply.detail }
        guard response.status == 200 else {
            let error = SESError(in: response)
            return redaction.sentence("SES answered \(response.status) \(error.code ?? "")", error.message)
        }
        guard let account = try? JSONValue(parsing: response.body),
            let enabled = account["SendingEnabled"]?.bool
        else { return "SES's answer to /v2/email/account cannot be read" }
        if !enabled { return "sending is paused for this account" }
        if account["EnforcementStatus"]?.string == "SHUTDOWN" { return "the account is shut down" }
        if let quota = account["SendQuota"], let most = quota["Max24HourSend"]?.double,
            let sent = quota["SentLast24Hours"]?.double, most >= 0, sent >= most
        {  // −1 is no limit
            return "the daily quota is used up: \(Int(sent)) of \(Int(most))"
        }
        return nil
    }
}
