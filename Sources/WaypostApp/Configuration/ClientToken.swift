import WaypostCore
import WaypostCrypto
import WaypostStore

/// A client's token and the entry of `auth.keys` that lets it in: what `waypost key new` prints, once.
package struct ClientToken: Sendable {
    /// `wp_` and 32 random bytes in base64url without padding.
    package let token: String
    /// A list element for `auth.keys` of waypost.yaml: the digest alone, so the file holds no secret.
    package let entry: String

    /// Why no token is made, worded to follow the name: `"" is empty`.
    package struct Flaw: Error, Equatable, Sendable {
        package let complaint: String
    }

    package init(
        name: String, scopes: [Scope], using random: inout some RandomNumberGenerator
    ) throws(Flaw) {
        if let flaw = Self.flaw(inName: name) { throw Flaw(complaint: "name \"\(name)\" \(flaw)") }
        guard !scopes.isEmpty else { throw Flaw(complaint: "no scope is given; write some of send,read,operate,admin") }
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        token = "wp_" + Self.base64URL(bytes)
        let digest = Hex.encode(SHA256.hash(Array(token.utf8)))
        entry = """
                - name: \(name)
                  token_sha256: \(digest)
                  scopes: [\(scopes.map(\.rawValue).joined(separator: ", "))]
            """
    }

    /// From the system's generator.
    package init(name: String, scopes: [Scope]) throws(Flaw) {
        var random = SystemRandomNumberGenerator()
        try self.init(name: name, scopes: scopes, using: &random)
    }

    /// What is wrong with a client's name; nil when it is right: it stands in the audit trail, in logs and in rules.
    package static func flaw(inName name: String) -> String? {
        if name == ClientName.local.text { return "is the name of callers without a key" }
        if name == AuditEntry.router { return "is what the audit trail calls the router itself" }
        let isWord = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        return isWord && (1...64).contains(name.utf8.count)
            ? nil : "is not 1 to 64 letters, digits, dots, hyphens or underscores"
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        String(
            Base64.encode(bytes).compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}
