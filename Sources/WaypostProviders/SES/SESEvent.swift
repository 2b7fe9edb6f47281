import WaypostCore
import WaypostCrypto
import WaypostJSON

/// An event of SES, out of the message that SNS carried: one a message sent, about one or several of its recipients.
/// https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
struct SESEvent {
    /// `Bounce`, `Rendering Failure`, …: `eventType` of event publishing, `notificationType` of an identity's feedback.
    let type: String
    /// The member that belongs to the type.
    let body: JSONValue
    /// SNS's id, the same when it repeats itself.
    let id: String
    private let mail: JSONValue
    private let publishedAt: Timestamp?

    /// nil where the text is not an event.
    init?(_ message: SNSMessage) {
        guard let json = try? JSONValue(parsing: Array(message.text.utf8)),
            let type = (json["eventType"] ?? json["notificationType"])?.string
        else { return nil }
        let member: String? =
            switch type {
            case "Bounce": "bounce"
            case "Complaint": "complaint"
            case "Delivery": "delivery"
            case "Send": "send"
            case "Reject": "reject"
            case "Open": "open"
            case "Click": "click"
            case "Rendering Failure": "failure"
            case "DeliveryDelay": "deliveryDelay"
            case "Subscription": "subscription"
            default: nil
            }
        guard let member else { return nil }
        self.type = type
        body = json[member] ?? .object([])
        id = message.id
        mail = json["mail"] ?? .null
        publishedAt = Timestamp(message.timestamp)
    }

    var reference: String? { mail["messageId"]?.string }
    var message: MessageID? { tag("waypost_message").flatMap { MessageID($0) } }
    var attempt: AttemptID? { tag("waypost_attempt").flatMap { AttemptID($0) } }
    /// Everybody the mail went to.
    var destination: [String] { Self.addresses(mail["destination"]) }

    /// Tags have lists of values.
    private func tag(_ name: String) -> String? { mail["tags"]?[name]?[0]?.string }

    /// By SES's clock: the event's own time, else the mail's.
    func time(or now: Timestamp) -> Timestamp {
        for text in [body["timestamp"]?.string, type == "Send" ? mail["timestamp"]?.string : nil] {
            if let time = text.flatMap({ Timestamp($0) }) { return time }
        }
        return publishedAt ?? now
    }

    /// A receipt of this event without what it is about.
    func receipt(_ news: Receipt.News, about address: String?, part: String = "", at now: Timestamp) -> Receipt {
        let whose = address.map(Self.digest) ?? ""
        let name = [part, whose].filter { !$0.isEmpty }.map { "/" + $0 }.joined()
        var receipt = Receipt(id: "\(id)/\(type)\(name)", channel: .email, news: news, at: time(or: now))
        // Told twice where an identity's feedback and a configuration set both publish it, and at times by SES alone: each
        // has an SNS id of its own.
        if let feedback = body["feedbackId"]?.string {
            receipt.alias = "\(feedback)/\(type)\(name)"
        } else if let reference, let time = body["timestamp"]?.string {
            receipt.alias = "\(reference)/\(type)/\(time)\(body["link"]?.string ?? "")\(name)"
        }
        receipt.message = message
        receipt.attempt = attempt
        receipt.reference = reference
        receipt.address = address
        return receipt
    }

    /// Stands for an address in an id, which outlives what an erasure removes.
    private static func digest(_ address: String) -> String {
        Hex.encode(Array(SHA256.hash(Array(address.lowercased().utf8)).prefix(8)))
    }

    /// Texts; of `Name <address>` the address.
    private static func addresses(_ list: JSONValue?) -> [String] {
        (list?.array ?? []).compactMap(\.string).compactMap(address)
    }

    static func address(_ text: String) -> String? {
        guard let start = text.lastIndex(of: "<"), let end = text.lastIndex(of: ">"), start < end else {
            return text.isEmpty ? nil : text
        }
        return String(text[text.index(after: start)..<end])
    }
}
