import WaypostHTTP
import WaypostJSON

/// One push as it stands in a request: the header fields that APNs knows, and its checks of them.
struct APNsPush: Equatable, Sendable {
    static let path = "/3/device/"

    private(set) var authorization: String?
    private var id: String?
    private var topic: String?
    private var type: String?
    private var priority: String?
    private var expiration: String?
    private var collapse: String?
    private var hasDuplicates = false
    private let method: String
    /// nil where the path is another one.
    private(set) var token: Substring?

    init(_ request: HTTPRequest) {
        method = request.method
        if request.target.hasPrefix(Self.path) { token = request.target.dropFirst(Self.path.count) }
        for field in request.headers.fields {
            switch field.name {
            case "authorization": take(field.value, \.authorization)
            case "apns-id": take(field.value, \.id)
            case "apns-topic": take(field.value, \.topic)
            case "apns-push-type": take(field.value, \.type)
            case "apns-priority": take(field.value, \.priority)
            case "apns-expiration": take(field.value, \.expiration)
            case "apns-collapse-id": take(field.value, \.collapse)
            default: break
            }
        }
    }

    private mutating func take(_ value: String, _ field: WritableKeyPath<Self, String?>) {
        if self[keyPath: field] != nil { hasDuplicates = true }
        self[keyPath: field] = value
    }

    /// The id to answer with, where it is one.
    var echo: String? { id.flatMap { Self.isUUID($0) ? $0 : nil } }

    /// All but the provider token and the payload. `topic` is the app's bundle id.
    func check(topic bundle: String, at wall: Int64) throws(APNsRefusal) {
        if let id, !Self.isUUID(id) { throw APNsRefusal(400, "BadMessageId") }
        guard method == "POST" else { throw APNsRefusal(405, "MethodNotAllowed") }
        if hasDuplicates { throw APNsRefusal(400, "DuplicateHeaders") }
        guard let topic else { throw APNsRefusal(400, "MissingTopic") }
        guard !topic.isEmpty, topic.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw APNsRefusal(400, "BadTopic")
        }
        if let collapse, collapse.utf8.count > 64 { throw APNsRefusal(400, "BadCollapseId") }
        guard priority == nil || ["10", "5", "1"].contains(priority) else { throw APNsRefusal(400, "BadPriority") }
        if let expiration, Int64(expiration) == nil { throw APNsRefusal(400, "BadExpirationDate") }
        guard let suffix = Self.suffixes[type ?? "alert"] else { throw APNsRefusal(400, "InvalidPushType") }
        if type == "background", priority == "10" { throw APNsRefusal(400, "BadPriority") }
        guard let token else { throw APNsRefusal(404, "BadPath") }
        guard !token.isEmpty else { throw APNsRefusal(400, "MissingDeviceToken") }
        try Self.check(token, at: wall)
        guard topic == bundle + suffix else { throw APNsRefusal(400, "DeviceTokenNotForTopic") }
    }

    /// `body` is the payload read as JSON; nil where it is none.
    func checkPayload(_ bytes: [UInt8], _ body: JSONValue?) throws(APNsRefusal) {
        // Apple has no word for a payload that is no JSON; it shows nothing, as an empty one does.
        guard !bytes.isEmpty else { throw APNsRefusal(400, "PayloadEmpty") }
        guard bytes.count <= (type == "voip" ? 5_120 : 4_096) else { throw APNsRefusal(413, "PayloadTooLarge") }
        guard body?["aps"]?.members != nil else { throw APNsRefusal(400, "PayloadEmpty") }
        if token?.hasPrefix("a429") == true { throw APNsRefusal(429, "TooManyRequests") }
    }

    /// Bytes in hexadecimal; Apple promises no length.
    private static func check(_ token: Substring, at wall: Int64) throws(APNsRefusal) {
        let isHexadecimal = token.utf8.allSatisfy { $0.hexadecimalValue != nil }
        guard isHexadecimal, token.utf8.count.isMultiple(of: 2), token.utf8.count <= 200, !token.hasPrefix("bad0")
        else {
            throw APNsRefusal(400, "BadDeviceToken")
        }
        if token.hasPrefix("dead") { throw APNsRefusal(410, "Unregistered", timestamp: wall) }
        if token.hasPrefix("0410") { throw APNsRefusal(410, "Unregistered", timestamp: Self.longAgo) }
    }

    /// 8-4-4-4-12 digits in lower case.
    private static func isUUID(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.enumerated().allSatisfy { index, byte in
                switch index {
                case 8, 13, 18, 23: byte == UInt8(ascii: "-")
                default: (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
                }
            }
    }

    /// 2020-01-01, in milliseconds since 1970.
    private static let longAgo: Int64 = 1_577_836_800_000

    /// What each push type adds to the bundle id.
    private static let suffixes = [
        "alert": "", "background": "", "voip": ".voip", "complication": ".complication",
        "fileprovider": ".pushkit.fileprovider", "location": ".location-query",
        "liveactivity": ".push-type.liveactivity", "pushtotalk": ".voip-ptt", "widgets": ".push-type.widgets",
        "controls": ".push-type.controls",
    ]
}
