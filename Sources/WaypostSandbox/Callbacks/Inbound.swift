/// A message that somebody sends to one of our numbers.
package struct Inbound: Equatable, Sendable {
    package var provider: StandIn
    /// For WhatsApp through Twilio with its `whatsapp:` before the number.
    package var from: String
    package var to: String
    package var body: String
    /// Twilio: `STOP`, `START` or `HELP`, as Advanced Opt-Out adds it.
    package var optOutType: String?
    package var mediaURLs: [String] = []
    /// In place of the one that is set.
    package var url: String?

    package init(
        _ provider: StandIn, from: String, to: String, body: String, optOutType: String? = nil
    ) {
        self.provider = provider
        self.from = from
        self.to = to
        self.body = body
        self.optOutType = optOutType
    }

    /// `wall` in milliseconds since 1970.
    func letter(to url: String, account: String, at wall: Int64, ids: SharedReferences) -> Letter {
        provider == .twilio
            ? twilio(url, account, "SM" + ids.hexadecimal())
            : messageBird(url, ids.hexadecimal(), at: wall)
    }

    private func twilio(_ url: String, _ account: String, _ sid: String) -> Letter {
        var fields = [
            ("ToCountry", "US"), ("ToState", ""), ("SmsMessageSid", sid), ("NumMedia", "\(mediaURLs.count)"),
            ("ToCity", ""), ("FromZip", ""), ("SmsSid", sid), ("FromState", ""), ("SmsStatus", "received"),
            ("FromCity", ""), ("Body", body), ("FromCountry", "US"), ("To", to), ("ToZip", ""),
            ("NumSegments", "\(GSMText.segments(body))"), ("MessageSid", sid), ("AccountSid", account), ("From", from),
            ("ApiVersion", "2010-04-01"),
        ]
        if let optOutType { fields.append(("OptOutType", optOutType)) }
        for (index, media) in mediaURLs.enumerated() {
            fields += [("MediaUrl\(index)", media), ("MediaContentType\(index)", "image/jpeg")]
        }
        let sender = TwilioParty(from)
        if sender.channel == "whatsapp" {
            fields += [("WaId", String(sender.address.dropFirst())), ("ProfileName", "Sandbox")]
        }
        return Letter(.twilio, url, .form(fields, isGet: false), key: sid)
    }

    private func messageBird(_ url: String, _ id: String, at wall: Int64) -> Letter {
        func number(_ text: String) -> String { text.hasPrefix("+") ? String(text.dropFirst()) : text }
        let fields = [
            ("id", id), ("message_id", id), ("recipient", number(to)), ("receiver", number(to)),
            ("originator", number(from)), ("body", body), ("message", body),
            ("createdDatetime", CivilTime.internet(wall)), ("date", "\(wall / 1000)"), ("date_utc", "\(wall / 1000)"),
            ("reference", ""),
        ]
        let form = Array(MessageBirdScript.query(fields).utf8)
        return Letter(.messagebird, url, .body(form, type: "application/x-www-form-urlencoded"), key: id)
    }
}
