import WaypostConfiguration
import WaypostProviders

extension Twilio.Settings {
    /// The keys of an entry of kind `twilio`.
    init?(reading section: inout SectionReader) {
        let accountSID = section.requiredIdentifier("account_sid", prefix: "AC")
        let authToken = section.secret("auth_token")
        let previousAuthToken = section.secret("previous_auth_token")
        let webhookSharedKeys = Self.sharedKeys(reading: &section)
        let keySID = section.identifier("api_key_sid", prefix: "SK")
        let keySecret = section.secret("api_key_secret")
        let messagingServiceSID = section.identifier("messaging_service_sid", prefix: "MG")
        let from = section.string("from")
        let whatsappFrom = section.phone("whatsapp_from")
        let voiceFrom = section.phone("voice_from")
        let baseURL = section.url("base_url")
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
        guard let accountSID else { return nil }
        self.init(
            accountSID: accountSID, authToken: authToken,
            apiKey: keySID.flatMap { sid in keySecret.map { APIKey(sid: sid, secret: $0) } },
            messagingServiceSID: messagingServiceSID, from: from, whatsappFrom: whatsappFrom, voiceFrom: voiceFrom)
        self.previousAuthToken = previousAuthToken
        self.webhookSharedKeys = webhookSharedKeys
        if let baseURL { self.baseURL = baseURL }
    }

    /// `{webhooks_sharedkey_01…: its secret}`.
    private static func sharedKeys(reading section: inout SectionReader) -> [String: Secret] {
        guard var keys = section.section("webhook_shared_keys") else { return [:] }
        var secrets: [String: Secret] = [:]
        for id in keys.keys { secrets[id] = keys.secret(id) }
        keys.finish()
        return secrets
    }
}
