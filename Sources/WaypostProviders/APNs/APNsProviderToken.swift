import Synchronization
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

/// The provider token (ES256) of one team's key, made here and shared by all requests.
///
/// Apple refuses tokens that are older than an hour, and new ones that come more than once in 20 minutes.
/// https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns
final class APNsProviderToken: Authorizer, CustomReflectable {
    /// A token and its age.
    struct Minted: Sendable {
        let text: String
        let at: Timestamp

        static let longestUse: Duration = .seconds(50 * 60)
        static let shortestUse: Duration = .seconds(20 * 60)
        /// A clock that was set back by more makes it a token of the future, which Apple refuses as well.
        private static let tolerance: Duration = .seconds(60)

        func isUsable(at now: Timestamp) -> Bool { now - at < Self.longestUse && at - now <= Self.tolerance }

        /// Whether another may take its place before its time.
        func mayBeReplaced(at now: Timestamp) -> Bool {
            now - at >= Self.shortestUse || at - now > Self.tolerance
        }
    }

    private let header: [UInt8]
    private let teamID: String
    private let keyID: String
    private let key: SigningKey
    private let minted = Mutex<Minted?>(nil)

    init(teamID: String, keyID: String, key: SigningKey) {
        self.teamID = teamID
        self.keyID = keyID
        self.key = key
        header = (["alg": .string(key.algorithm.rawValue), "kid": .string(keyID)] as JSONValue).bytes
    }

    /// Whether it is this key's.
    func isOf(_ settings: APNs.Settings) -> Bool {
        teamID == settings.teamID && keyID == settings.keyID && key == settings.key
    }

    /// What follows `bearer`. Signing takes less than a tenth of a millisecond, so nobody needs to fetch it.
    func token(at now: Timestamp) -> String {
        minted.withLock { minted in
            if let held = minted, held.isUsable(at: now) { return held.text }
            let claims: JSONValue = ["iss": .string(teamID), "iat": .integer(now.unixSeconds)]
            let text = JSONWebToken.signed(header: header, claims: claims.bytes, by: key)
            minted = Minted(text: text, at: now)
            return text
        }
    }

    func ready(
        over transport: any Transport, pool: String, settings: TransferSettings, at now: Timestamp,
        then: @escaping @Sendable (Failure?) -> Void
    ) { then(nil) }

    /// A token that is younger than 20 minutes stays in use: a new one would be refused for being new.
    func reject(at now: Timestamp) {
        minted.withLock { minted in
            if let held = minted, held.mayBeReplaced(at: now) { minted = nil }
        }
    }

    var customMirror: Mirror { Mirror(self, children: ["teamID": teamID]) }
}
