import WaypostConfiguration

/// The keys of an entry of kind `apns`.
package struct APNsAccount: Sendable {
    package var teamID: String
    package var keyID: String
    /// PKCS#8 PEM: the `.p8` file's contents.
    package var privateKey: Secret
    /// The app's bundle identifier.
    package var topic: String
    package var environment: Environment
    /// Without a slash at its end.
    package var baseURL: String

    /// Which of Apple's two services holds the devices' tokens.
    package enum Environment: String, CaseIterable, Sendable { case production, sandbox }

    init?(reading section: inout SectionReader) {
        let teamID = Self.id("team_id", in: &section)
        let keyID = Self.id("key_id", in: &section)
        let privateKey = section.requiredSecret("private_key", multiline: true)
        let topic = section.requiredIdentifier("topic")
        environment = section.enumeration("environment", default: .production)
        let host = environment == .production ? "api.push.apple.com" : "api.sandbox.push.apple.com"
        baseURL = section.url("base_url") ?? "https://\(host)"
        guard let teamID, let keyID, let privateKey, let topic else { return nil }
        guard privateKey.value.contains("-----BEGIN PRIVATE KEY-----") else {
            section.complain("private_key", "is not PEM", wayOut: "write file: and the path of the .p8 file")
            return nil
        }
        self.teamID = teamID
        self.keyID = keyID
        self.privateKey = privateKey
        self.topic = topic
    }

    /// Ten capitals and digits.
    private static func id(_ key: String, in section: inout SectionReader) -> String? {
        guard let text = section.requiredString(key) else { return nil }
        guard text.utf8.count == 10,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
        else {
            section.complain(
                key, "\"\(text)\" is not ten capital letters and digits", wayOut: "copy it from Apple's developer pages"
            )
            return nil
        }
        return text
    }
}
