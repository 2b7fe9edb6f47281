import WaypostCore
import WaypostJSON

/// What MessageBird posts as JSON: a message of a conversation that was made or has changed, events of Bird's channels, and
/// the legs of calls.
///
/// Only the first is written down by its maker. What looks different is left out, as are platforms that nothing of ours
/// goes to.
struct MessageBirdUpdate {
    let json: JSONValue
    let query: FormFields
    let redaction: Redaction
    let now: Timestamp

    /// More than one callback ever holds.
    private static let most = 100

    var receipts: [Receipt] {
        if let items = (json["items"] ?? json["data"])?.array {
            return items.prefix(Self.most).compactMap { item in
                call(item["payload"] ?? item, kind: item["type"]?.string ?? "leg")
            }
        }
        return [message(json["message"] ?? json["payload"] ?? json)].compactMap(\.self)
    }

    private func receipt(_ id: String, of reference: String, _ channel: Channel, at text: JSONValue?) -> Receipt {
        var receipt = Receipt(
            id: id, channel: channel, news: .taken, at: MessageBirdReport.moment(text?.string) ?? now)
        receipt.takeIDs(from: query)
        receipt.reference = reference
        return receipt
    }

    // MARK: Messages

    /// nil for platforms that nothing of ours goes to.
    private func channel(of message: JSONValue) -> Channel? {
        switch message["platform"]?.string ?? json["event"]?.string.map({ String($0.prefix { $0 != "." }) }) {
        case nil, "whatsapp": .whatsapp
        case "sms": .sms
        default: nil
        }
    }

    private func message(_ message: JSONValue) -> Receipt? {
        let event = json["type"]?.string ?? json["event"]?.string ?? ""
        guard !event.hasPrefix("conversation."), let id = message["id"]?.string, !id.isEmpty,
            let channel = channel(of: message),
            let word = message["status"]?.string?.lowercased()
        else { return nil }
        if word == "received" || message["direction"]?.string == "received" {
            return event == "message.updated" ? nil : inbound(message, id, channel)
        }
        let recipient = message["to"]?.string ?? message["receiver"]?["contacts"]?[0]?["identifierValue"]?.string ?? ""
        let error = message["error"] ?? json["error"]
        let status = MessageBirdStatus(
            word: word, code: error?["code"].flatMap(Self.text),
            reason: error?["description"]?.string ?? message["reason"]?.string,
            redaction: redaction)
        var receipt = receipt(
            "\(id)/\(recipient)/\(word)", of: id, channel, at: message["updatedDatetime"] ?? message["createdDatetime"])
        guard status.apply(to: &receipt) else { return nil }
        let reference = message["trackId"]?.string ?? json["trackId"]?.string ?? message["reference"]?.string
        receipt.message = receipt.message ?? reference.flatMap { MessageID($0) }
        receipt.address = PhoneParty(recipient).address
        return receipt
    }

    private func inbound(_ message: JSONValue, _ id: String, _ channel: Channel) -> Receipt? {
        guard let from = message["from"]?.string ?? json["contact"]?["msisdn"].flatMap(Self.text) else { return nil }
        let content = message["content"]
        let file = content?[message["type"]?.string ?? ""]
        let text = content?["text"]?.string ?? file?["caption"]?.string ?? ""
        var inbound = Inbound(
            from: PhoneParty(from).text, to: PhoneParty(message["to"]?.string ?? "").text, text: text)
        inbound.media = [file?["url"]?.string].compactMap(\.self)
        inbound.keyword = OptKeyword(text: text)
        var receipt = receipt("\(id)/received", of: id, channel, at: message["createdDatetime"])
        receipt.news = .inbound(inbound)
        return receipt
    }

    // MARK: Calls

    /// A call ends well or badly by its leg; of the call itself and its recording only that they are.
    private func call(_ item: JSONValue, kind: String) -> Receipt? {
        guard let id = item["id"]?.string, !id.isEmpty, let word = item["status"]?.string?.lowercased() else {
            return nil
        }
        let call = item["callId"]?.string ?? item["callID"]?.string ?? id
        var receipt = receipt("\(id)/\(word)", of: call, .voice, at: item["updatedAt"])
        receipt.facts = ["status", "duration", "legId", "answeredAt"].compactMap { name in
            item[name].flatMap(Self.text).map { .init(key: name, value: String($0.prefix(500))) }
        }
        guard kind == "leg", call != id else { return receipt }
        receipt.address = item["destination"].flatMap(Self.text).flatMap { PhoneParty($0).address }
        // Either side has hung up: after a talk, or before one.
        let hasTalked = item["answeredAt"]?.string?.isEmpty == false || (item["duration"]?.double ?? 0) > 0
        let status = MessageBirdStatus(
            word: word == "hangup" ? (hasTalked ? "answered" : "no_answer") : word, code: nil, reason: nil,
            redaction: redaction)
        return status.apply(to: &receipt) ? receipt : nil
    }

    /// Numbers are written as either.
    private static func text(_ value: JSONValue) -> String? {
        value.string ?? value.integer.map { String($0) }
    }
}
