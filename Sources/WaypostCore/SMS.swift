/// A text message; with media it goes out as an MMS where the provider has them.
package struct SMS: Equatable, Sendable {
    package var to: PhoneNumber
    /// Overrides the provider's sender: a number in E.164, a short code or an alphanumeric sender.
    package var from: String?
    package var text: String
    /// What the provider fetches and attaches; HTTP or HTTPS, at most 10.
    package var mediaURLs: [String] = []
    /// How long the provider may try; nil leaves its own setting.
    package var validity: Duration?
    /// Look-alike letters are replaced by those of the GSM alphabet; nil leaves the provider's own setting.
    package var smartEncoded: Bool?
    /// One MMS, whatever the length and the media; nil leaves the provider's own setting.
    package var sendAsMMS: Bool?

    package init(to: PhoneNumber, text: String) {
        self.to = to
        self.text = text
    }
}
