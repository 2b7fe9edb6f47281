import WaypostJSON

/// Checks the form of `POST …/Messages.json` against Twilio's OpenAPI description and finds the message in it.
///
/// https://github.com/twilio/twilio-oai (spec/json/twilio_api_v2010.json, CreateMessage)
struct TwilioMessageCheck {
    private(set) var form: TwilioForm
    private(set) var take = Take(recipients: [])

    private let now: Int64

    /// `now` in milliseconds since 1970: a send may be scheduled at most 35 days ahead.
    init(_ fields: FormFields, at now: Int64) {
        form = TwilioForm(fields)
        self.now = now
    }

    mutating func check() {
        take.read(callback: form["StatusCallback"])
        if let to = form["To"] { take.recipients = [TwilioParty(to).address] }
        form.allow(Self.parameters, repeated: ["MediaUrl", "PersistentAction"])
        parties()
        content()
        options()
        schedule()
        guard form.problem == nil, let to = form["To"] else { return }
        if let error = TwilioTestNumber.messageError(to: to, from: form["From"]) {
            form.refuse(error.code, error.message)
        }
    }

    private mutating func parties() {
        guard let to = form["To"] else { return form.refuse(21_604, "A 'To' phone number is required.") }
        let recipient = TwilioParty(to)
        guard recipient.isRecipient else {
            return form.refuse(21_211, "Invalid 'To' Phone Number: \(to)")
        }
        form.sid("MessagingServiceSid", "MG", code: 21_705)
        guard let from = form["From"] else {
            if form["MessagingServiceSid"] == nil { form.refuse(21_603, "A 'From' phone number is required.") }
            return
        }
        let sender = TwilioParty(from)
        guard sender.isSender else {
            return form.refuse(21_212, "The 'From' number \(from) is not a valid phone number, shortcode or sender ID.")
        }
        if sender.channel != recipient.channel {
            form.refuse(21_910, "'From' and 'To' must be of the same channel.")
        } else if sender == recipient {
            form.refuse(21_266, "'To' and 'From' number cannot be the same: \(to)")
        }
    }

    private mutating func content() {
        let media = form.fields.all("MediaUrl")
        if form["Body"] == nil, media.isEmpty, form["ContentSid"] == nil {
            if form.has("Body") {
                form.refuse(21_602, "Message body is required.")
            } else {
                form.refuse(21_619, "A text message body, media urls or a ContentSid must be specified.")
            }
        }
        form.length("Body", 1_600, code: 21_617)
        if media.count > 10 { form.refuse(21_623, "Number of media files exceeds the limit of 10.") }
        form.addresses("MediaUrl", code: 21_620)
        form.sid("ContentSid", "HX", code: 21_655)
        guard let variables = form.fields["ContentVariables"] else { return }
        if form["ContentSid"] == nil { form.refuse(21_654, "ContentSid is required with ContentVariables.") }
        let members = (try? JSONValue(parsing: Array(variables.utf8)))?.members
        if members?.allSatisfy({ $0.value.string != nil }) != true {
            form.refuse(21_656, "The ContentVariables parameter is invalid: a JSON object of strings is required.")
        }
    }

    private mutating func options() {
        if form.has("MaxPrice") { form.refuse(20_001, "MaxPrice has had no effect since 2024-06-03: leave it out") }
        form.addresses("StatusCallback", code: 21_609)
        form.sid("ApplicationSid", "AP")
        form.number("ValidityPeriod", 1...36_000, code: 21_624)
        form.number("Attempt", 1...Int.max)
        form.flags(["SmartEncoded", "SendAsMms", "ShortenUrls", "ProvideFeedback", "ForceDelivery"])
        form.choice("RiskCheck", ["enable", "disable"])
        form.choice("ContentRetention", ["retain", "discard"])
        form.choice("AddressRetention", ["retain", "obfuscate"])
        form.choice("TrafficType", ["free"])
    }

    private mutating func schedule() {
        form.choice("ScheduleType", ["fixed"])
        guard form.has("ScheduleType") || form.has("SendAt") else { return }
        guard let time = form["SendAt"] else { return form.refuse(35_111, "SendAt is required with ScheduleType.") }
        guard form.has("ScheduleType") else {
            return form.refuse(20_001, "ScheduleType=fixed is required with SendAt.")
        }
        if form["MessagingServiceSid"] == nil { form.refuse(35_118, "MessagingServiceSid is required to schedule.") }
        let ahead = CivilTime.milliseconds(time).map { $0 - now }
        if ahead.map({ (300_000...35 * 86_400_000).contains($0) }) != true {
            form.refuse(35_114, "SendAt must be an ISO 8601 time, 5 minutes to 35 days ahead.")
        }
    }

    private static let parameters = [
        "To", "From", "MessagingServiceSid", "FallbackFrom", "Body", "ContentSid", "ContentVariables",
        "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod",
        "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded", "TrafficType", "ShortenUrls",
        "ScheduleType", "SendAt", "SendAsMms", "MessageIntent", "RiskCheck",
    ]
}
