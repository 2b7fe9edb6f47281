import WaypostConfiguration
import WaypostProviders

extension SendGrid.Settings {
    /// The keys of an entry of kind `sendgrid`.
    init?(reading section: inout SectionReader) {
        let apiKey = section.requiredSecret("api_key")
        let from = section.requiredMailbox("from")
        let baseURL = section.url("base_url")
        let key = Self.webhookKey("webhook_public_key", in: &section)
        let previous = Self.webhookKey("previous_webhook_public_key", in: &section)
        guard let apiKey, let from else { return nil }
        self.init(apiKey: apiKey, from: from, webhookPublicKey: key, previousWebhookPublicKey: previous)
        if let baseURL { self.baseURL = baseURL }
    }

    private static func webhookKey(_ name: String, in section: inout SectionReader) -> String? {
        guard let text = section.string(name) else { return nil }
        guard webhookKey(text) != nil else {
            section.complain(
                name, "is not base64 of a P-256 key in DER",
                wayOut: "copy the verification key from SendGrid's mail settings; it begins with MFkw")
            return nil
        }
        return text
    }
}
