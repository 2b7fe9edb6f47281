import WaypostCore
import WaypostJSON

/// The `to` of a push message: an FCM token alone, or an object that names a device, a user, a topic or a condition.
enum PushTargetField {
    /// Octets of a topic's name.
    static let topicBytes = 1...900

    private static let kinds = ["token", "fcm_token", "apns_token", "user", "topic", "condition"]

    /// nil when something is wrong with it, which is told to the reader.
    static func read(_ value: JSONValue, with reader: inout FieldReader) -> Recipients? {
        let step = FieldReader.Step.name("to")
        if case .string = value {
            return DeviceTokenField.fcm(value, at: step, with: &reader).map { .target(.device(.init(fcmToken: $0))) }
        }
        guard case .object = value else {
            reader.complain(
                step, "must be a token, or an object with token, user, topic or condition, not \(value.kind)",
                code: .malformed)
            return nil
        }
        return reader.fields(of: value, at: step, target)
    }

    private static func target(_ reader: inout FieldReader) -> Recipients? {
        let given = kinds.filter { reader.has($0) }
        let isDevice = given.allSatisfy { $0.hasSuffix("token") }
        guard given.count == 1 || given == ["fcm_token", "apns_token"] else {
            let words = given.isEmpty ? "" : ", not \(given.joined(separator: " and "))"
            reader.complain(nil, "needs one of token, user, topic and condition" + words)
            _ = reader.takeAll()
            return nil
        }
        if isDevice { return device(&reader).map { .target(.device($0)) } }
        switch given[0] {
        case "user": return reader.line("user", bytes: 1...256).map { .user($0) }
        case "topic": return topic(&reader).map { .target(.topic($0)) }
        default: return condition(&reader).map { .target(.condition($0)) }
        }
    }

    private static func device(_ reader: inout FieldReader) -> Push.Device? {
        var device = Push.Device()
        device.platform = reader.word("platform", as: Push.Platform.self)
        if reader.has("token") {
            let service = reader.has("service") ? reader.word("service", as: Push.Service.self) : .fcm
            guard let token = reader.take("token"), let service else { return nil }
            switch service {
            case .fcm: device.fcmToken = DeviceTokenField.fcm(token, at: .name("token"), with: &reader)
            case .apns: device.apnsToken = DeviceTokenField.apns(token, at: .name("token"), with: &reader)
            }
        } else {
            device.fcmToken = reader.take("fcm_token").flatMap {
                DeviceTokenField.fcm($0, at: .name("fcm_token"), with: &reader)
            }
            device.apnsToken = reader.take("apns_token").flatMap {
                DeviceTokenField.apns($0, at: .name("apns_token"), with: &reader)
            }
        }
        // Nobody else's devices have one.
        if device.apnsToken != nil, device.platform == nil { device.platform = .ios }
        return device.services.isEmpty ? nil : device
    }

    /// FCM: `[a-zA-Z0-9-_.~%]+`, with or without `/topics/` before it.
    private static func topic(_ reader: inout FieldReader) -> String? {
        guard let text = reader.string("topic") else { return nil }
        let name = text.hasPrefix("/topics/") ? String(text.dropFirst("/topics/".count)) : text
        let isName =
            topicBytes.contains(name.utf8.count)
            && name.utf8.allSatisfy {
                switch $0 {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "~"), UInt8(ascii: "%"):
                    true
                default: false
                }
            }
        if !isName { reader.complain(.name("topic"), "must be 1 to 900 of A-Z, a-z, 0-9, -, _, ., ~ and %") }
        return isName ? name : nil
    }

    /// FCM: up to five topics in an expression.
    private static func condition(_ reader: inout FieldReader) -> String? {
        guard let text = reader.line("condition", bytes: 1...2000) else { return nil }
        guard text.contains("in topics") else {
            reader.complain(.name("condition"), "must say which topics, like 'news' in topics && !('sport' in topics)")
            return nil
        }
        return text
    }
}
