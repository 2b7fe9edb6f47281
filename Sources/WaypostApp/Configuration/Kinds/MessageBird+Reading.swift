import WaypostConfiguration
import WaypostProviders

extension MessageBird.Settings {
    /// The keys of an entry of kind `messagebird`.
    init?(reading section: inout SectionReader) {
        let accessKey = section.requiredSecret("access_key")
        let signingKey = section.secret("signing_key")
        let previousSigningKey = section.secret("previous_signing_key")
        let webhookScheme = section.enumeration("webhook_scheme", default: WebhookScheme.classic)
        let sender = section.requiredString("originator")
        let whatsappChannelID = section.identifier("whatsapp_channel_id")
        let baseURL = section.url("base_url")
        let voiceBaseURL = section.url("voice_base_url")
        let conversationsBaseURL = section.url("conversations_base_url")
        guard let accessKey, let sender else { return nil }
        guard let originator = MessageBird.Originator(sender) else {
            section.complain(
                "originator", "\"\(sender)\" is no sender",
                wayOut: "write a number with its country code, or up to 11 letters and digits")
            return nil
        }
        self.init(
            accessKey: accessKey, originator: originator, whatsappChannelID: whatsappChannelID, baseURL: baseURL,
            voiceBaseURL: voiceBaseURL, conversationsBaseURL: conversationsBaseURL)
        self.signingKey = signingKey
        self.previousSigningKey = previousSigningKey
        self.webhookScheme = webhookScheme
    }
}
