import WaypostJSON

/// What MessageBird tells of what it took: to the URL that the request named, in the query of a GET for text and voice
/// messages, as JSON for conversations and calls.
///
/// https://developers.messagebird.com/api/sms-messaging/#handle-a-status-report
struct MessageBirdScript {
    let settings: Sandbox.Settings.Callbacks
    /// Milliseconds since 1970.
    let wall: Int64

    // MARK: Text and voice messages

    /// For one number without `+`. Without `reference` there are no reports.
    func steps(
        _ body: JSONValue, _ kind: MessageBirdTextCheck.Kind, _ id: String, to number: String,
        _ outcome: CallbackOutcome, detail: String?
    ) -> [Step] {
        guard let url = body["reportUrl"]?.string, let reference = body["reference"]?.string, kind != .mms else {
            return []
        }
        return statuses(kind, outcome, detail).map { status, reason, code in
            var fields = [
                ("id", id), ("reference", reference), ("recipient", number), ("status", status),
                ("statusDatetime", CivilTime.internet(wall)),
            ]
            if let reason { fields.append(("statusReason", reason)) }
            if let code { fields.append(("statusErrorCode", code)) }
            if kind == .messages {
                let text = body["body"]?.string ?? ""
                fields += [
                    ("mccmnc", "20408"), ("ported", "0"), ("messageLength", "\(text.unicodeScalars.count)"),
                    ("messagePartCount", "\(GSMText.segments(text))"),
                    ("datacoding", body["datacoding"]?.string ?? "plain"), ("price[amount]", "0.065"),
                    ("price[currency]", "EUR"),
                ]
            }
            let isDelivery = status == "delivered" || status == "answered"
            if settings.messageBirdPosts {
                let form = Array(Self.query(fields).utf8)
                let content = Letter.Content.body(form, type: "application/x-www-form-urlencoded")
                return Step(Letter(.messagebird, url, content, key: id, tellsDelivery: isDelivery))
            }
            let called = url + (url.contains("?") ? "&" : "?") + Self.query(fields)
            return Step(Letter(.messagebird, called, .query, key: id, tellsDelivery: isDelivery))
        }
    }

    private func statuses(
        _ kind: MessageBirdTextCheck.Kind, _ outcome: CallbackOutcome, _ detail: String?
    ) -> [(status: String, reason: String?, code: String?)] {
        let isVoice = kind == .voicemessages
        let good = isVoice ? "answered" : "delivered"
        let goodReason = isVoice ? nil : "successfully delivered"
        let first: [(String, String?, String?)] = isVoice ? [] : [("sent", nil, nil)]
        switch outcome {
        case .silent: return []
        case .deferred: return first + [("buffered", "pending DLR", nil), (good, goodReason, nil)]
        case .undelivered, .bounce, .blocked, .failed, .dropped:
            if isVoice { return [("failed", nil, detail)] }
            let code = detail ?? (outcome == .blocked ? "34" : "1")
            return first + [("delivery_failed", Self.reason(of: code), code)]
        case .expired: return isVoice ? [("failed", nil, nil)] : first + [("expired", "expired", detail)]
        case .busy, .noAnswer:
            return isVoice ? [("busy", nil, nil)] : first + [("delivery_failed", Self.reason(of: "31"), "31")]
        default: return first + [(good, goodReason, nil)]
        }
    }

    private static func reason(of code: String) -> String {
        switch code {
        case "1", "5": "unknown subscriber"
        case "34": "received network error"
        case "103": "opted-out"
        default: "unavailable subscriber"
        }
    }

    static func query(_ fields: [(String, String)]) -> String {
        fields.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    }

    // MARK: Conversations and calls

    func conversation(_ body: JSONValue, _ id: String, _ outcome: CallbackOutcome, detail: String?) -> [Step] {
        guard let url = body["reportUrl"]?.string else { return [] }
        let statuses: [String] =
            switch outcome {
            case .silent: []
            case .read, .opened, .clicked: ["sent", "delivered", "read"]
            case .undelivered, .bounce, .blocked, .busy, .noAnswer, .expired: ["sent", "failed"]
            case .failed, .dropped: ["rejected"]
            default: ["sent", "delivered"]
            }
        return statuses.map { status in
            let message = MessageBirdResource(id: id, wall: wall).conversationMessage(body)
            var members = (message.members ?? []).map { $0.name == "status" ? .init("status", .string(status)) : $0 }
            if status == "failed" || status == "rejected" {
                let code = detail.flatMap { Int64($0) } ?? 301
                members.append(.init("error", ["code": .integer(code), "description": "not delivered"]))
            }
            if let track = body["trackId"] { members.append(.init("trackId", track)) }
            let talk = message["conversationId"] ?? .null
            let event: JSONValue = [
                "type": "message.updated", "message": .object(members),
                "contact": ["id": .string(id), "msisdn": .string(String((body["to"]?.string ?? "").dropFirst()))],
                "conversation": ["id": talk, "status": "active"],
            ]
            return Step(
                Letter(
                    .messagebird, url, .body(event.bytes, type: "application/json"), key: id,
                    tellsDelivery: status == "delivered"))
        }
    }

    func call(_ body: JSONValue, _ id: String, _ outcome: CallbackOutcome) -> [Step] {
        guard let url = body["webhook"]?["url"]?.string, outcome != .silent else { return [] }
        let leg: String =
            switch outcome {
            case .busy: "busy"
            case .noAnswer, .undelivered, .expired: "no_answer"
            case .failed, .bounce, .blocked, .dropped: "failed"
            default: "hangup"
            }
        let time = JSONValue.string(CivilTime.internet(wall, zone: "Z"))
        func step(_ status: String, leg: String) -> Step {
            func item(_ type: String, _ id: String, _ status: String, _ more: [JSONValue.Member]) -> JSONValue {
                let payload: [JSONValue.Member] = [
                    .init("id", .string(id)), .init("status", .string(status)),
                    .init("source", body["source"] ?? .null), .init("destination", body["destination"] ?? .null),
                    .init("createdAt", time), .init("updatedAt", time),
                ]
                return ["type": .string(type), "payload": .object(payload + more)]
            }
            let event: JSONValue = [
                "timestamp": time,
                "items": [
                    item("call", id, status, []),
                    item(
                        "leg", String(id.reversed()), leg,
                        [.init("callId", .string(id)), .init("direction", "outgoing")]),
                ],
            ]
            return Step(
                Letter(
                    .messagebird, url, .body(event.bytes, type: "application/json"), key: id,
                    tellsDelivery: leg == "hangup"))
        }
        let middle = leg == "hangup" ? [step("ongoing", leg: "ongoing")] : []
        return [step("starting", leg: "ringing")] + middle + [step("ended", leg: leg)]
    }
}
