import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

/// SendGrid's Event Webhook: batches of what became of messages, signed where the account asks for it.
/// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
extension SendGrid: CallbackSource {
    static let signatureHeader = "X-Twilio-Email-Event-Webhook-Signature"
    static let timestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp"

    /// Events carry our ids as custom arguments; without a key none of them can be believed.
    package var evidence: Evidence { webhookKeys.isEmpty ? .none : .callback }
    package var reportsDelivery: Bool { !webhookKeys.isEmpty }

    /// ECDSA with P-256 and SHA-256 over the header's time and the body, byte for byte: the CR LF at its end counts.
    package func verdict(
        on callback: Callback, certificates: [String: [UInt8]], at now: Timestamp
    ) -> CallbackVerdict {
        guard !webhookKeys.isEmpty else { return .refused("webhook_public_key is not set") }
        let headers = callback.request.headers
        guard let timestamp = headers[Self.timestampHeader], let text = headers[Self.signatureHeader], !text.isEmpty
        else { return .refused("it is not signed") }
        guard let time = SignedTime.read(timestamp) else { return .refused("its time is not in unix seconds") }
        guard SignedTime.isFresh(time, at: now, within: callback.tolerance) else {
            return .refused("its time is too far off")
        }
        guard let signature = Base64.decode(text) else { return .refused("its signature is not base64") }
        let signed = Array(timestamp.utf8) + callback.request.body
        let isRight = webhookKeys.contains { $0.isValid(der: signature, for: signed) }
        return isRight ? .genuine : .refused("its signature is wrong")
    }

    package func news(in callback: Callback, at now: Timestamp) -> CallbackNews {
        var news = CallbackNews.ok
        switch try? JSONValue(parsing: callback.request.body) {
        case .array(let events):
            news.receipts.reserveCapacity(events.count)
            for event in events {
                if let receipt = receipt(of: event, at: now) { news.receipts.append(receipt) }
            }
        case .object(let members): news.receipts = [receipt(of: .object(members), at: now)].compactMap(\.self)
        default: news.notice = "SendGrid's events are not JSON, and were left out"
        }
        return news
    }

    private func receipt(of event: JSONValue, at now: Timestamp) -> Receipt? {
        guard let members = event.members else { return nil }
        return SendGridEvent(members).receipt(at: now, redaction: redaction)
    }
}

extension SendGrid.Settings {
    /// A public key as SendGrid shows it, base 64 of a SubjectPublicKeyInfo in DER; nil for anything but one of P-256.
    package static func webhookKey(_ text: String) -> VerifyingKey? {
        Base64.decode(text).flatMap { try? VerifyingKey(der: $0, algorithm: .es256) }
    }
}
