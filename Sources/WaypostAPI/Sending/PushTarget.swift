import WaypostCore
import WaypostJSON

/// The `to` of a push message: an FCM token alone, or an object that names a device, a user, a topic or a condition.
enum PushTargetField {
    /// Octets of an FCM token: they are about 160 long, and nobody says that they stay so.
    static let fcmTokenBytes = 1...4096
    /// Hexadecimal digits of an APNs token: 64 today, and Apple asks not to rely on it.
    static let apnsTokenDigits = 32...400
    /// Octets of a topic's name.
    static let topicBytes = 1...900

    private static let kinds = ["token", "fcm_token", "apns_token", "user", "topic", "condition"]

    /// nil when something is wrong with it, which is told to the reader.
    static func read(_ value: JSONValue, with reader: inout FieldReader) -> Recipients? {
        let step = FieldReader.Step.name("to")
        if case .string(let text) = value {
            return fcmToken(text, at: step, &reader).map { .target(.device(.init(fcmToken: $0))) }
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
            guard let text = reader.string("token"), let service else { return nil }
            switch service {
            case .fcm: device.fcmToken = fcmToken(text, at: .name("token"), &reader)
            case .apns: device.apnsToken = apnsToken(text, at: .name("token"), &reader)
            }
        } else {
            device.fcmToken = reader.string("fcm_token").flatMap { fcmToken($0, at: .name("fcm_token"), &reader) }
            device.apnsToken = reader.string("apns_token").flatMap { apnsToken($0, at: .name("apns_token"), &reader) }
        }
        // Nobody else's devices have one.
        if device.apnsToken != nil, device.platform == nil { device.platform = .ios }
        return device.services.isEmpty ? nil : device
    }

    private static func fcmToken(_ text: String, at step: FieldReader.Step, _ reader: inout FieldReader) -> String? {
        guard fcmTokenBytes.contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            reader.complain(step, "is not a token: 1 to 4096 printable ASCII characters without blanks")
            return nil
        }
        return text
    }

    private static func apnsToken(_ text: String, at step: FieldReader.Step, _ reader: inout FieldReader) -> String? {
        let isHexadecimal = text.utf8.allSatisfy {
            switch $0 {
            case 0x30...0x39, 0x61...0x66, 0x41...0x46: true
            default: false
            }
        }
        guard isHexadecimal, apnsTokenDigits.contains(text.utf8.count), text.utf8.count % 2 == 0 else {
            reader.complain(step, "is not an APNs token: an even number of hexadecimal digits, 64 of them today")
            return nil
        }
        return text.lowercased()
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
