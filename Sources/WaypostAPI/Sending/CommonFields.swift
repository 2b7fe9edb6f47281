import WaypostCore
import WaypostJSON
import WaypostTemplates

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
    private var sender: SenderFields
    /// What is said, without its recipients; nil when something is wrong with it.
    private var said: Said?

    private enum Said {
        /// The template is the one that WhatsApp content names, where the configuration knows it.
        case content(ContentFields, AppliedTemplate?)
        case template(TemplateFields)
    }

    /// How far ahead `send_at` may lie (contract: Sending).
    static let horizon = Duration.seconds(35 * 86_400)
    /// How far in the past `send_at` may lie and still mean "now": clocks differ.
    static let tolerance = Duration.seconds(60)
    /// The longest `ttl`.
    static let longestTTL = Duration.seconds(365 * 86_400)

    init(from reader: inout FieldReader, templates: TemplateBook, at now: Timestamp) {
        channel = Self.channel(&reader)
        type = reader.word("type", as: MessageType.self) ?? .transactional
        priority = reader.word("priority", as: Priority.self) ?? .normal
        sendAt = Self.sendAt(&reader, now: now)
        ttl = reader.duration("ttl", upTo: Self.longestTTL)
        tags = Self.tags(&reader)
        onAmbiguous = reader.word("on_ambiguous", as: AmbiguityPolicy.self)
        sender = SenderFields(from: &reader, on: channel)
        said = Self.said(&reader, on: channel, templates)
    }

    /// Whether a recipient may have variables of their own.
    var takesVariables: Bool { if case .template = said { true } else { false } }

    /// Complains of copies that stand twice, where they are shared and `to` is not read here.
    func checkCopies(with reader: inout FieldReader) {
        RecipientList.check(to: RecipientList(), cc: copies.cc, bcc: copies.bcc, isBatch: false, with: &reader)
    }

    /// Complains of too many recipients and of those that stand twice.
    func checkRecipients(to: Recipients, isBatch: Bool = false, with reader: inout FieldReader) {
        RecipientList.check(to: to.list, cc: copies.cc, bcc: copies.bcc, isBatch: isBatch, with: &reader)
    }

    private var copies: (cc: RecipientList, bcc: RecipientList) {
        if case .content(let fields, _) = said { fields.copies } else { (RecipientList(), RecipientList()) }
    }

    /// Where the variables of a message that stands alone are.
    static let variablesPlace: [FieldReader.Step] = [.name("template"), .name("variables")]

    /// nil when something that it needs was wrong.
    ///
    /// - Parameters:
    ///   - variables: the recipient's own.
    ///   - place: where what the variables lack is told.
    func draft(
        to recipients: Recipients, metadata: [Message.KeyValue], variables: [JSONValue.Member] = [],
        at place: [FieldReader.Step] = variablesPlace, with reader: inout FieldReader
    ) -> Draft? {
        guard let (fields, template) = fill(variables, at: place, with: &reader),
            let content = fields.content(to: recipients, from: sender)
        else { return nil }
        let state: DeliveryState = sendAt == nil ? .queued : .scheduled
        var draft = Draft(
            type: type, priority: priority, content: content,
            deliveries: content.deliveries.map {
                Delivery(ordinal: $0.ordinal, role: $0.role, address: $0.address, state: state)
            }, sendAt: sendAt, ttl: ttl, metadata: metadata, tags: tags, onAmbiguous: onAmbiguous, template: template)
        if case .user(let name) = recipients { draft.user = name }
        if case .template = said { draft.ownVariables = Set(variables.map(\.name)) }
        return draft
    }

    private func fill(
        _ variables: [JSONValue.Member], at place: [FieldReader.Step], with reader: inout FieldReader
    ) -> (fields: ContentFields, template: AppliedTemplate?)? {
        switch said {
        case .content(let fields, let template): (fields, template)
        case .template(let template):
            template.fill(variables, at: place, with: &reader).map { ($0.fields, $0.template) }
        case nil: nil
        }
    }

    private static func channel(_ reader: inout FieldReader) -> Channel? {
        guard reader.require("channel") != nil, let channel = reader.word("channel", as: Channel.self) else {
            return nil
        }
        guard channel != .realtime else {
            reader.complain(
                .name("channel"), "names \(channel.rawValue), which this version cannot carry; all others it can",
                code: .noRoute)
            return nil
        }
        return channel
    }

    /// `content` or `template`: one of the two.
    private static func said(
        _ reader: inout FieldReader, on channel: Channel?, _ templates: TemplateBook
    ) -> Said? {
        let content = reader.take("content")
        let hasTemplate = reader.has("template")
        if content == nil, !hasTemplate { reader.complain(.name("content"), "is required") }
        if content != nil, hasTemplate {
            reader.complain(.name("template"), "must not stand beside content: give one of the two")
        }
        if let template = TemplateFields.read(&reader, on: channel, from: templates) { return .template(template) }
        guard let content, let channel, let fields = ContentFields.read(content, on: channel, with: &reader) else {
            return nil
        }
        if case .whatsapp(let message) = fields { return .content(fields, message.template?.applied(from: templates)) }
        return .content(fields, nil)
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
