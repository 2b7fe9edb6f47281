import WaypostConfiguration
import WaypostProviders

extension SendGrid.Settings {
    /// The keys of an entry of kind `sendgrid`.
    init?(reading section: inout SectionReader) {
        let apiKey = section.requiredSecret("api_key")
        let from = section.requiredMailbox("from")
        let baseURL = section.url("base_url")
        guard let apiKey, let from else { return nil }
        self.init(apiKey: apiKey, from: from)
        if let baseURL { self.baseURL = baseURL }
    }
}
