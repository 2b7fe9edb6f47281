import WaypostConfiguration

/// The keys of an entry of kind `messagebird`.
package struct MessageBirdAccount: Sendable {
    package var accessKey: Secret
    /// A number with its country code, or up to 11 letters and digits.
    package var originator: String
    package var whatsappChannelID: String?
    /// Its three hosts, without slashes at their ends; a `base_url` given alone serves for all.
    package var baseURL: String
    package var voiceBaseURL: String
    package var conversationsBaseURL: String

    init?(reading section: inout SectionReader) {
        let accessKey = section.requiredSecret("access_key")
        let originator = section.requiredString("originator")
        whatsappChannelID = section.identifier("whatsapp_channel_id")
        let baseURL = section.url("base_url")
        self.baseURL = baseURL ?? "https://rest.messagebird.com"
        voiceBaseURL = section.url("voice_base_url") ?? baseURL ?? "https://voice.messagebird.com"
        conversationsBaseURL =
            section.url("conversations_base_url") ?? baseURL ?? "https://conversations.messagebird.com"
        guard let accessKey, let originator else { return nil }
        guard Self.isOriginator(originator) else {
            section.complain(
                "originator", "\"\(originator)\" is no sender",
                wayOut: "write a number with its country code, or up to 11 letters and digits")
            return nil
        }
        self.accessKey = accessKey
        self.originator = originator
    }

    private static func isOriginator(_ text: String) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "+") ? text.utf8.dropFirst() : text.utf8[...]
        if (7...15).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) { return true }
        return (1...11).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20: true
                default: false
                }
            }
    }
}
