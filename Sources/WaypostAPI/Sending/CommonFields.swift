import WaypostCore
import WaypostJSON

/// The fields of a message that a batch may state once for all its recipients: everything but `to` and `metadata`.
struct CommonFields {
    /// nil when it is missing, unknown, or not to be had in this version; then `to` and `content` cannot be judged.
    private(set) var channel: Channel?
    private var type: MessageType
    private var priority: Priority
    private var sendAt: Timestamp?
    private var ttl: Duration?
    private var tags: [String]
    private var onAmbiguous: AmbiguityPolicy?
    /// Without its recipients; nil when something is wrong with it.
    private var email: EmailFields?

    /// How far ahead `send_at` may lie (contract: Sending).
    static let horizon = Duration.seconds(35 * 86_400)
    /// How far in the past `send_at` may lie and still mean "now": clocks differ.
    static let tolerance = Duration.seconds(60)
    /// The longest `ttl`.
    static let longestTTL = Duration.seconds(365 * 86_400)

    init(from reader: inout FieldReader, at now: Timestamp) {
        channel = Self.channel(&reader)
        type = reader.word("type", as: MessageType.self) ?? .transactional
        priority = reader.word("priority", as: Priority.self) ?? .normal
        sendAt = Self.sendAt(&reader, now: now)
        ttl = reader.duration("ttl", upTo: Self.longestTTL)
        tags = Self.tags(&reader)
        onAmbiguous = reader.word("on_ambiguous", as: AmbiguityPolicy.self)
        let from = reader.take("from")
        let replyTo = reader.take("reply_to")
        let content = reader.take("content")
        Self.refuseTemplate(&reader, hasContent: content != nil)
        guard channel == .email else { return }
        let sender = from.flatMap { MailboxField.read($0, at: .name("from"), with: &reader) }
        let answers = replyTo.flatMap { MailboxField.read($0, at: .name("reply_to"), with: &reader) }
        email = content.flatMap { EmailFields(reading: $0, with: &reader) }
        email?.sender = sender
        email?.replyTo = answers
    }

    /// Complains of copies that stand twice, where they are shared and `to` is not read here.
    func checkCopies(with reader: inout FieldReader) {
        guard let email else { return }
        RecipientList.check(to: RecipientList(), cc: email.cc, bcc: email.bcc, isBatch: false, with: &reader)
    }

    /// Complains of too many recipients and of those that stand twice.
    func checkRecipients(to: RecipientList, isBatch: Bool = false, with reader: inout FieldReader) {
        RecipientList.check(
            to: to, cc: email?.cc ?? RecipientList(), bcc: email?.bcc ?? RecipientList(), isBatch: isBatch,
            with: &reader)
    }

    /// nil when something that it needs was wrong.
    func draft(to: RecipientList, metadata: [Message.KeyValue]) -> Draft? {
        guard let email, !to.mailboxes.isEmpty else { return nil }
        let content = email.content(to: to.mailboxes)
        let state: DeliveryState = sendAt == nil ? .queued : .scheduled
        var deliveries: [Delivery] = []
        for (role, mailboxes) in [(Delivery.Role.to, content.to), (.cc, content.cc), (.bcc, content.bcc)] {
            for mailbox in mailboxes {
                deliveries.append(
                    Delivery(ordinal: deliveries.count, role: role, address: mailbox.email, state: state))
            }
        }
        return Draft(
            type: type, priority: priority, content: .email(content), deliveries: deliveries, sendAt: sendAt, ttl: ttl,
            metadata: metadata, tags: tags, onAmbiguous: onAmbiguous)
    }

    private static func channel(_ reader: inout FieldReader) -> Channel? {
        guard reader.require("channel") != nil, let channel = reader.word("channel", as: Channel.self) else {
            return nil
        }
        guard channel == .email else {
            reader.complain(
                .name("channel"), "names \(channel.rawValue), which this version cannot carry; email it can",
                code: .noRoute)
            return nil
        }
        return channel
    }

    private static func sendAt(_ reader: inout FieldReader, now: Timestamp) -> Timestamp? {
        guard let time = reader.time("send_at") else { return nil }
        if time > now + horizon {
            reader.complain(.name("send_at"), "must be at most 35 days ahead")
        } else if time < now - tolerance {
            reader.complain(.name("send_at"), "must not lie in the past")
        }
        return time > now ? time : nil
    }

    private static func tags(_ reader: inout FieldReader) -> [String] {
        guard let value = reader.take("tags") else { return [] }
        var tags: [String] = []
        reader.elements("tags", of: value, count: 0...10) { reader, step, element in
            guard let tag = reader.string(element, at: step) else { return }
            if !isTag(tag) {
                reader.complain(step, "must be 1 to 50 of A-Z, a-z, 0-9, _ and -")
            } else if tags.contains(tag) {
                reader.complain(step, "stands twice")
            } else {
                tags.append(tag)
            }
        }
        return tags
    }

    /// `[A-Za-z0-9_-]{1,50}`.
    static func isTag(_ text: String) -> Bool {
        (1...50).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }

    /// No template can be configured yet, so every name is one that does not exist.
    private static func refuseTemplate(_ reader: inout FieldReader, hasContent: Bool) {
        guard reader.has("template") else {
            if !hasContent { reader.complain(.name("content"), "is required") }
            return
        }
        if hasContent { reader.complain(.name("template"), "must not stand beside content: give one of the two") }
        _ = reader.object("template") { reader -> Bool? in
            _ = reader.freeObject("variables")
            guard reader.require("id") != nil, let id = reader.string("id") else { return nil }
            reader.complain(.name("id"), "there is no template named \"\(id.prefix(100))\"")
            return true
        }
    }
}

/// `metadata`: string pairs that are kept and handed back, and never sent to a provider.
enum MetadataField {
    /// As the contract has it.
    static let limit = 20
    /// Octets of a name: a word or two, and short enough for a column of a report.
    static let keyBytes = 1...40
    /// Octets of a value; together with the names at most about 11 KiB a message.
    static let valueBytes = 0...500

    static func read(_ reader: inout FieldReader) -> [Message.KeyValue] {
        var pairs: [Message.KeyValue] = []
        reader.pairs("metadata", atMost: limit) { reader, key, value in
            if let flaw = LineOfText.flaw(in: key, bytes: keyBytes) {
                reader.complain(.name(key), "has a name that \(flaw)")
            } else if value.utf8.count > valueBytes.upperBound {
                reader.complain(.name(key), "must be at most \(valueBytes.upperBound) bytes long in UTF-8")
            } else if value.utf8.contains(0) {
                reader.complain(.name(key), "must not hold a NUL")
            } else {
                pairs.append(.init(key: key, value: value))
            }
        }
        return pairs
    }
}
