import WaypostConfiguration
import WaypostCore
import WaypostCrypto

/// Standard Webhooks: how our own events are signed.
///
/// The signed text is `id.timestamp.body`, the body byte for byte. https://www.standardwebhooks.com
package enum StandardWebhooks {
    package static let idHeader = "webhook-id"
    package static let timestampHeader = "webhook-timestamp"
    package static let signatureHeader = "webhook-signature"

    /// A secret, read once. Shows nothing of itself when printed.
    package struct Key: Sendable, CustomStringConvertible {
        fileprivate let shared: HMACKey
        /// In bytes, decoded. The specification wants 24 to 64.
        package let size: Int

        /// `whsec_` and base 64 (the prefix and the padding may be missing); nil for anything else.
        package init?(_ text: String) {
            let letters = text.hasPrefix("whsec_") ? text.dropFirst(6) : text[...]
            let missing = (4 - letters.utf8.count % 4) % 4
            guard let bytes = Base64.decode(letters + String(repeating: "=", count: missing)), !bytes.isEmpty else {
                return nil
            }
            (shared, size) = (HMACKey(bytes), bytes.count)
        }

        package init?(_ secret: Secret) { self.init(secret.value) }

        /// Whether it can sign.
        package var canSign: Bool { true }

        package var description: String { "StandardWebhooks.Key" }
    }

    /// The value of `webhook-signature`: one signature a key, the keys' order kept; several while a secret is exchanged.
    ///
    /// `id`: without a full stop, the same whenever the event is repeated. `timestamp`: of this attempt; the header of it
    /// holds its `unixSeconds`.
    package static func sign(id: String, timestamp: Timestamp, body: [UInt8], secrets: [Key]) -> String {
        let text = Array("\(id).\(timestamp.unixSeconds).".utf8) + body
        return secrets.map { "v1," + Base64.encode($0.shared.authenticate(text)) }.joined(separator: " ")
    }
}
