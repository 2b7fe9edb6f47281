import WaypostJSON

/// A signed token in its compact form (RFC 7515): read, not yet believed.
struct JSONWebToken: Sendable {
    let header: JSONValue
    let claims: JSONValue
    let signature: [UInt8]
    /// What the signature covers: header and claims as they stood, with the dot between.
    let signed: [UInt8]

    /// nil when it does not have three parts of base64url, the first two with JSON in them.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.json(parts[0]), let claims = Self.json(parts[1]),
            let signature = Base64.decodeURL(parts[2])
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
    }

    private static func json(_ part: Substring) -> JSONValue? {
        Base64.decodeURL(part).flatMap { try? JSONValue(parsing: $0) }
    }
}
