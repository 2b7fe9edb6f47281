import WaypostJSON

/// The JSON that MessageBird makes of what it took.
struct MessageBirdResource {
    let id: String
    /// Milliseconds since 1970.
    let wall: Int64

    private var time: JSONValue { .string(CivilTime.internet(wall)) }
    private var shortTime: JSONValue { .string(CivilTime.internet(wall, zone: "Z")) }

    func text(_ check: MessageBirdTextCheck, host: String) -> JSONValue {
        let body = check.body
        func given(_ name: String, _ other: JSONValue = .null) -> JSONValue { body[name] ?? other }
        let head: [JSONValue.Member] = [
            .init("id", .string(id)), .init("href", .string("http://\(host)/\(check.kind.rawValue)/\(id)")),
        ]
        let tail: [JSONValue.Member] = [
            .init("scheduledDatetime", given("scheduledDatetime")), .init("createdDatetime", time),
            .init("recipients", recipients(check)),
        ]
        let fields: JSONValue =
            switch check.kind {
            case .messages:
                [
                    "direction": "mt", "type": given("type", "sms"), "originator": given("originator"),
                    "body": given("body"), "reference": given("reference"), "validity": given("validity"),
                    "gateway": given("gateway", 10), "typeDetails": given("typeDetails", [:]),
                    "datacoding": given("datacoding", "plain"), "mclass": given("mclass", 1),
                ]
            case .mms:
                [
                    "direction": "mt", "originator": given("originator"), "subject": given("subject"),
                    "body": given("body"), "mediaUrls": given("mediaUrls", []), "reference": given("reference"),
                ]
            case .voicemessages:
                [
                    "originator": given("originator"), "body": given("body"), "reference": given("reference"),
                    "language": given("language", "en-gb"), "voice": given("voice", "female"),
                    "repeat": given("repeat", 1), "ifMachine": given("ifMachine", "continue"),
                    "machineTimeout": given("machineTimeout", 7_000),
                ]
            }
        return .object(head + (fields.members ?? []) + tail)
    }

    private func recipients(_ check: MessageBirdTextCheck) -> JSONValue {
        let isScheduled = check.body["scheduledDatetime"] != nil
        let status: JSONValue = isScheduled ? "scheduled" : check.kind == .voicemessages ? "calling" : "sent"
        let parts = Int64(GSMText.segments(check.body["body"]?.string ?? ""))
        let items = check.numbers.map { number -> JSONValue in
            var members: [JSONValue.Member] = [
                .init("recipient", .integer(Int64(number) ?? 0)), .init("status", status),
                .init("statusDatetime", time),
            ]
            if check.kind == .messages { members.append(.init("messagePartCount", .integer(parts))) }
            return .object(members)
        }
        let count = JSONValue.integer(Int64(items.count))
        return [
            "totalCount": count, "totalSentCount": isScheduled ? 0 : count, "totalDeliveredCount": 0,
            "totalDeliveryFailedCount": 0, "items": .array(items),
        ]
    }

    /// `isOver`: as a later look-up shows it.
    func call(_ body: JSONValue, isOver: Bool) -> JSONValue {
        let call: JSONValue = [
            "id": .string(id), "status": isOver ? "ended" : "starting", "source": body["source"] ?? .null,
            "destination": body["destination"] ?? .null, "numberId": .null, "createdAt": shortTime,
            "updatedAt": shortTime, "endedAt": isOver ? shortTime : .null,
        ]
        return ["data": [call], "_links": ["self": .string("/calls/\(id)")]]
    }

    func conversationMessage(_ body: JSONValue) -> JSONValue {
        [
            "id": .string(id), "conversationId": .string(String(id.reversed())), "channelId": body["from"] ?? .null,
            "platform": "whatsapp", "to": body["to"] ?? .null, "from": body["from"] ?? .null, "direction": "sent",
            "status": "sent", "type": body["type"] ?? .null, "content": body["content"] ?? .null,
            "createdDatetime": shortTime, "updatedDatetime": shortTime,
        ]
    }
}
