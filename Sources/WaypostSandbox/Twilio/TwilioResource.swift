import WaypostJSON

/// The JSON that Twilio makes of what it took: snake_case, RFC 2822 times, numbers as strings.
struct TwilioResource {
    let account: String
    let sid: String
    /// Milliseconds since 1970.
    let wall: Int64

    private static let version: JSONValue = "2010-04-01"

    private var date: JSONValue { .string(CivilTime.mail(wall)) }
    private var folder: String { "/2010-04-01/Accounts/\(account)" }

    /// The answer to a message, or (`isSent`) what a later look-up shows: the carrier took it.
    func message(_ form: TwilioForm, isSent: Bool) -> JSONValue {
        let service = form["MessagingServiceSid"]
        let hasSender = form["From"] != nil
        let status = form.has("ScheduleType") ? "scheduled" : isSent ? "sent" : hasSender ? "queued" : "accepted"
        // With a service the sender is chosen later, and the parts are not counted before.
        let segments = hasSender || isSent ? GSMText.segments(form["Body"] ?? "") : 0
        let path = "\(folder)/Messages/\(sid)"
        return [
            "account_sid": .string(account), "api_version": Self.version, "body": .string(form["Body"] ?? ""),
            "date_created": date, "date_sent": isSent && status == "sent" ? date : .null, "date_updated": date,
            "direction": "outbound-api", "error_code": .null, "error_message": .null,
            "from": .optional(form["From"]), "messaging_service_sid": .optional(service),
            "num_media": .string(String(form.fields.all("MediaUrl").count)),
            "num_segments": .string(String(segments)),
            "price": .null, "price_unit": service == nil || isSent ? "USD" : .null, "sid": .string(sid),
            "status": .string(status),
            "subresource_uris": ["media": .string("\(path)/Media.json")],
            "tags": .null, "to": .optional(form["To"]), "uri": .string("\(path).json"),
        ]
    }

    /// The answer to a call, or (`isOver`) what a later look-up shows.
    func call(_ form: TwilioForm, isOver: Bool) -> JSONValue {
        let path = "\(folder)/Calls/\(sid)"
        let parts = ["events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions"]
        let links = parts.map { part in
            let file = part.prefix(1).uppercased() + part.dropFirst()
            return JSONValue.Member(part, .string("\(path)/\(file).json"))
        }
        return [
            "account_sid": .string(account), "annotation": .null, "answered_by": .null, "api_version": Self.version,
            "caller_name": .null, "date_created": date, "date_updated": date, "direction": "outbound-api",
            "duration": isOver ? "1" : .null, "end_time": isOver ? date : .null, "forwarded_from": .null,
            "from": .optional(form["From"]), "from_formatted": .optional(form["From"]), "group_sid": .null,
            "parent_call_sid": .null, "phone_number_sid": .null, "price": .null, "price_unit": "USD",
            "queue_time": "0", "sid": .string(sid), "start_time": isOver ? date : .null,
            "status": isOver ? "completed" : "queued", "subresource_uris": .object(links),
            "to": .optional(form["To"]), "to_formatted": .optional(form["To"]), "trunk_sid": .null,
            "uri": .string("\(path).json"),
        ]
    }

    /// The account itself; with its token, as the original has it.
    static func account(_ settings: Sandbox.Settings.Twilio, at wall: Int64) -> JSONValue {
        let path = "/2010-04-01/Accounts/\(settings.accountSID)"
        let date = JSONValue.string(CivilTime.mail(wall))
        return [
            "auth_token": .string(settings.authToken), "date_created": date, "date_updated": date,
            "friendly_name": "Sandbox", "owner_account_sid": .string(settings.accountSID),
            "sid": .string(settings.accountSID), "status": "active",
            "subresource_uris": [
                "balance": .string("\(path)/Balance.json"), "calls": .string("\(path)/Calls.json"),
                "messages": .string("\(path)/Messages.json"),
            ], "type": "Full", "uri": .string("\(path).json"),
        ]
    }
}

extension JSONValue {
    /// null where there is nothing.
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
