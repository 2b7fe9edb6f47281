import WaypostConfiguration
import WaypostProviders

extension SES.Settings {
    /// The keys of an entry of kind `ses`.
    init?(reading section: inout SectionReader) {
        let region = Self.region(in: &section)
        let accessKeyID = section.requiredIdentifier("access_key_id")
        let secretAccessKey = section.requiredSecret("secret_access_key")
        let sessionToken = section.secret("session_token")
        let from = section.requiredMailbox("from")
        let configurationSet = section.identifier("configuration_set")
        let topics = section.stringList("sns_topic_arns") { arn in
            arn.hasPrefix("arn:aws") && arn.split(separator: ":", omittingEmptySubsequences: false).count == 6
                ? nil : ("is not an SNS topic", "write it like arn:aws:sns:eu-west-1:123456789012:waypost")
        }
        let baseURL = section.url("base_url")
        guard let region, let accessKeyID, let secretAccessKey, let from else { return nil }
        self.init(
            region: region, accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: sessionToken,
            from: from, configurationSet: configurationSet, snsTopicARNs: topics ?? [], baseURL: baseURL)
    }

    /// It becomes part of a host's name.
    private static func region(in section: inout SectionReader) -> String? {
        guard let region = section.requiredString("region") else { return nil }
        guard region.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }) else {
            section.complain("region", "\"\(region)\" is not a region", wayOut: "write one like eu-west-1")
            return nil
        }
        return region
    }
}
