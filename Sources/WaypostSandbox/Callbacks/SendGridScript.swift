import WaypostJSON

/// What SendGrid's Event Webhook tells of a message: an object an event, with the custom arguments flat beside its own keys.
///
/// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
struct SendGridScript {
    let url: String
    let mail: JSONValue
    /// X-Message-Id: the part of `sg_message_id` before the first dot.
    let id: String
    /// Milliseconds since 1970.
    let wall: Int64
    /// Makes a new `sg_event_id` at every call.
    let newID: () -> String

    private typealias Extra = [JSONValue.Member]

    /// The recipients with their personalization's number.
    var recipients: [(address: String, personalization: Int)] {
        (mail["personalizations"]?.array ?? []).enumerated().flatMap { index, personalization in
            ["to", "cc", "bcc"].flatMap { personalization[$0]?.array ?? [] }
                .compactMap { $0["email"]?.string }.map { ($0, index) }
        }
    }

    func steps(for address: String, personalization: Int, _ outcome: CallbackOutcome, detail: String?) -> [Step] {
        let members = common(address, personalization)
        return events(outcome, detail).map { name, extra in
            func letter() -> Letter {
                let event =
                    members + [.init("event", .string(name)), .init("sg_event_id", .string(newID()))] + extra
                return Letter(
                    .sendgrid, url, .event(JSONValue.object(event).bytes), key: id,
                    tellsDelivery: name == "delivered")
            }
            return Step(letter(), again: letter())
        }
    }

    private func common(_ address: String, _ personalization: Int) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        let own = mail["personalizations"]?[personalization]?["custom_args"]?.members ?? []
        // The personalization's own arguments win; SendGrid's own keys overwrite arguments of their name.
        for argument in own
            + (mail["custom_args"]?.members ?? []).filter({ shared in
                !own.contains { $0.name == shared.name }
            }) where !Self.reserved.contains(argument.name)
        {
            members.append(argument)
        }
        members.append(.init("email", .string(address)))
        members.append(.init("timestamp", .integer(wall / 1000)))
        members.append(.init("smtp-id", .string("<\(id)@geopod-ismtpd-sandbox>")))
        members.append(.init("sg_message_id", .string("\(id).filter0001.16648.5515E0B88.0")))
        if let categories = mail["categories"] { members.append(.init("category", categories)) }
        if let group = mail["asm"]?["group_id"] { members.append(.init("asm_group_id", group)) }
        return members
    }

    private func events(_ outcome: CallbackOutcome, _ detail: String?) -> [(name: String, extra: Extra)] {
        let delivered = ("delivered", [JSONValue.Member("response", "250 2.0.0 OK sandbox"), .init("tls", 1)])
        let deferred = ("deferred", [JSONValue.Member("response", "451 4.7.1 try again later"), .init("attempt", "1")])
        let reader: Extra = [.init("useragent", "Mozilla/5.0"), .init("ip", "203.0.113.9")]
        let open = ("open", reader + [.init("sg_machine_open", false)])
        let processed: (String, Extra) = ("processed", [])
        switch outcome {
        case .silent: return []
        case .delivered: return [processed, delivered]
        case .deferred: return [processed, deferred, delivered]
        case .opened, .read: return [processed, delivered, open]
        case .clicked:
            let place: JSONValue = ["index": 0, "type": "html"]
            let click = reader + [.init("url", "https://www.example.com/"), .init("url_offset", place)]
            return [processed, delivered, open, ("click", click)]
        case .complaint: return [processed, delivered, ("spamreport", [])]
        case .unsubscribe:
            return [processed, delivered, (mail["asm"] == nil ? "unsubscribe" : "group_unsubscribe", [])]
        case .dropped:
            return [("dropped", [.init("reason", .string(detail ?? "Bounced Address")), .init("status", "5.0.0")])]
        case .bounce, .undelivered, .failed, .busy, .noAnswer:
            return [processed, bounce("bounce", detail ?? "550 5.1.1 user unknown", "5.1.1", "Invalid Address")]
        case .blocked: return [processed, bounce("blocked", detail ?? "421 4.0.0 try later", "4.0.0", "Reputation")]
        case .expired:
            return [processed, deferred, bounce("expired", detail ?? "unable to get mx info", "4.4.7", "Technical")]
        }
    }

    private func bounce(_ type: String, _ reason: String, _ status: String, _ kind: String) -> (String, Extra) {
        (
            "bounce",
            [
                .init("type", .string(type)), .init("reason", .string(reason)), .init("status", .string(status)),
                .init("bounce_classification", .string(kind)), .init("ip", "198.51.100.7"), .init("tls", 1),
            ]
        )
    }

    private static let reserved: Set = [
        "email", "timestamp", "event", "smtp-id", "sg_event_id", "sg_message_id", "category", "asm_group_id", "reason",
        "status", "type", "response", "attempt", "useragent", "ip", "url", "url_offset", "tls", "pool",
        "bounce_classification", "sg_machine_open",
    ]
}
