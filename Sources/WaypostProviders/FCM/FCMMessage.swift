import WaypostCore
import WaypostJSON

/// The body of `POST /v1/projects/{project}/messages:send`.
///
/// https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
struct FCMMessage {
    let push: Push
    let message: Message
    let target: Push.Target

    init(_ push: Push, of message: Message, to target: Push.Target) {
        self.push = push
        self.message = message
        self.target = target
    }

    /// Keys and values, in bytes, less for topics.
    private var largestPayload: Int { target.device == nil ? 2048 : 4096 }

    private var notification: [JSONValue.Member] {
        [("title", push.title), ("body", push.body), ("image", push.image)].compactMap { name, text in
            text.map { .init(name, .string($0)) }
        }
    }

    private var ownData: [JSONValue.Member] { push.data.map { .init($0.key, .string($0.value)) } }

    /// The client's data, and our ids where there is room however one counts: they must not be what FCM refuses.
    private func data(for attempt: AttemptID) -> [JSONValue.Member] {
        let whole = ownData + PushIdentifiers.members(message.id, attempt)
        return fitsAsJSON(whole) ? whole : ownData
    }

    private func fitsAsJSON(_ data: [JSONValue.Member]) -> Bool {
        JSONValue.object(notification + data).bytes.count <= largestPayload
    }

    /// In bytes, as FCM counts.
    private static func size(of members: [JSONValue.Member]) -> Int {
        members.reduce(0) { $0 + $1.name.utf8.count + ($1.value.string?.utf8.count ?? 0) }
    }

    // MARK: Limits

    /// Why FCM would refuse it; nil when it would not.
    var complaint: String? {
        switch target {
        case .device(let device):
            if device.fcmToken == nil { return "the device has no FCM token" }
        case .topic(let name):
            if !FCMTopics.isName(name) { return "the topic is not 1 to 900 of a-z, A-Z, 0-9 and -_.~%" }
        case .condition(let text):
            if let complaint = FCMTopics.complaint(ofCondition: text) { return complaint }
        }
        for member in push.data {
            if FCMBlocks.isReserved(member.key) { return "FCM reserves the data key \(member.key)" }
            if [PushIdentifiers.message, PushIdentifiers.attempt].contains(member.key) {
                return "the data key \(member.key) is taken"
            }
        }
        if Self.size(of: notification + ownData) > largestPayload {
            return "FCM takes at most \(largestPayload) bytes of notification and data"
        }
        return FCMBlocks(push).complaint ?? ApplePush(push, of: message).headerComplaint
    }

    /// Whether a refusal that names no fault can only mean the token: nothing in the body is the client's own, and however
    /// one counts it is small enough.
    var isSurelyGood: Bool {
        push.android == nil && push.apns == nil && push.webpush == nil
            && fitsAsJSON(ownData)
    }

    // MARK: Body

    /// `now` is when the attempt begins: FCM wants lifetimes, not ends.
    func body(for attempt: AttemptID, at now: Timestamp) -> [UInt8] {
        let blocks = FCMBlocks(push)
        let timeToLive = max(
            0, min((message.expiresAt - now).components.seconds, FCMBlocks.longestTimeToLive))
        var members = [Self.address(target)]
        if !notification.isEmpty { members.append(.init("notification", .object(notification))) }
        let data = data(for: attempt)
        if !data.isEmpty { members.append(.init("data", .object(data))) }
        members.append(.init("android", android(timeToLive).merged(with: blocks.android)))
        members.append(.init("apns", apns))
        let webpush = webpush(timeToLive).merged(with: blocks.webpush)
        if webpush != [:] { members.append(.init("webpush", webpush)) }
        return (["message": .object(members)] as JSONValue).bytes
    }

    private static func address(_ target: Push.Target) -> JSONValue.Member {
        switch target {
        case .device(let device): .init("token", .string(device.fcmToken ?? ""))
        case .topic(let name): .init("topic", .string(name))
        case .condition(let text): .init("condition", .string(text))
        }
    }

    /// Whether it goes out at once, whatever that costs the battery.
    private var isPressing: Bool { message.priority == .urgent || push.isVisible && message.priority != .bulk }

    /// Never with a `collapse_key`: a device keeps four of them, and a fifth drives one out. The tag does on the screen
    /// what Apple's collapse id does.
    private func android(_ timeToLive: Int64) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("priority", isPressing ? "HIGH" : "NORMAL"), .init("ttl", .string("\(timeToLive)s")),
        ]
        if !notification.isEmpty {  // else Android would show a notification that says nothing
            var shown: [JSONValue.Member] = [.init("tag", .string(push.collapseID(of: message.id)))]
            if let sound = push.sound { shown.append(.init("sound", .string(sound))) }
            if let action = push.clickAction { shown.append(.init("click_action", .string(action))) }
            if let badge = push.badge, badge > 0 {
                shown.append(.init("notification_count", .integer(Int64(badge))))
            }
            members.append(.init("notification", .object(shown)))
        }
        return .object(members)
    }

    private var apns: JSONValue {
        let apple = ApplePush(push, of: message)
        let headers = apple.headers.map { JSONValue.Member($0.key, .string($0.value)) }
        var members: [JSONValue.Member] = [.init("headers", .object(headers))]
        let aps = apple.aps(alert: false)  // empty where title and body say it all
        let payload = (aps == [:] ? [:] : ["aps": aps] as JSONValue).merged(with: push.apns?.payload)
        if payload != [:] { members.append(.init("payload", payload)) }
        if let image = push.image { members.append(.init("fcm_options", ["image": .string(image)])) }
        return .object(members)
    }

    /// For browsers; a device that is known to be none gets only what a link asks for.
    private func webpush(_ timeToLive: Int64) -> JSONValue {
        let link = push.clickAction.flatMap { $0.hasPrefix("https://") ? $0 : nil }
        let isBrowser = target.device?.platform.map { $0 == .web } ?? true
        guard isBrowser || link != nil || push.webpush != nil else { return [:] }
        let urgency = isPressing ? "high" : message.priority == .bulk ? "low" : "normal"
        let headers: JSONValue = ["TTL": .string("\(timeToLive)"), "Urgency": .string(urgency)]
        guard let link else { return ["headers": headers] }
        return ["headers": headers, "fcm_options": ["link": .string(link)]]
    }
}
