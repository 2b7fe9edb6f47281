import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP

/// Signatures as Stripe makes them, and others after it: `Stripe-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>]`, each the
/// HMAC-SHA-256 of `t.body`. https://docs.stripe.com/webhooks#verify-manually
package enum StripeSignature {
    package static let header = "Stripe-Signature"

    /// A secret, read once: the whole of it as UTF-8, `whsec_` included; it is not base 64 here.
    package struct Key: Sendable, CustomStringConvertible {
        fileprivate let shared: HMACKey

        /// nil where it is empty: anybody could sign with that.
        package init?(_ secret: Secret) {
            guard !secret.value.isEmpty else { return nil }
            shared = HMACKey(Array(secret.value.utf8))
        }

        package var description: String { "StripeSignature.Key" }
    }

    /// `.genuine` where one `v1` of the header is right by one of the keys and the time is no farther off than `tolerance`.
    /// Other schemes are passed over (`v0` is for Stripe's tests). Unlike Stripe's own libraries we take no time from the
    /// future either: it would be fresh for too long.
    package static func verify(
        headers: HTTPHeaders, body: [UInt8], secrets: [Key], now: Timestamp, tolerance: Duration
    ) -> CallbackVerdict {
        guard let value = headers[header], !value.isEmpty else { return .refused("\(header) is missing") }
        var timestamp: Substring?
        var signatures: [[UInt8]] = []
        for item in value.split(separator: ",") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "t" where timestamp == nil: timestamp = parts[1]
            case "v1": signatures.append(Array(parts[1].utf8))
            default: continue
            }
        }
        guard let timestamp, let time = SignedTime.read(timestamp) else {
            return .refused("\(header) holds no time")
        }
        guard !signatures.isEmpty else { return .refused("\(header) holds no v1") }
        guard SignedTime.isFresh(time, at: now, within: tolerance) else {
            return .refused("the time in \(header) is too far off")
        }
        let text = Array(timestamp.utf8) + [UInt8(ascii: ".")] + body
        for key in secrets {
            let expected = Hex.digits(of: key.shared.authenticate(text))
            if signatures.contains(where: { ConstantTime.equal($0, expected) }) { return .genuine }
        }
        return .refused("no signature is right")
    }
}
