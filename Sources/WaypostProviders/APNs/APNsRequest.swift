import WaypostCore
import WaypostJSON

/// One notification as APNs takes it: its headers and its payload.
struct APNsRequest {
    private let apple: ApplePush
    /// With the suffix that the push type wants.
    let topic: String

    /// `topic`: the app's bundle identifier.
    init(_ push: Push, of message: Message, topic: String) {
        apple = ApplePush(push, of: message)
        let suffix = Self.suffixes[apple.pushType] ?? ""
        self.topic = apple.ownHeader("apns-topic") ?? (topic.hasSuffix(suffix) ? topic : topic + suffix)
    }

    /// What the topic ends in, by push type. `mdm` is missing: it takes a certificate.
    private static let suffixes = [
        "alert": "", "background": "", "voip": ".voip", "complication": ".complication",
        "fileprovider": ".pushkit.fileprovider", "location": ".location-query",
        "liveactivity": ".push-type.liveactivity", "pushtotalk": ".voip-ptt", "widgets": ".push-type.widgets",
        "controls": ".push-type.controls",
    ]

    /// The headers that a message may set; all others are ours.
    private static let known: Set<String> = [
        "apns-push-type", "apns-topic", "apns-priority", "apns-expiration", "apns-collapse-id",
    ]

    /// Without topic, id and authorization.
    var headers: [Message.KeyValue] {
        apple.headers.filter { Self.known.contains($0.key) && $0.key != "apns-topic" }
    }

    /// Compact JSON in UTF-8, which is what the limit counts.
    func payload(for attempt: AttemptID) -> [UInt8] {
        let payload = apple.payload
        let ids = JSONValue.object(PushIdentifiers.members(apple.message.id, attempt))
        let whole = payload.merged(with: ids).bytes
        return whole.count <= largestPayload ? whole : payload.bytes
    }

    private var largestPayload: Int { apple.pushType == "voip" ? 5120 : 4096 }

    /// Why APNs would refuse it; nil when it would not.
    var complaint: String? {
        if let foreign = apple.push.apns?.headers.first(where: { !Self.known.contains($0.key) }) {
            return "\(foreign.key) is no header that a message can set at APNs"
        }
        if Self.suffixes[apple.pushType] == nil { return "APNs has no push type \(apple.pushType) for provider tokens" }
        if let complaint = apple.headerComplaint { return complaint }
        let own = ["aps", PushIdentifiers.message, PushIdentifiers.attempt]
        if let taken = apple.push.data.first(where: { own.contains($0.key) }) {
            return "the data key \(taken.key) is taken at APNs"
        }
        if apple.payload.bytes.count > largestPayload {
            return "APNs takes at most \(largestPayload) bytes"
        }
        return nil
    }

    /// Digits of whole bytes; how many is not fixed.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count.isMultiple(of: 2)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
                default: false
                }
            }
    }

    /// The attempt's 128 bits in the form of a UUID, lower case as APNs wants it.
    static func id(of attempt: AttemptID) -> String {
        let digits = Array(hexadecimal(attempt.value.high) + hexadecimal(attempt.value.low))
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { String(digits[$0]) }.joined(separator: "-")
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
