import WaypostCore
import WaypostCrypto
import WaypostJSON

/// `MessageBird-Signature-JWT`: a token of a minute's life that holds the hashes of the URL and the body (RFC 7519).
///
/// https://developers.messagebird.com/api/#verifying-http-requests
struct MessageBirdToken {
    /// How far MessageBird's own libraries let clocks differ.
    static let leeway: Duration = .seconds(1)

    private let claims: JSONValue

    /// nil for what none of the keys has signed. Of the token itself only the choice among three hashes is believed.
    init?(_ text: String, signedByOneOf keys: [[UInt8]]) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.json(parts[0]), let hash = Self.hash(header["alg"]?.string),
            let code = Base64URL.decode(String(parts[2])), !code.isEmpty
        else { return nil }
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        guard keys.contains(where: { HMACKey($0, hash: hash).isValid(code, for: signed) }),
            let claims = Self.json(parts[1])
        else { return nil }
        self.claims = claims
    }

    private static func hash(_ algorithm: String?) -> HMAC.Hash? {
        switch algorithm {
        case "HS256": .sha256
        case "HS384": .sha384
        case "HS512": .sha512
        default: nil
        }
    }

    private static func json(_ part: Substring) -> JSONValue? {
        Base64URL.decode(String(part)).flatMap { try? JSONValue(parsing: $0) }
    }

    /// What does not fit the callback that the token came with; nil when all does.
    func flaw(for callback: Callback, at now: Timestamp) -> String? {
        guard claims["iss"]?.string == "MessageBird" else { return "its token has another issuer" }
        guard let start = moment("nbf"), let end = moment("exp") else { return "its token has no time" }
        if now < start - Self.leeway { return "its token is not valid yet" }
        if now > end + Self.leeway || now - start > callback.tolerance + Self.leeway {
            return "its token has run out"
        }
        guard claims["jti"]?.string?.isEmpty == false else { return "its token has no id" }
        guard holds("url_hash", hashOf: Array(callback.url.utf8)) else { return "its token is for another URL" }
        let body = callback.request.body
        let isForBody =
            body.isEmpty ? (claims["payload_hash"] ?? .null) == .null : holds("payload_hash", hashOf: body)
        return isForBody ? nil : "its token is for another body"
    }

    /// Seconds since 1970, within what a timestamp can hold.
    private func moment(_ claim: String) -> Timestamp? {
        guard let seconds = claims[claim]?.double, (0...100_000_000_000).contains(seconds) else { return nil }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }

    private func holds(_ claim: String, hashOf bytes: [UInt8]) -> Bool {
        guard let hash = claims[claim]?.string.flatMap(Hex.decode) else { return false }
        return ConstantTime.equal(hash, SHA256.hash(bytes))
    }
}
