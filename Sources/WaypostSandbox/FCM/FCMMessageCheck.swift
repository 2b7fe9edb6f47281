import WaypostJSON

/// Checks the body of `messages:send` as FCM does and finds the message in it.
///
/// Fields and limits are those of the API's discovery document and of the Firebase pages; names in snake_case only, which
/// is what FCM's own libraries write.
struct FCMMessageCheck {
    private(set) var take = Take(recipients: [])
    private var shape = Shape()
    /// What FCM itself refuses, apart from the shape of the JSON.
    private var refusal: FCMError?
    private var payloadBytes = 0

    /// What the message is to be refused with; nil when it is good.
    var problem: FCMError? {
        if let first = shape.problems.first {
            return FCMError(
                400, "INVALID_ARGUMENT", "Invalid value at '\(first.path)': \(first.complaint)",
                [.fieldViolations(shape.problems)])
        }
        return refusal
    }

    mutating func check(_ body: JSONValue) {
        guard shape.object(body, "body", allowed: ["validate_only", "message"]) != nil else { return }
        _ = shape.boolean(body["validate_only"], "validate_only")
        let message = body["message"]
        guard shape.object(message, "message", allowed: Self.fields) != nil, let message else { return }
        take.message = message["data"]?["waypost_message"]?.string
        take.attempt = message["data"]?["waypost_attempt"]?.string
        let isFanOut = target(message)
        for field in ["title", "body", "image"] { note(message["notification"]?[field]) }
        check(FCMFields.notification, message["notification"], "message.notification")
        data(message["data"], "message.data", counts: true)
        android(message)
        apple(message["apns"])
        web(message["webpush"])
        options(message["fcm_options"], "message.fcm_options")
        if payloadBytes > (isFanOut ? 2_048 : 4_096) { refuse(.invalid("Message is too big")) }
        if let token = message["token"]?.string ?? message["fid"]?.string, let fate = Self.fate(of: token) {
            refuse(fate)
        }
    }

    /// What a registration's first letters say about it; nil for one that is well.
    static func fate(of registration: String) -> FCMError? {
        if registration.hasPrefix("unregistered") { return .unregistered }
        if registration.hasPrefix("mismatch") { return .senderMismatch }
        if registration.hasPrefix("quota") { return .quota }
        let isWord = !registration.isEmpty && registration.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isWord && !registration.hasPrefix("invalid") ? nil : .badToken
    }

    /// `[a-zA-Z0-9-_.~%]{1,900}`
    static func isTopic(_ text: String) -> Bool { isName(text, atMost: 900) }

    static func isName(_ text: String, atMost count: Int) -> Bool {
        (1...count).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-_.~%".utf8.contains(byte)
                }
            }
    }

    private mutating func refuse(_ error: FCMError) { if refusal == nil { refusal = error } }

    private mutating func note(_ value: JSONValue?) { payloadBytes += value?.string?.utf8.count ?? 0 }

    /// True where many registrations are meant, which halves the size.
    private mutating func target(_ message: JSONValue) -> Bool {
        let targets = ["fid", "token", "topic", "condition"].filter { message[$0] != nil }
        guard targets.count == 1, let kind = targets.first else {
            refuse(.invalid("Exactly one of fid, token, topic and condition is required", field: "message"))
            return false
        }
        guard let text = shape.string(message[kind], "message.\(kind)", 1...4_096) else { return false }
        take.recipients = [text]
        if kind == "topic", !Self.isTopic(text) { refuse(.invalid("Invalid topic name", field: "message.topic")) }
        if kind == "condition", !FCMCondition.isWellFormed(text) {
            refuse(.invalid("Invalid condition expression", field: "message.condition"))
        }
        return kind == "topic" || kind == "condition"
    }

    private mutating func data(_ value: JSONValue?, _ path: String, counts: Bool = false) {
        for member in shape.object(value, path, allowed: nil, required: false) ?? [] {
            _ = shape.string(member.value, "\(path)[\(member.name)]")
            if counts { payloadBytes += member.name.utf8.count }
            if counts { note(member.value) }
            let isReserved =
                ["from", "message_type"].contains(member.name)
                || ["google", "gcm"].contains { member.name.lowercased().hasPrefix($0) }
            if isReserved { refuse(.invalid("Invalid data payload key: \(member.name)", field: path)) }
        }
    }

    private mutating func android(_ message: JSONValue) {
        let android = message["android"]
        if android != nil, message["android_v2"] != nil {
            refuse(.invalid("android and android_v2 exclude each other", field: "message"))
        }
        _ = shape.object(message["android_v2"], "message.android_v2", allowed: nil, required: false)
        check(FCMFields.android, android, "message.android")
        check(FCMFields.androidNotification, android?["notification"], "message.android.notification")
        data(android?["data"], "message.android.data")
        options(android?["fcm_options"], "message.android.fcm_options")
    }

    private mutating func apple(_ apns: JSONValue?) {
        check(FCMFields.apns, apns, "message.apns")
        check(FCMFields.appleOptions, apns?["fcm_options"], "message.apns.fcm_options")
        if let label = apns?["fcm_options"]?["analytics_label"] { self.label(label, "message.apns.fcm_options") }
        if apns?["payload"] != nil, apns?["payload"]?["aps"]?.members == nil {
            refuse(.invalid("apns.payload must hold an aps object", field: "message.apns.payload"))
        }
    }

    private mutating func web(_ webpush: JSONValue?) {
        check(FCMFields.webpush, webpush, "message.webpush")
        data(webpush?["data"], "message.webpush.data")
        let options = webpush?["fcm_options"]
        check(FCMFields.webOptions, options, "message.webpush.fcm_options")
        if let label = options?["analytics_label"] { self.label(label, "message.webpush.fcm_options") }
        if let link = options?["link"]?.string, !link.hasPrefix("https://") {
            refuse(
                .invalid("WebpushFcmOptions.link must be a valid HTTPS URL", field: "message.webpush.fcm_options.link"))
        }
    }

    private mutating func options(_ value: JSONValue?, _ path: String) {
        check(FCMFields.options, value, path)
        if let label = value?["analytics_label"] { self.label(label, path) }
    }

    private mutating func label(_ value: JSONValue, _ path: String) {
        guard let text = value.string, !Self.isName(text, atMost: 50) else { return }
        refuse(.invalid("Invalid analytics label: \(text)", field: "\(path).analytics_label"))
    }

    /// Names and forms of the members; what is null counts as left out.
    private mutating func check(_ fields: [String: FCMFields.Form], _ value: JSONValue?, _ path: String) {
        for member in shape.object(value, path, allowed: nil, required: false) ?? [] where member.value != .null {
            guard let form = fields[member.name] else {
                shape.complain("\(path)", "has no \(member.name)")
                continue
            }
            if let complaint = form.complaint(about: member.value) {
                shape.complain("\(path).\(member.name)", complaint)
            }
        }
    }

    private static let fields = [
        "name", "data", "notification", "android", "android_v2", "webpush", "apns", "fcm_options", "fid", "token",
        "topic", "condition",
    ]
}
