import WaypostCore
import WaypostHTTP
import WaypostJSON

/// MessageBird reports in the query of a GET; some accounts post a form, and the newer APIs JSON.
extension MessageBird: CallbackSource {
    package var reportsDelivery: Bool { settings.signingKey != nil }
    package var callbackMethods: [String] { ["GET", "POST"] }

    package func verdict(
        on callback: Callback, certificates: [String: [UInt8]], at now: Timestamp
    ) -> CallbackVerdict {
        MessageBirdSignature(settings).verdict(on: callback, at: now)
    }

    package func news(in callback: Callback, at now: Timestamp) -> CallbackNews {
        var news = CallbackNews.ok
        guard let query = callback.query else { return news }
        let body = callback.request.body
        if body.first == UInt8(ascii: "{"), let json = try? JSONValue(parsing: body) {
            news.receipts = MessageBirdUpdate(json: json, query: query, redaction: redaction, now: now).receipts
        } else if let form = FormFields(body) {
            let report = MessageBirdReport(
                fields: query + form, query: query, isVoice: callback.topic == .voice, redaction: redaction, now: now)
            news.receipts = [report.receipt].compactMap(\.self)
        }
        return news
    }
}

/// A status report on a text or a spoken message, or a text that came in; each is a set of fields.
struct MessageBirdReport {
    let fields: FormFields
    let query: FormFields
    let isVoice: Bool
    let redaction: Redaction
    let now: Timestamp

    /// nil for what tells nothing about a message.
    var receipt: Receipt? {
        if let status = fields["status"]?.lowercased() { return report(status) }
        return inbound
    }

    private func report(_ word: String) -> Receipt? {
        guard let id = fields["id"] else { return nil }
        let status = MessageBirdStatus(
            word: word, code: fields["statusErrorCode"], reason: fields["statusReason"], redaction: redaction)
        let recipient = fields["recipient"] ?? ""
        var receipt = Receipt(
            id: "\(id)/\(recipient)/\(word)",
            channel: isVoice || MessageBirdStatus.ofCalls.contains(word) ? .voice : .sms, news: .taken,
            at: Self.moment(fields["statusDatetime"]) ?? now)
        guard status.apply(to: &receipt) else { return nil }
        receipt.takeIDs(from: query)
        // The reference is the message's id; the URL may be the account's and hold none.
        receipt.message = receipt.message ?? fields["reference"].flatMap { MessageID($0) }
        receipt.reference = id
        receipt.address = PhoneParty(recipient).address
        receipt.facts = facts("mccmnc", "ported", "messagePartCount", "price[amount]", "price[currency]")
        if word == "machine" { receipt.facts.append(.init(key: "status", value: word)) }
        return receipt
    }

    /// Short codes write other names.
    private var inbound: Receipt? {
        guard let id = fields["id"] ?? fields["mid"] ?? fields["message_id"], let from = fields["originator"] else {
            return nil
        }
        let text = fields["body"] ?? fields["message"] ?? ""
        let to = fields["recipient"] ?? fields["receiver"] ?? fields["shortcode"] ?? ""
        var inbound = Inbound(from: PhoneParty(from).text, to: PhoneParty(to).text, text: text)
        inbound.media = Array((fields.all("mediaUrls") + fields.all("mediaUrls[]")).prefix(10))
        inbound.keyword = OptKeyword(text: text)
        var receipt = Receipt(
            id: "\(id)/received", channel: .sms, news: .inbound(inbound),
            at: Self.moment(fields["createdDatetime"]) ?? now)
        receipt.reference = id
        return receipt
    }

    private func facts(_ names: String...) -> [Message.KeyValue] {
        names.compactMap { name in fields[name].map { .init(key: name, value: String($0.prefix(500))) } }
    }

    /// RFC 3339; a plus sign that was not escaped has become a blank.
    static func moment(_ text: String?) -> Timestamp? {
        guard let text else { return nil }
        return Timestamp(text) ?? Timestamp(text.replacing(" ", with: "+"))
    }
}
