import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostPolicy

extension Configuration {
    /// One entry of `auth.keys`: who may call, and what they may do. The token itself is forgotten once it is hashed.
    package struct Client: Equatable, Sendable {
        package var name: ClientName
        /// 32 bytes; to be compared in constant time.
        package var tokenSHA256: [UInt8]
        package var scopes: Set<Scope>
        /// nil: no limit.
        package var rateLimit: WindowSettings?
        /// Empty: from anywhere.
        package var allowedNetworks: [CIDR]

        /// The section `auth`.
        static func readAll(_ section: inout SectionReader) -> [Client] {
            var clients: [Client] = []
            for entry in section.sectionList("keys") ?? [] {
                var entry = entry
                guard let client = Client(reading: &entry) else { continue }
                if clients.contains(where: { $0.name == client.name }) {
                    entry.complain("name", "\"\(client.name)\" stands twice", wayOut: "give each key a name of its own")
                }
                if let twin = clients.first(where: { $0.tokenSHA256 == client.tokenSHA256 }) {
                    entry.complain("has the token of \(twin.name)", wayOut: "give each client a token of its own")
                }
                clients.append(client)
            }
            section.finish()
            return clients
        }

        private init?(reading section: inout SectionReader) {
            let name = Self.name(in: &section)
            let digest = Self.digest(in: &section)
            if !section.has("scopes") {
                section.complain("scopes", "is missing", wayOut: "write some of send, read, operate, admin")
            }
            let scopes = section.enumerations("scopes", of: Scope.self) ?? []
            let rateLimit = WindowSettings.read("rate_limit", in: &section)
            let networks = section.networks("allow_ips")
            section.finish()
            guard let name, let digest else { return nil }
            self.name = name
            tokenSHA256 = digest
            self.scopes = Set(scopes)
            self.rateLimit = rateLimit
            allowedNetworks = networks
        }

        private static func name(in section: inout SectionReader) -> ClientName? {
            guard let text = section.requiredString("name") else { return nil }
            if let flaw = ClientToken.flaw(inName: text) {
                section.complain("name", "\"\(text)\" \(flaw)", wayOut: "choose another")
                return nil
            }
            return ClientName(text)
        }

        /// The digest of `token`, or `token_sha256`: one of the two.
        private static func digest(in section: inout SectionReader) -> [UInt8]? {
            let token = section.secret("token")
            let written = section.secret("token_sha256")
            switch (section.has("token"), section.has("token_sha256")) {
            case (true, true):
                section.complain("token_sha256", "stands beside token", wayOut: "keep one of the two")
            case (false, false):
                section.complain(
                    "token", "is missing", wayOut: "add token or token_sha256; waypost key new makes both")
            default: break
            }
            if let token {
                guard token.value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                    section.complain(
                        "token", "holds a blank or a character beyond ASCII", wayOut: "make one with waypost key new")
                    return nil
                }
                return SHA256.hash(Array(token.value.utf8))
            }
            guard let written else { return nil }
            guard let digest = Hex.decode(written.value), digest.count == SHA256.digestSize else {
                section.complain(
                    "token_sha256", "is not a SHA-256 digest", wayOut: "write its 64 hexadecimal digits")
                return nil
            }
            return digest
        }
    }
}
