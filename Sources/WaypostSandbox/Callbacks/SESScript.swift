import WaypostJSON

/// What SES tells its topic of a message: event publishing, an event a notification.
///
/// https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
struct SESScript {
    let url: String
    /// The body of SendEmail.
    let body: JSONValue
    /// In all; an event of one of them names that one.
    let recipients: [String]
    /// MessageId, as SendEmail answered it.
    let id: String
    let aws: Sandbox.Settings.AWS
    /// Milliseconds since 1970.
    let wall: Int64
    /// Makes a new SNS MessageId at every call.
    let newID: () -> String

    private var time: JSONValue { .string(WallClock.text(wall)) }

    /// Of the message as a whole: that SES took it.
    var send: Step { step("Send", "send", [:]) }

    /// Of one recipient, after `send`.
    func steps(for address: String, _ given: CallbackOutcome, detail: String?) -> [Step] {
        let outcome = Self.simulated(address) ?? given
        switch outcome {
        case .silent: return []
        case .delivered: return [delivery(address)]
        case .deferred: return [delay(address), delivery(address)]
        case .opened, .read: return [delivery(address), step("Open", "open", reader)]
        case .clicked:
            let click = JSONValue.object(
                (reader.members ?? []) + [.init("link", "https://www.example.com/"), .init("linkTags", .null)])
            return [delivery(address), step("Open", "open", reader), step("Click", "click", click)]
        case .complaint: return [delivery(address), complaint(address)]
        case .unsubscribe:
            let topics: JSONValue = ["unsubscribeAll": true, "topicSubscriptionStatus": []]
            let change: JSONValue = [
                "contactList": "waypost", "timestamp": time, "source": "UnsubscribeHeader",
                "newTopicPreferences": topics, "oldTopicPreferences": ["unsubscribeAll": false],
            ]
            return [delivery(address), step("Subscription", "subscription", change)]
        case .bounce, .undelivered, .failed, .busy, .noAnswer:
            return [bounce(address, "Permanent", detail ?? "General", "5.1.1", "smtp; 550 5.1.1 user unknown")]
        case .blocked:
            return [bounce(address, "Transient", detail ?? "MailboxFull", "4.2.2", "smtp; 452 4.2.2 mailbox full")]
        case .expired:
            return [
                delay(address), bounce(address, "Transient", detail ?? "General", "4.4.7", "smtp; 550 4.4.7 expired"),
            ]
        case .dropped:
            if detail == "Bad content" { return [step("Reject", "reject", ["reason": "Bad content"])] }
            return [bounce(address, "Permanent", detail ?? "Suppressed", "5.1.1", "Amazon SES suppressed this address")]
        }
    }

    /// What SES's mailbox simulator makes of its addresses, a label behind `+` or not; nil for all others.
    ///
    /// https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator
    static func simulated(_ address: String) -> CallbackOutcome? {
        let parts = address.lowercased().split(separator: "@")
        guard parts.count == 2, parts[1] == "simulator.amazonses.com" else { return nil }
        return switch parts[0].prefix(while: { $0 != "+" }) {
        case "bounce": .bounce
        case "complaint": .complaint
        case "suppressionlist": .dropped
        default: .delivered
        }
    }

    private var reader: JSONValue {
        ["ipAddress": "203.0.113.9", "timestamp": time, "userAgent": "Mozilla/5.0"]
    }

    private func delivery(_ address: String) -> Step {
        step(
            "Delivery", "delivery",
            [
                "timestamp": time, "processingTimeMillis": 600, "recipients": [.string(address)],
                "smtpResponse": "250 2.6.0 Message received", "reportingMTA": "a8-1.smtp-out.amazonses.com",
            ], tellsDelivery: true)
    }

    private func delay(_ address: String) -> Step {
        let recipient: JSONValue = [
            "emailAddress": .string(address), "status": "4.4.1",
            "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
        ]
        return step(
            "DeliveryDelay", "deliveryDelay",
            [
                "timestamp": time, "delayType": "TransientCommunicationFailure",
                "expirationTime": .string(WallClock.text(wall + 50_400_000)), "delayedRecipients": [recipient],
            ])
    }

    private func bounce(
        _ address: String, _ type: String, _ subType: String, _ status: String, _ diagnosis: String
    ) -> Step {
        let recipient: JSONValue = [
            "emailAddress": .string(address), "action": "failed", "status": .string(status),
            "diagnosticCode": .string(diagnosis),
        ]
        return step(
            "Bounce", "bounce",
            [
                "bounceType": .string(type), "bounceSubType": .string(subType), "bouncedRecipients": [recipient],
                "timestamp": time, "feedbackId": .string("0100\(newID())-000000"),
                "reportingMTA": "dsn; a8-1.smtp-out.amazonses.com",
            ])
    }

    private func complaint(_ address: String) -> Step {
        step(
            "Complaint", "complaint",
            [
                "complainedRecipients": [["emailAddress": .string(address)]], "timestamp": time,
                "feedbackId": .string("0100\(newID())-000000"), "complaintSubType": .null,
                "complaintFeedbackType": "abuse", "userAgent": "Amazon SES Mailbox Simulator", "arrivalDate": time,
            ])
    }

    private func step(_ type: String, _ name: String, _ detail: JSONValue, tellsDelivery: Bool = false) -> Step {
        let event = JSONValue.object([
            .init("eventType", .string(type)), .init("mail", mail), .init(name, detail),
        ])
        let text = String(decoding: event.bytes, as: UTF8.self)
        func letter() -> Letter {
            Letter(.ses, url, .notification(text, id: newID(), at: wall), key: id, tellsDelivery: tellsDelivery)
        }
        return Step(letter(), again: letter())
    }

    private var mail: JSONValue {
        let source = body["FromEmailAddress"] ?? .null
        let domain = source.string?.bareAddress.split(separator: "@").last.map { String($0) } ?? "example.com"
        var tags: [JSONValue.Member] = []
        func tag(_ name: String, _ value: String) { tags.append(.init(name, [.string(value)])) }
        if let set = body["ConfigurationSetName"]?.string { tag("ses:configuration-set", set) }
        tag("ses:source-ip", "127.0.0.1")
        tag("ses:from-domain", domain)
        tag("ses:caller-identity", "sandbox")
        for given in body["EmailTags"]?.array ?? [] {
            if let name = given["Name"]?.string, let value = given["Value"]?.string { tag(name, value) }
        }
        let to = JSONValue.array(recipients.map(JSONValue.string))
        return [
            "timestamp": time, "source": source,
            "sourceArn": .string("arn:aws:ses:\(aws.region):000000000000:identity/\(domain)"),
            "sendingAccountId": "000000000000", "messageId": .string(id), "destination": to,
            "headersTruncated": false, "headers": [],
            "commonHeaders": [
                "from": [source], "to": to, "messageId": .string(id),
                "subject": body["Content"]?["Simple"]?["Subject"]?["Data"] ?? .null,
            ], "tags": .object(tags),
        ]
    }
}
