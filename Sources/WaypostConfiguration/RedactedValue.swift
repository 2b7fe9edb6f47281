/// The configuration as it may be shown: whatever a key's name or its origin marks as a secret is `***`.
package indirect enum RedactedValue: Equatable, Sendable {
    case unset
    case flag(Bool)
    case integer(Int64)
    case text(String)
    case list([RedactedValue])
    case section([Member])

    package struct Member: Equatable, Sendable {
        package let key: String
        package let value: RedactedValue

        package init(key: String, value: RedactedValue) {
            self.key = key
            self.value = value
        }
    }

    /// What stands in a secret's place.
    package static let mask: RedactedValue = .text("***")

    init(_ node: ConfigurationNode) {
        switch node.value {
        case .unset, .broken: self = .unset
        case .scalar(let scalar): self = Self.scalar(scalar)
        case .list(let elements): self = .list(elements.map(RedactedValue.init))
        case .section(let entries):
            self = .section(
                entries.map { entry in
                    let isMasked = Self.isSecret(entry.key) && entry.node.value != .unset
                    let value = isMasked ? Self.mask : RedactedValue(entry.node)
                    return Member(key: entry.key, value: entry.key == "url" ? value.withoutPath : value)
                })
        }
    }

    private static func scalar(_ scalar: ConfigurationNode.Scalar) -> RedactedValue {
        if scalar.isFromFile { return mask }
        if scalar.isPlain {
            if scalar.text == "true" || scalar.text == "false" { return .flag(scalar.text == "true") }
            // Only what reads back the same: 0755 and 1e3 stay text.
            if let number = Int64(scalar.text), String(number) == scalar.text { return .integer(number) }
        }
        return .text(withoutCredentials(scalar.text))
    }

    /// What is called by its whole `url`, like an endpoint for events, may have its secret in the path.
    private var withoutPath: RedactedValue {
        guard case .text(let text) = self, let colon = text.firstRange(of: "://"),
            let slash = text[colon.upperBound...].firstIndex(of: "/"), text.index(after: slash) < text.endIndex
        else { return self }
        return .text(text[...slash] + "***")
    }

    /// Whether a key of this name, in whatever section, holds a credential.
    static func isSecret(_ key: String) -> Bool {
        switch key {
        case "api_key", "token", "token_sha256", "secret", "password", "auth_token", "private_key", "signing_key",
            "key", "service_account", "session_token", "previous_auth_token", "previous_signing_key",
            "webhook_shared_keys":
            true
        default: key.hasSuffix("_secret") || key.hasPrefix("access_key") || key.hasPrefix("secret_")
        }
    }

    /// `scheme://user:password@host/path?token=x` becomes `scheme://***@host/path?***`: both are where credentials hide.
    private static func withoutCredentials(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
            return text
        }
        let start = colon + 3
        let authority = bytes[start...].prefix { ![0x2F, 0x3F, 0x23].contains($0) }  // to the first of / ? #
        var shown = Array(bytes[..<start])
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            shown += "***".utf8
            shown += authority[at...]
        } else {
            shown += authority
        }
        let path = bytes[authority.endIndex...].prefix { $0 != UInt8(ascii: "?") }
        shown += path
        if path.endIndex < bytes.endIndex { shown += "?***".utf8 }
        return String(decoding: shown, as: UTF8.self)
    }
}
