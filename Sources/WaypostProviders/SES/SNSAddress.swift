/// Whose URLs of an SNS message may be fetched: those of SNS itself, in the topic's own region, and of the one origin that
/// the configuration may name beside it.
struct SNSAddress: Sendable {
    /// `sns_endpoint`: a scheme, a host and a port; for a VPC's endpoint.
    let endpoint: String?

    /// The certificate of a message: a `.pem` without a query.
    func isCertificate(_ url: String, region: String) -> Bool {
        guard let path = path(of: url, region: region) else { return false }
        return path.hasSuffix(".pem") && !path.contains("?")
    }

    /// What confirms a subscription; its query says which.
    func isConfirmation(_ url: String, region: String) -> Bool { path(of: url, region: region) != nil }

    /// Whether it lies at the endpoint, whose certificates may bear any name.
    func isAtEndpoint(_ url: String) -> Bool {
        guard let endpoint, url.hasPrefix(endpoint) else { return false }
        return url.dropFirst(endpoint.count).first == "/"
    }

    /// The region that an ARN names: `arn:aws:sns:eu-west-1:123456789012:topic`; nil for what is no topic's.
    static func region(of topicARN: String) -> Substring? {
        let parts = topicARN.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 6 && parts[0] == "arn" && parts[2] == "sns" ? parts[3] : nil
    }

    /// Path and query of a URL at an allowed origin. The authority is compared whole, so a user, a port or anything else that
    /// one reader takes for part of the host and another does not makes it another host. Amazon's own rule is
    /// `^sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?$`.
    private func path(of url: String, region: String) -> Substring? {
        // A backslash is a slash to some readers, and a fragment is never sent.
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") })
        else { return nil }
        if let endpoint, isAtEndpoint(url) { return url.dropFirst(endpoint.count) }
        guard url.hasPrefix("https://") else { return nil }
        let rest = url.dropFirst("https://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard Self.isRegion(region), ["", ".cn"].contains(where: { authority == "sns.\(region).amazonaws.com\($0)" })
        else { return nil }
        let path = rest[authority.endIndex...]
        return path.first == "/" ? path : nil
    }

    private static func isRegion(_ text: String) -> Bool {
        text.utf8.count >= 3
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
                default: false
                }
            }
    }
}
