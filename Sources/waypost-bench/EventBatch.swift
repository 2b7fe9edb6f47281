import Glibc
import WaypostCrypto

/// SendGrid's Event Webhook as it comes: a signed JSON array of events.
enum EventBatch {
    /// What is told of each message.
    static let kinds = ["processed", "delivered", "open", "click"]

    /// A key pair for this measurement alone; nothing is guarded by it.
    static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIizNN5JfB/5HFvkA
        0EWHEUBVEeauZE45/yXtnSa6h7qhRANCAATM3D9LvJauQYMw6NQ7K8DQ5MT8zfJp
        G2o3VitW/EwoQiRebg27kN86IV/ymWiSM3QN6VaVgX9VSmb9eZXz835Q
        -----END PRIVATE KEY-----
        """
    static let publicKey = """
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzNw/S7yWrkGDMOjUOyvA0OTE/M3yaRtqN1YrVvxMKEIkXm4Nu5DfOiFf8plokjN0DelWlYF/VUpm/XmV8/N+UA==
        """

    /// Whole requests: each message goes through all kinds in turn, `size` events a request, `count` in all.
    static func all(about messages: [String], size: Int, count: Int) throws -> [[UInt8]] {
        let key = try SigningKey(pem: privateKey, algorithm: .es256)
        let second = "\(time(nil))"
        var requests: [[UInt8]] = []
        var place = 0
        while place < count {
            let events = (place..<min(place + size, count)).map { place in
                event(
                    place, about: messages[place % messages.count], kinds[place / messages.count % kinds.count], second)
            }
            place += events.count
            requests.append(try request("[\(events.joined(separator: ","))]\r\n", at: second, signedBy: key))
        }
        return requests
    }

    private static func event(_ place: Int, about message: String, _ kind: String, _ second: String) -> String {
        """
        {"email":"u@example.org","timestamp":\(second),"smtp-id":"<14c5d75ce93.dfd.64b469@ismtpd-555>","event":"\(kind)",\
        "category":["receipt"],"sg_event_id":"ZGVsaXZlcmVkLTAtMTA5OTQ5-\(place)","sg_message_id":"14c5d75ce93.dfd.64b469.\
        filter0001.16648.5515E0B88.\(place)","waypost_message":"\(message)","response":"250 OK","tls":1}
        """
    }

    private static func request(_ body: String, at second: String, signedBy key: SigningKey) throws -> [UInt8] {
        guard let signature = ECDSASignature.der(fromRaw: key.signature(of: Array((second + body).utf8))) else {
            throw BenchFailure("the key does not sign")
        }
        let head = """
            POST /webhooks/sendgrid HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
            X-Twilio-Email-Event-Webhook-Signature: \(Base64.encode(signature))\r\n\
            X-Twilio-Email-Event-Webhook-Timestamp: \(second)\r\nContent-Length: \(body.utf8.count)\r\n\r\n
            """
        return Array((head + body).utf8)
    }
}
