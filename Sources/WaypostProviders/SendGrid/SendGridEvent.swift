import WaypostCore
import WaypostCrypto
import WaypostJSON

/// One event of the webhook. Custom arguments lie flat beside its own members; what we do not use is passed over.
/// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
struct SendGridEvent {
    private(set) var event = ""
    private(set) var email: String?
    private(set) var timestamp: Timestamp?
    private(set) var eventID: String?
    private(set) var messageID: String?
    private(set) var smtpID: String?
    private(set) var message: MessageID?
    private(set) var attempt: AttemptID?
    /// Of a bounce: `bounce`, `blocked`, `expired`.
    private(set) var type: String?
    private(set) var reason: String?
    /// Enhanced status code (RFC 3463).
    private(set) var status: String?
    private(set) var response: String?
    private(set) var url: String?
    private(set) var ip: String?
    private(set) var group: Int64?
    /// Kept with the event as they are.
    private(set) var facts: [Message.KeyValue] = []

    /// One pass: a batch may hold thousands.
    init(_ members: [JSONValue.Member]) {
        for member in members {
            switch member.name {
            case "event": event = member.value.string ?? ""
            case "email": email = member.value.string
            case "timestamp": timestamp = Self.time(member.value)
            case "sg_event_id": eventID = Self.identifier(member.value)
            case "sg_message_id": messageID = Self.identifier(member.value)
            case "smtp-id": smtpID = member.value.string
            case "waypost_message": message = member.value.string.flatMap { MessageID($0) }
            case "waypost_attempt": attempt = member.value.string.flatMap { AttemptID($0) }
            case "type":
                type = member.value.string
                keep(member)
            case "reason": reason = member.value.string
            case "status": status = member.value.string
            case "response": response = member.value.string
            case "url": url = member.value.string
            case "ip": ip = member.value.string
            case "asm_group_id": group = member.value.integer
            case "useragent", "bounce_classification", "attempt", "tls", "sg_machine_open": keep(member)
            default: continue
            }
        }
    }

    private mutating func keep(_ member: JSONValue.Member) {
        let value: String
        switch member.value {
        case .string(let text): value = String(text.prefix(Self.longestFact))
        case .integer(let number): value = String(number)
        case .bool(let flag): value = String(flag)
        default: return
        }
        facts.append(.init(key: member.name, value: value))
    }

    /// In characters.
    static let longestFact = 2000

    /// Unix seconds; milliseconds have been seen at Single Sends, and digits in quotes do no harm.
    private static func time(_ value: JSONValue) -> Timestamp? {
        guard let number = value.double ?? value.string.flatMap(Double.init), number > 0, number < 1e14 else {
            return nil
        }
        return Timestamp(milliseconds: Int64(number < 1e11 ? number * 1000 : number))
    }

    /// At most 100 characters are announced; what is far beyond is none.
    private static func identifier(_ value: JSONValue) -> String? {
        guard let text = value.string, (1...255).contains(text.utf8.count) else { return nil }
        return text
    }

    /// What `X-Message-Id` was: the part before the first full stop. Missing on asynchronous bounces.
    var reference: String? { messageID.map { String($0.prefix { $0 != "." }) } }

    /// The event by what it is about: SendGrid repeats one under a new id at times. A digest, since an address is in it.
    var fingerprint: String {
        let whose = attempt.map(\.description) ?? messageID ?? smtpID ?? ""
        let seconds = timestamp.map { String($0.milliseconds) } ?? ""
        let text = [whose, event, type ?? "", email ?? "", seconds, url ?? "", group.map { String($0) } ?? ""]
        return "same-" + Hex.encode(Array(SHA256.hash(Array(text.joined(separator: "\n").utf8)).prefix(16)))
    }
}
