import Synchronization

/// Checks provider tokens: ES256 by the key, key and team id, an age of at most an hour, and no new one too soon.
///
/// A signature costs a hundred times what the rest of a push does, so each token is verified once: the last 64 good ones
/// are remembered.
final class ProviderTokens: Sendable {
    /// In seconds, before as after.
    static let lifetime: Int64 = 3_600
    /// In seconds between two tokens on one connection.
    static let updateInterval: Int64 = 1_200
    private static let maximumKnown = 64

    private let team: String
    private let keyID: String
    private let key: PrivateKey
    /// When each was issued.
    private let known = Mutex<[String: Int64]>([:])

    init(team: String, keyID: String, key: PrivateKey) {
        self.team = team
        self.keyID = keyID
        self.key = key
    }

    /// `current` is the connection's token so far, and becomes this one when it is good. Times in unix seconds.
    func check(
        _ authorization: String?, after current: inout (text: String, issuedAt: Int64)?, at now: Int64
    ) throws(APNsRefusal) {
        guard let authorization, !authorization.isEmpty else { throw APNsRefusal(403, "MissingProviderToken") }
        if let current, current.text == authorization { return try checkAge(of: current.issuedAt, at: now) }
        guard let issuedAt = issueTime(of: authorization) else { throw APNsRefusal(403, "InvalidProviderToken") }
        try checkAge(of: issuedAt, at: now)
        // Apple minds how often tokens are made, so their own times count and not when this connection saw them.
        if let current, abs(issuedAt - current.issuedAt) < Self.updateInterval {
            throw APNsRefusal(429, "TooManyProviderTokenUpdates")
        }
        current = (authorization, issuedAt)
    }

    private func checkAge(of issuedAt: Int64, at now: Int64) throws(APNsRefusal) {
        guard abs(now - issuedAt) <= Self.lifetime else { throw APNsRefusal(403, "ExpiredProviderToken") }
    }

    /// nil where it was not made with the key.
    private func issueTime(of authorization: String) -> Int64? {
        if let issuedAt = known.withLock({ $0[authorization] }) { return issuedAt }
        guard authorization.prefix(7).lowercased() == "bearer ",
            let token = JSONWebToken(String(authorization.dropFirst(7))), token.header["alg"]?.string == "ES256",
            token.header["kid"]?.string == keyID, token.claims["iss"]?.string == team,
            let issuedAt = token.claims["iat"]?.integer, key.verifiesES256(token.signature, of: token.signed)
        else { return nil }
        known.withLock { known in
            if known.count >= Self.maximumKnown { known.removeAll() }
            known[authorization] = issuedAt
        }
        return issuedAt
    }
}
