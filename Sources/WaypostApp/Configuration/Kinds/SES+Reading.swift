import WaypostConfiguration
import WaypostHTTP
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
        let refusesVersion1 = section.boolean("sns_refuse_version_1", default: false)
        let endpoint = Self.snsEndpoint(in: &section)
        let baseURL = section.url("base_url")
        guard let region, let accessKeyID, let secretAccessKey, let from else { return nil }
        self.init(
            region: region, accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: sessionToken,
            from: from, configurationSet: configurationSet, snsTopicARNs: topics ?? [], baseURL: baseURL)
        refusesSNSVersion1 = refusesVersion1
        snsEndpoint = endpoint
    }

    /// Certificates from there are believed, so nobody may come between: in the clear only on this machine.
    private static func snsEndpoint(in section: inout SectionReader) -> String? {
        guard let text = section.url("sns_endpoint"), let url = ServiceURL(text) else { return nil }
        let isLocal = url.host == "localhost" || IPAddress(url.host)?.isLoopback == true
        guard text.filter({ $0 == "/" }).count == 2, url.scheme == "https" || isLocal else {
            section.complain(
                "sns_endpoint", "is not an origin with TLS",
                wayOut: "write https://host or https://host:port, without a path")
            return nil
        }
        return text
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
