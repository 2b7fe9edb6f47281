import WaypostJSON

/// The members of FCM's objects and the form that each must have.
enum FCMFields {
    enum Form: Sendable {
        case text, texts, flag, count, object, map
        case choice([String])
        /// Seconds with an `s` behind, a fraction allowed, up to so many.
        case duration(Double), durations
        /// `#rrggbb`
        case color
    }

    static let notification: [String: Form] = ["title": .text, "body": .text, "image": .text]
    static let options: [String: Form] = ["analytics_label": .text]
    static let apns: [String: Form] = [
        "headers": .map, "payload": .object, "fcm_options": .object, "live_activity_token": .text,
    ]
    static let appleOptions: [String: Form] = ["analytics_label": .text, "image": .text]
    static let webpush: [String: Form] = [
        "headers": .map, "data": .object, "notification": .object, "fcm_options": .object,
    ]
    static let webOptions: [String: Form] = ["analytics_label": .text, "link": .text]
    static let android: [String: Form] = [
        "collapse_key": .text, "priority": .choice(["NORMAL", "HIGH", "normal", "high"]),
        "ttl": .duration(2_419_200), "restricted_package_name": .text, "data": .object, "notification": .object,
        "fcm_options": .object, "direct_boot_ok": .flag, "bandwidth_constrained_ok": .flag,
        "restricted_satellite_ok": .flag,
    ]
    static let androidNotification: [String: Form] = [
        "title": .text, "body": .text, "icon": .text, "color": .color, "sound": .text, "tag": .text,
        "click_action": .text, "body_loc_key": .text, "body_loc_args": .texts, "title_loc_key": .text,
        "title_loc_args": .texts, "channel_id": .text, "ticker": .text, "sticky": .flag, "event_time": .text,
        "local_only": .flag,
        "notification_priority": .choice(
            ["UNSPECIFIED", "MIN", "LOW", "DEFAULT", "HIGH", "MAX"].map { "PRIORITY_\($0)" }),
        "default_sound": .flag, "default_vibrate_timings": .flag, "default_light_settings": .flag,
        "vibrate_timings": .durations,
        "visibility": .choice(["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"]),
        "notification_count": .count, "light_settings": .object, "image": .text,
        "proxy": .choice(["PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"]),
    ]
}

extension FCMFields.Form {
    /// nil when the value has the form.
    func complaint(about value: JSONValue) -> String? {
        switch self {
        case .text: value.string == nil ? "must be a string, not \(value.kind)" : nil
        case .texts:
            value.array?.allSatisfy { $0.string != nil } == true ? nil : "must be an array of strings"
        case .flag: value.bool == nil ? "must be a boolean, not \(value.kind)" : nil
        case .count: value.integer.map { $0 >= 0 } == true ? nil : "must be a whole number from 0"
        case .object: value.members == nil ? "must be an object, not \(value.kind)" : nil
        case .map:
            value.members?.allSatisfy { $0.value.string != nil } == true ? nil : "must be an object of strings"
        case .choice(let words):
            value.string.map(words.contains) == true ? nil : "must be one of \(words.joined(separator: ", "))"
        case .duration(let most):
            Self.seconds(value).map { $0 <= most } == true
                ? nil : "must be seconds with an s behind, 0s to \(Int(most))s"
        case .durations:
            value.array?.allSatisfy { Self.seconds($0) != nil } == true ? nil : "must be an array of durations"
        case .color: value.string.map(Self.isColor) == true ? nil : "must be in the form #rrggbb"
        }
    }

    /// Of `3.5s`: digits, and at most nine behind the point (google.protobuf.Duration).
    private static func seconds(_ value: JSONValue) -> Double? {
        guard let text = value.string, text.hasSuffix("s") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ (1...12).contains($0.utf8.count) }),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            parts.count == 1 || parts[1].count <= 9
        else { return nil }
        return Double(String(text.dropLast()))
    }

    private static func isColor(_ text: String) -> Bool {
        text.utf8.count == 7 && text.hasPrefix("#") && text.utf8.dropFirst().allSatisfy { $0.hexadecimalValue != nil }
    }
}
