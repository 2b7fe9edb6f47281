import WaypostConfiguration

/// The keys of an entry of kind `twilio`.
package struct TwilioAccount: Sendable {
    package var accountSID: String
    /// Sends where there is no API key, and checks callbacks in any case.
    package var authToken: Secret?
    package var apiKey: APIKey?
    package var messagingServiceSID: String?
    /// E.164, or an alphanumeric sender.
    package var from: String?
    package var whatsappFrom: String?
    package var voiceFrom: String?
    /// Without a slash at its end.
    package var baseURL: String

    package struct APIKey: Sendable {
        package var sid: String
        package var secret: Secret
    }

    init?(reading section: inout SectionReader) {
        let accountSID = section.requiredIdentifier("account_sid", prefix: "AC")
        authToken = section.secret("auth_token")
        let keySID = section.identifier("api_key_sid", prefix: "SK")
        let keySecret = section.secret("api_key_secret")
        messagingServiceSID = section.identifier("messaging_service_sid", prefix: "MG")
        from = section.string("from")
        whatsappFrom = section.phone("whatsapp_from")
        voiceFrom = section.phone("voice_from")
        baseURL = section.url("base_url") ?? "https://api.twilio.com"
        if section.has("api_key_sid") != section.has("api_key_secret") {
            let missing = section.has("api_key_sid") ? "api_key_secret" : "api_key_sid"
            section.complain(missing, "is missing", wayOut: "api_key_sid and api_key_secret go together")
        } else if !section.has("auth_token"), !section.has("api_key_sid") {
            section.complain("auth_token", "is missing", wayOut: "add it, or api_key_sid and api_key_secret")
        }
        if section.has("messaging_service_sid"), section.has("from") {
            section.complain("from", "stands beside messaging_service_sid", wayOut: "keep one of the two")
        }
        if !["messaging_service_sid", "from", "whatsapp_from", "voice_from"].contains(where: section.has) {
            section.complain("has no sender", wayOut: "add messaging_service_sid, from, whatsapp_from or voice_from")
        }
        if let keySID, let keySecret { apiKey = APIKey(sid: keySID, secret: keySecret) }
        guard let accountSID else { return nil }
        self.accountSID = accountSID
    }
}
