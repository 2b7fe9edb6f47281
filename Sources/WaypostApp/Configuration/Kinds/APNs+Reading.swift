import WaypostConfiguration
import WaypostCrypto
import WaypostProviders

extension APNs.Settings {
    /// The keys of an entry of kind `apns`.
    init?(reading section: inout SectionReader) {
        let teamID = Self.id("team_id", in: &section)
        let keyID = Self.id("key_id", in: &section)
        let key = Self.key(in: &section)
        let topic = section.requiredIdentifier("topic")
        let environment = section.enumeration("environment", default: Environment.production)
        let baseURL = section.url("base_url")
        guard let teamID, let keyID, let key, let topic else { return nil }
        self.init(
            teamID: teamID, keyID: keyID, key: key, topic: topic, environment: environment, baseURL: baseURL)
    }

    /// The `.p8` file's contents.
    private static func key(in section: inout SectionReader) -> SigningKey? {
        guard let text = section.requiredSecret("private_key", multiline: true) else { return nil }
        do throws(KeyFlaw) {
            return try SigningKey(pem: text.value, algorithm: .es256)
        } catch {
            section.complain(
                "private_key", error.complaint, wayOut: "write file: and the path of the .p8 file from Apple")
            return nil
        }
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
