import WaypostCore
import WaypostJSON

/// What Apple's devices get of a push, whether APNs is asked directly or FCM on the way to it.
///
/// https://developer.apple.com/documentation/usernotifications/generating-a-remote-notification
struct ApplePush {
    let push: Push
    let message: Message

    init(_ push: Push, of message: Message) {
        self.push = push
        self.message = message
    }

    /// Members of `aps` that a person notices.
    private static let shown = ["alert", "badge", "sound"]

    /// Whether a person notices anything; otherwise the app is woken for the data alone.
    var isVisible: Bool { push.isVisible || Self.shown.contains { push.apns?.payload?["aps"]?[$0] != nil } }

    // MARK: Payload

    /// `aps` as we write it, before the client's own members are merged over it. `alert`: whether title and body belong in
    /// it; FCM puts them there by itself.
    func aps(alert: Bool) -> JSONValue {
        // And nothing else: Apple's page on background updates.
        guard isVisible else { return ["content-available": 1] }
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue?) { if let value { members.append(.init(name, value)) } }
        if alert, push.title != nil || push.body != nil {
            let words = [("title", push.title), ("body", push.body)]
            add("alert", .object(words.compactMap { name, text in text.map { .init(name, .string($0)) } }))
        }
        add("badge", push.badge.map { .integer(Int64($0)) })
        add("sound", push.sound.map(JSONValue.string))
        add("category", push.category.map(JSONValue.string))
        add("thread-id", push.threadID.map(JSONValue.string))
        // An image is fetched by the app's notification service extension, which runs only for such.
        if push.mutableContent ?? (push.image != nil) { add("mutable-content", 1) }
        return .object(members)
    }

    /// The whole payload as APNs takes it, without our ids: all but `aps` stands beside it, never inside.
    var payload: JSONValue {
        var members: [JSONValue.Member] = [.init("aps", aps(alert: true))]
        members += push.data.map { .init($0.key, .string($0.value)) }
        for (name, text) in [("image", push.image), ("click_action", push.clickAction)] {
            guard let text, !push.data.contains(where: { $0.key == name }) else { continue }
            members.append(.init(name, .string(text)))
        }
        return JSONValue.object(members).merged(with: push.apns?.payload)
    }

    // MARK: Headers

    /// The `apns-*` headers without topic and id: ours, replaced by the client's where it says otherwise. Names in lower
    /// case.
    var headers: [Message.KeyValue] {
        var headers = push.apns?.headers ?? []
        func add(_ name: String, _ value: String) {
            if !headers.contains(where: { $0.key == name }) { headers.append(.init(key: name, value: value)) }
        }
        add("apns-push-type", pushType)
        add("apns-priority", usualPriority)
        add("apns-expiration", String(message.expiresAt.unixSeconds))
        add("apns-collapse-id", push.collapseID(of: message.id))
        return headers
    }

    var pushType: String { ownHeader("apns-push-type") ?? (isVisible ? "alert" : "background") }

    /// The client's value of a header.
    func ownHeader(_ name: String) -> String? { push.apns?.headers.first { $0.key == name }?.value }

    /// 10 at once, 5 when it suits the battery; in the background 10 is an error.
    private var usualPriority: String {
        switch pushType {
        case "background": "5"
        case "alert", "location", "liveactivity": message.priority == .bulk ? "5" : "10"
        default: "10"
        }
    }

    /// What is wrong with the client's headers, or with ours beside its payload; nil where all is well.
    var headerComplaint: String? {
        for header in headers where !header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            return "\(header.key) holds a control character"
        }
        if push.collapseID(of: message.id).utf8.count > 64 || (ownHeader("apns-collapse-id") ?? "").utf8.count > 64 {
            return "a collapse id has at most 64 bytes"
        }
        if let priority = ownHeader("apns-priority"), !["1", "5", "10"].contains(priority) {
            return "apns-priority is 10, 5 or 1"
        }
        if let expiration = ownHeader("apns-expiration"), UInt32(expiration) == nil {
            return "apns-expiration is a time in Unix seconds, or 0"
        }
        guard pushType == "background" else { return nil }
        if ownHeader("apns-priority") == "10" { return "a push in the background has priority 5" }
        let aps = aps(alert: true).merged(with: push.apns?.payload?["aps"])
        return Self.shown.contains { aps[$0] != nil } ? "a push in the background shows nothing" : nil
    }
}
