import WaypostCore
import WaypostJSON

/// The `content` of a push message.
enum PushFields {
    /// Octets of a title or a body: neither service takes a whole notification of more than 4 KiB.
    static let textLimit = 4096
    static let dataLimit = 100
    /// Octets: APNs' `apns-collapse-id`.
    static let collapseIDBytes = 1...64
    private static let lineBytes = 1...255

    /// What alone is enough of a message.
    private static let enough = [
        "title", "body", "image", "data", "badge", "sound", "android", "apns", "webpush",
    ]

    /// Without its targets; nil when `value` is no object. What else is wrong is told to the reader.
    static func read(_ value: JSONValue, with reader: inout FieldReader) -> Push? {
        reader.fields(of: value, at: .name("content")) { reader in
            var push = Push(targets: [])
            if !enough.contains(where: { reader.has($0) }) {
                reader.complain(nil, "needs at least one of \(enough.joined(separator: ", "))")
            }
            push.title = reader.text("title", atMost: textLimit)
            push.body = reader.text("body", atMost: textLimit)
            push.image = reader.string("image")
            if let image = push.image, let flaw = WebAddress.flaw(in: image) { reader.complain(.name("image"), flaw) }
            push.data = data(&reader)
            push.badge = reader.integer("badge", in: 0...Int(Int32.max))
            push.sound = reader.line("sound", bytes: lineBytes)
            push.category = reader.line("category", bytes: lineBytes)
            push.threadID = reader.line("thread_id", bytes: lineBytes)
            push.mutableContent = reader.bool("mutable_content")
            push.collapseID = reader.line("collapse_id", bytes: collapseIDBytes)
            push.clickAction = reader.line("click_action", bytes: 1...2000)
            push.android = reader.freeObject("android").map { .object($0) }
            push.webpush = reader.freeObject("webpush").map { .object($0) }
            push.apns = reader.object("apns", apns)
            return push
        }
    }

    private static func data(_ reader: inout FieldReader) -> [Message.KeyValue] {
        var pairs: [Message.KeyValue] = []
        reader.pairs("data", atMost: dataLimit) { reader, key, value in
            if let flaw = LineOfText.flaw(in: key, bytes: lineBytes) {
                reader.complain(.name(key), "has a name that \(flaw)")
            } else {
                pairs.append(.init(key: key, value: value))
            }
        }
        return pairs
    }

    /// `{"headers": {"apns-priority": "5"}, "payload": {"aps": {…}}}`.
    private static func apns(_ reader: inout FieldReader) -> Push.APNsBlock? {
        var headers: [Message.KeyValue] = []
        reader.pairs("headers", atMost: 20) { reader, name, value in
            let lower = name.lowercased()
            if !isHeaderName(lower) {
                reader.complain(.name(name), "is not one of Apple's headers, which begin with apns-")
            } else if headers.contains(where: { $0.key == lower }) {
                reader.complain(.name(name), "stands twice: header names are compared without case")
            } else if !(1...256).contains(value.utf8.count) || !value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
                reader.complain(.name(name), "must be 1 to 256 printable ASCII characters")
            } else {
                headers.append(.init(key: lower, value: value))
            }
        }
        return .init(headers: headers, payload: reader.freeObject("payload").map { .object($0) })
    }

    private static func isHeaderName(_ name: String) -> Bool {
        name.hasPrefix("apns-") && (6...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
