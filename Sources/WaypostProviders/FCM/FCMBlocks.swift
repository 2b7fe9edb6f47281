import WaypostCore
import WaypostJSON

/// The client's own `android` and `webpush` blocks, whose members win over ours, with the names that FCM documents.
struct FCMBlocks {
    let android: JSONValue?
    let webpush: JSONValue?

    /// FCM reads `clickAction` as well as `click_action`: beside ours the same field would stand twice. Maps of free keys
    /// and the browser's own notification fields stay as they are.
    init(_ push: Push) {
        android = push.android?.inSnakeCase(leaving: ["data"])
        webpush = push.webpush?.inSnakeCase(leaving: ["data", "headers", "notification"])
    }

    /// Why FCM would refuse them; nil when it would not.
    var complaint: String? {
        if let ttl = android?["ttl"], !Self.isTimeToLive(ttl) {
            return "android.ttl is not a duration from 0s to 2419200s, like 3600s"
        }
        if let priority = android?["priority"], !["normal", "high"].contains(priority.string?.lowercased()) {
            return "android.priority is neither NORMAL nor HIGH"
        }
        for (name, block) in [("android", android), ("webpush", webpush)] {
            if let label = block?["fcm_options"]?["analytics_label"],
                label.string.map(FCMTopics.isAnalyticsLabel) != true
            {
                return "\(name).fcm_options.analytics_label is not 1 to 50 of a-z, A-Z, 0-9 and -_.~%"
            }
            guard let data = block?["data"] else { continue }
            guard let members = data.members, members.allSatisfy({ $0.value.string != nil }) else {
                return "\(name).data holds something else than strings"
            }
            if let key = members.first(where: { FCMBlocks.isReserved($0.name) })?.name {
                return "FCM reserves the data key \(key)"
            }
        }
        if let link = webpush?["fcm_options"]?["link"], link.string?.hasPrefix("https://") != true {
            return "webpush.fcm_options.link is not an https URL"
        }
        return nil
    }

    /// The reference reserves `google.` and `gcm.notification.`, the error page all of `gcm`; all that begins like either
    /// is refused.
    static func isReserved(_ key: String) -> Bool {
        key == "from" || key == "message_type" || key.hasPrefix("google") || key.hasPrefix("gcm")
    }

    /// 28 days, in seconds.
    static let longestTimeToLive: Int64 = 2_419_200

    /// `3.5s`, up to nine digits of a fraction.
    private static func isTimeToLive(_ value: JSONValue) -> Bool {
        guard let text = value.string, text.last == "s" else { return false }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = Int64(parts[0])
        else { return false }
        let fraction = parts.count > 1 ? parts[1] : ""
        return fraction.utf8.count <= 9
            && (whole < longestTimeToLive || whole == longestTimeToLive && fraction.allSatisfy { $0 == "0" })
    }
}

extension JSONValue {
    /// Members' names as proto3 defines them, all the way down but for the contents of `free`.
    fileprivate func inSnakeCase(leaving free: Set<String>) -> JSONValue {
        guard let members else { return self }
        return .object(
            members.map { member in
                let name = Self.snakeCase(member.name)
                return Member(name, free.contains(name) ? member.value : member.value.inSnakeCase(leaving: free))
            })
    }

    private static func snakeCase(_ name: String) -> String {
        var text: [UInt8] = []
        for byte in name.utf8 {
            if (0x41...0x5A).contains(byte) {
                text.append(UInt8(ascii: "_"))
                text.append(byte | 0x20)
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
