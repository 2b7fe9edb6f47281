import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

/// Twilio's Messages and Calls, API 2010-04-01: one form post a message or call.
///
/// Neither knows an idempotency key; that Twilio took a message is proved by its status callback, whose URL carries our ids.
package struct Twilio: Provider {
    package struct Settings: Equatable, Sendable {
        package var accountSID: String
        /// Sends where there is no API key, and checks callbacks in any case.
        package var authToken: Secret?
        /// Checks callbacks as well, while the account goes over from one token to another.
        package var previousAuthToken: Secret?
        /// Secrets of the shared keys that callbacks may be signed with in place of the token, by the keys' ids.
        package var webhookSharedKeys: [String: Secret] = [:]
        package var apiKey: APIKey?
        /// Who sends texts where the message names nobody: a service that picks the number, or `from`.
        package var messagingServiceSID: String?
        /// E.164, a short code or an alphanumeric sender.
        package var from: String?
        /// E.164; without it the messaging service sends WhatsApp messages as well.
        package var whatsappFrom: String?
        /// E.164.
        package var voiceFrom: String?
        /// Without a slash at its end.
        package var baseURL: String

        package struct APIKey: Equatable, Sendable {
            package var sid: String
            package var secret: Secret

            package init(sid: String, secret: Secret) {
                self.sid = sid
                self.secret = secret
            }
        }

        package init(
            accountSID: String, authToken: Secret? = nil, apiKey: APIKey? = nil, messagingServiceSID: String? = nil,
            from: String? = nil, whatsappFrom: String? = nil, voiceFrom: String? = nil,
            baseURL: String = "https://api.twilio.com"
        ) {
            self.accountSID = accountSID
            self.authToken = authToken
            self.apiKey = apiKey
            self.messagingServiceSID = messagingServiceSID
            self.from = from
            self.whatsappFrom = whatsappFrom
            self.voiceFrom = voiceFrom
            self.baseURL = baseURL
        }
    }

    package let name: ProviderName
    package var kind: ProviderKind { .twilio }
    package let transfer: TransferSettings
    let redaction: Redaction
    let settings: Settings
    private let authorization: Secret

    package init(name: ProviderName, settings: Settings, transfer: TransferSettings) {
        self.name = name
        self.transfer = transfer
        self.settings = settings
        let (user, password) =
            settings.apiKey.map { ($0.sid, $0.secret.value) } ?? (settings.accountSID, settings.authToken?.value ?? "")
        let credentials = Base64.encode(Array("\(user):\(password)".utf8))
        authorization = Secret("Basic \(credentials)")
        let secrets = [settings.authToken, settings.previousAuthToken, settings.apiKey?.secret, Secret(credentials)]
        redaction = Redaction(
            secrets.compactMap(\.self) + settings.webhookSharedKeys.values, hidesDigits: true)
    }

    package func objection(to message: Message, for deliveries: [Delivery]) -> String? {
        guard kind.channels.contains(message.channel) else { return Self.otherChannels }
        guard sender(of: message.content) != nil else { return "no sender for \(message.channel) is configured here" }
        if let call = message.content.voice {
            return TwilioCall.objection(to: call) ?? TwilioTemplate.objection(to: message, contentSID: nil)
        }
        let contentSID = TwilioTemplate.contentSID(of: message, at: name)
        return TwilioTemplate.objection(to: message, contentSID: contentSID)
            ?? TwilioMessage.objection(to: message.content, isTemplate: contentSID != nil)
    }

    package func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        let content = context.message.content
        guard kind.channels.contains(content.channel) else { throw Failure(.unsuitable, Self.otherChannels) }
        guard !context.deliveries.isEmpty else { throw Failure(.unsuitable, "nobody is left to send to") }
        guard let sender = sender(of: content) else {
            throw Failure(.unsuitable, "no sender for \(content.channel) is configured here")
        }
        if let call = content.voice {
            return post("Calls", TwilioCall(call: call, sender: sender, name: name, context: context).form, of: context)
        }
        let message = TwilioMessage(
            content: content, sender: sender, contentSID: TwilioTemplate.contentSID(of: context.message, at: name),
            name: name, context: context)
        return post("Messages", message.form, of: context)
    }

    private static let otherChannels = "Twilio carries only SMS, WhatsApp and calls"

    /// Who is seen to send or call: the message's own sender, which then stands alone, else the configured one.
    func sender(of content: Content) -> TwilioSender? {
        let service = settings.messagingServiceSID.map(TwilioSender.service)
        return switch content {
        case .sms(let sms): sms.from.map(TwilioSender.address) ?? service ?? settings.from.map(TwilioSender.address)
        case .whatsapp(let message): (message.from ?? settings.whatsappFrom).map(TwilioSender.address) ?? service
        case .voice(let call): (call.from ?? settings.voiceFrom).map(TwilioSender.address)
        case .email, .push: nil
        }
    }

    private var account: String { "\(settings.baseURL)/2010-04-01/Accounts/\(settings.accountSID)" }

    private func post(_ resource: String, _ form: FormBody, of context: AttemptContext) -> TransportRequest {
        .http(
            HTTPRequest(
                method: "POST", target: "\(account)/\(resource).json",
                headers: HTTPHeaders([
                    "Authorization": authorization.value, "Content-Type": FormBody.contentType,
                    "Accept": "application/json", "traceparent": context.message.traceparent,
                ]),
                body: form.bytes))
    }

    /// Reads a list.
    func get(_ resource: String, _ query: FormBody) -> TransportRequest {
        .http(
            .get(
                "\(account)/\(resource).json?\(String(decoding: query.bytes, as: UTF8.self))",
                headers: HTTPHeaders(["Authorization": authorization.value, "Accept": "application/json"])))
    }

    /// The account itself, which a standard API key may not read: with a key, the last message.
    package func healthCheck(at now: Timestamp) -> TransportRequest? {
        let url = settings.apiKey == nil ? "\(account).json" : "\(account)/Messages.json?PageSize=1"
        return .http(
            .get(url, headers: HTTPHeaders(["Authorization": authorization.value, "Accept": "application/json"])))
    }

    /// The account's own description holds its auth token: nothing of a good answer is repeated but the status.
    package func ailment(in reply: TransportReply) -> String? {
        guard case .http(let response) = reply else { return Failure.foreignReply.detail }
        let body = try? JSONValue(parsing: response.body)
        guard response.status == 200 else {
            let error = TwilioError(in: body)
            return redaction.sentence(error.summary(status: response.status), error.message)
        }
        if settings.apiKey != nil, body?["messages"]?.array != nil { return nil }
        guard let status = body?["status"]?.string else { return "Twilio's answer about the account cannot be read" }
        return status == "active" ? nil : "the account is \(redaction.quote(status))"
    }
}

/// Whom the recipient sees, or who picks that for us.
enum TwilioSender: Equatable, Sendable {
    /// A number, a short code or an alphanumeric sender.
    case address(String)
    /// A messaging service, `MG…`.
    case service(String)
}
