import WaypostCore

/// Templates that Twilio keeps, each known by its ContentSid (`HX…`).
enum TwilioTemplate {
    /// What the configuration's template is called here, else what a WhatsApp message names itself.
    static func contentSID(of message: Message, at provider: ProviderName) -> String? {
        if let id = message.template?.id(at: provider, kind: ProviderKind.twilio.rawValue) { return id }
        guard let name = message.content.whatsapp?.template?.name, name.hasPrefix("HX") else { return nil }
        return name
    }

    /// Why the message's template keeps it from Twilio.
    static func objection(to message: Message, contentSID: String?) -> String? {
        guard contentSID == nil else { return nil }
        if message.content.whatsapp?.template != nil { return "the template has no ContentSid (HX…) here" }
        if let template = message.template, !template.hasText {
            return "the template \(template.name) has neither an id here nor a text"
        }
        return nil
    }
}
