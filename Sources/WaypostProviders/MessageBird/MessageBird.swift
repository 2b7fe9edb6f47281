import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

/// MessageBird's classic APIs: text messages, MMS and spoken messages at one host, calls at a second, WhatsApp at a third.
///
/// None knows an idempotency key. Each send is for one recipient and carries our ids in its `reference` and its report
/// URL; without a reference MessageBird reports nothing.
package struct MessageBird: Provider {
    package struct Settings: Equatable, Sendable {
        package var accessKey: Secret
        /// Checks callbacks; without it all of them are refused.
        package var signingKey: Secret?
        /// Checks callbacks as well, while the account goes over from one key to another.
        package var previousSigningKey: Secret?
        /// For callbacks that carry no token.
        package var webhookScheme = WebhookScheme.classic
        package var originator: Originator
        package var whatsappChannelID: String?
        /// Its three hosts, without slashes at their ends.
        package var baseURL: String
        package var voiceBaseURL: String
        package var conversationsBaseURL: String

        /// What `MessageBird-Signature` is computed over: two products of theirs write the same header.
        package enum WebhookScheme: String, CaseIterable, Sendable {
            /// The query, sorted.
            case classic
            /// The whole URL: Bird's channels and notifications.
            case bird
        }

        /// A `baseURL` given alone serves for all three.
        package init(
            accessKey: Secret, originator: Originator, whatsappChannelID: String? = nil, baseURL: String? = nil,
            voiceBaseURL: String? = nil, conversationsBaseURL: String? = nil
        ) {
            self.accessKey = accessKey
            self.originator = originator
            self.whatsappChannelID = whatsappChannelID
            self.baseURL = baseURL ?? "https://rest.messagebird.com"
            self.voiceBaseURL = voiceBaseURL ?? baseURL ?? "https://voice.messagebird.com"
            self.conversationsBaseURL =
                conversationsBaseURL ?? baseURL ?? "https://conversations.messagebird.com"
        }
    }

    package let name: ProviderName
    package var kind: ProviderKind { .messagebird }
    package let transfer: TransferSettings
    let redaction: Redaction
    let settings: Settings
    private let authorization: Secret

    package init(name: ProviderName, settings: Settings, transfer: TransferSettings) {
        self.name = name
        self.transfer = transfer
        self.settings = settings
        authorization = Secret("AccessKey \(settings.accessKey.value)")
        redaction = Redaction(
            [settings.accessKey, settings.signingKey, settings.previousSigningKey].compactMap(\.self), hidesDigits: true
        )
    }

    package func objection(to message: Message, for deliveries: [Delivery]) -> String? {
        switch message.content {
        case .sms(let sms):
            if originator(sms.from) == nil { return Self.noOriginator }
            return MessageBirdText.objection(to: sms) ?? objection(toTemplateOf: message)
        case .voice(let call):
            guard let originator = originator(call.from) else { return Self.noOriginator }
            return MessageBirdCall.objection(to: call, from: originator) ?? objection(toTemplateOf: message)
        case .whatsapp(let chat):
            if let from = chat.from, Originator(from)?.isNumber == true {
                return "MessageBird sends WhatsApp messages from channels, not from numbers"
            }
            if channel(of: chat) == nil { return Self.noChannel }
            return MessageBirdChat.objection(to: message, at: name)
        case .email, .push: return Self.otherChannels
        }
    }

    /// Templates for texts and calls are not known there.
    private func objection(toTemplateOf message: Message) -> String? {
        guard let template = message.template, !template.hasText else { return nil }
        return "the template \(template.name) has no text of its own"
    }

    package func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        guard !context.deliveries.isEmpty else { throw Failure(.unsuitable, "nobody is left to send to") }
        switch context.message.content {
        case .sms(let sms):
            guard let originator = originator(sms.from) else { throw Failure(.unsuitable, Self.noOriginator) }
            let text = MessageBirdText(sms: sms, originator: originator, name: name, context: context)
            return post(settings.baseURL + (text.isMMS ? "/mms" : "/messages"), text.json, of: context)
        case .voice(let call):
            guard let originator = originator(call.from) else { throw Failure(.unsuitable, Self.noOriginator) }
            let spoken = MessageBirdCall(call: call, originator: originator, name: name, context: context)
            return spoken.isCallFlow
                ? post(settings.voiceBaseURL + "/calls", spoken.callFlow, of: context)
                : post(settings.baseURL + "/voicemessages", spoken.voiceMessage, of: context)
        case .whatsapp(let message):
            guard let channel = channel(of: message) else { throw Failure(.unsuitable, Self.noChannel) }
            let chat = MessageBirdChat(message: message, channel: channel, name: name, context: context)
            return post(settings.conversationsBaseURL + "/v1/send", chat.json, of: context)
        case .email, .push: throw Failure(.unsuitable, Self.otherChannels)
        }
    }

    private static let otherChannels = "MessageBird carries only SMS, WhatsApp and calls"
    private static let noOriginator = "MessageBird sends from a number, or from up to 11 letters and digits"
    private static let noChannel = "no WhatsApp channel is configured here"

    /// The message's own sender, else the configured one; nil where the message names one that MessageBird does not take.
    private func originator(_ from: String?) -> Originator? {
        guard let from else { return settings.originator }
        return Originator(from)
    }

    private func channel(of message: WhatsApp) -> String? { message.from ?? settings.whatsappChannelID }

    private func post(_ url: String, _ json: [UInt8], of context: AttemptContext) -> TransportRequest {
        .http(
            .post(
                url, json: json,
                headers: HTTPHeaders([
                    "Authorization": authorization.value, "Accept": "application/json",
                    "traceparent": context.message.traceparent,
                ])))
    }

    /// Reads a list of texts.
    func messages(_ query: FormBody) -> TransportRequest {
        .http(
            .get(
                "\(settings.baseURL)/messages?\(String(decoding: query.bytes, as: UTF8.self))",
                headers: HTTPHeaders(["Authorization": authorization.value, "Accept": "application/json"])))
    }

    package func healthCheck(at now: Timestamp) -> TransportRequest? {
        .http(
            .get(
                settings.baseURL + "/balance",
                headers: HTTPHeaders(["Authorization": authorization.value, "Accept": "application/json"])))
    }

    package func ailment(in reply: TransportReply) -> String? {
        guard case .http(let response) = reply else { return Failure.foreignReply.detail }
        let body = try? JSONValue(parsing: response.body)
        let errors = MessageBirdErrors(in: body)
        guard response.status == 200, errors == nil else {
            return redaction.sentence(
                errors?.summary(status: response.status) ?? "MessageBird answered \(response.status)", errors?.words)
        }
        guard let payment = body?["payment"]?.string, let amount = body?["amount"]?.double else {
            return "MessageBird's answer to /balance cannot be read"
        }
        // Who pays later is shown a balance of nothing.
        return payment == "prepaid" && amount <= 0 ? "the prepaid balance is used up" : nil
    }
}
