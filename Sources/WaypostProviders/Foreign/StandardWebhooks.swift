import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP

/// Standard Webhooks: how our own events are signed, and one of the two schemes that foreign ones may have.
///
/// The signed text is `id.timestamp.body`, the body byte for byte. https://www.standardwebhooks.com
package enum StandardWebhooks {
    package static let idHeader = "webhook-id"
    package static let timestampHeader = "webhook-timestamp"
    package static let signatureHeader = "webhook-signature"

    /// A secret, read once. Shows nothing of itself when printed.
    package struct Key: Sendable, CustomStringConvertible {
        fileprivate enum Scheme: Sendable {
            /// `v1`: HMAC-SHA-256.
            case shared(HMACKey)
            /// `v1a`: Ed25519, to verify with only.
            case `public`(VerifyingKey)
        }

        fileprivate let scheme: Scheme
        /// In bytes, decoded. The specification wants 24 to 64 of a shared one.
        package let size: Int

        /// `whsec_` and base 64 (the prefix and the padding may be missing), or `whpk_` and base 64 of an Ed25519 public key;
        /// nil for anything else.
        package init?(_ text: String) {
            if text.hasPrefix("whpk_") {
                guard let bytes = Self.decode(text.dropFirst(5)), let key = try? VerifyingKey(ed25519: bytes) else {
                    return nil
                }
                (scheme, size) = (.public(key), bytes.count)
            } else {
                let letters = text.hasPrefix("whsec_") ? text.dropFirst(6) : text[...]
                guard let bytes = Self.decode(letters), !bytes.isEmpty else { return nil }
                (scheme, size) = (.shared(HMACKey(bytes)), bytes.count)
            }
        }

        package init?(_ secret: Secret) { self.init(secret.value) }

        /// Whether it can sign: a public key only verifies.
        package var canSign: Bool { if case .shared = scheme { true } else { false } }

        package var description: String { "StandardWebhooks.Key" }

        private static func decode(_ letters: Substring) -> [UInt8]? {
            let missing = (4 - letters.utf8.count % 4) % 4
            return Base64.decode(letters + String(repeating: "=", count: missing))
        }
    }

    /// The value of `webhook-signature`: one signature a key, the keys' order kept; several while a secret is exchanged.
    ///
    /// `id`: without a full stop, the same whenever the event is repeated. `timestamp`: of this attempt; the header of it
    /// holds its `unixSeconds`.
    package static func sign(id: String, timestamp: Timestamp, body: [UInt8], secrets: [Key]) -> String {
        let text = signedText(id, String(timestamp.unixSeconds), body)
        return secrets.compactMap { key in
            guard case .shared(let shared) = key.scheme else { return nil }
            return "v1," + Base64.encode(shared.authenticate(text))
        }.joined(separator: " ")
    }

    /// `.genuine` where one signature of the header is right by one of the keys and the time is no farther off than
    /// `tolerance` (the reference libraries allow 300 s, both ways).
    package static func verify(
        headers: HTTPHeaders, body: [UInt8], secrets: [Key], now: Timestamp, tolerance: Duration
    ) -> CallbackVerdict {
        guard let id = headers[idHeader], !id.isEmpty else { return .refused("webhook-id is missing") }
        guard let timestamp = headers[timestampHeader] else { return .refused("webhook-timestamp is missing") }
        guard let time = SignedTime.read(timestamp) else { return .refused("webhook-timestamp is not in unix seconds") }
        guard let header = headers[signatureHeader], !header.isEmpty else {
            return .refused("webhook-signature is missing")
        }
        guard SignedTime.isFresh(time, at: now, within: tolerance) else {
            return .refused("webhook-timestamp is too far off")
        }
        let text = signedText(id, timestamp, body)
        let signatures = header.split(separator: " ").prefix(mostSignatures)
        for key in secrets {
            switch key.scheme {
            case .shared(let shared):
                let expected = Array("v1,".utf8) + Base64.text(of: shared.authenticate(text))
                if signatures.contains(where: { ConstantTime.equal(Array($0.utf8), expected) }) { return .genuine }
            case .public(let key):
                let isRight = signatures.contains { signature in
                    guard signature.hasPrefix("v1a,"), let bytes = Base64.decode(String(signature.dropFirst(4))) else {
                        return false
                    }
                    return key.isValid(bytes, for: text)
                }
                if isRight { return .genuine }
            }
        }
        return .refused("no signature is right")
    }

    /// More are not looked at: each may cost a verification.
    private static let mostSignatures = 16

    private static func signedText(_ id: String, _ timestamp: String, _ body: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(id.utf8.count + timestamp.utf8.count + 2 + body.count)
        text.append(contentsOf: id.utf8)
        text.append(UInt8(ascii: "."))
        text.append(contentsOf: timestamp.utf8)
        text.append(UInt8(ascii: "."))
        text.append(contentsOf: body)
        return text
    }
}
