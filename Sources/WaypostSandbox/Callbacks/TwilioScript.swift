/// What Twilio tells of a message or a call: a form to the URL that the request named.
///
/// https://www.twilio.com/docs/messaging/guides/track-outbound-message-status,
/// https://www.twilio.com/docs/voice/api/call-resource#statuscallback
struct TwilioScript {
    let account: String
    let request: FormFields
    let sid: String
    /// The status of the answer: for that one there is no callback.
    let first: String
    /// Milliseconds since 1970.
    let wall: Int64

    private typealias Fields = [(String, String)]

    func steps(_ outcome: CallbackOutcome, detail: String?) -> [Step] {
        guard outcome != .silent else { return [] }
        return sid.hasPrefix("CA") ? call(outcome, detail) : message(outcome, detail)
    }

    // MARK: Messages

    private func message(_ outcome: CallbackOutcome, _ detail: String?) -> [Step] {
        guard let url = request["StatusCallback"], !url.isEmpty else { return [] }
        let statuses: [String] =
            switch outcome {
            case .read, .opened, .clicked: ["queued", "sent", "delivered", "read"]
            case .undelivered, .bounce, .blocked, .expired: ["queued", "sent", "undelivered"]
            case .failed, .dropped, .busy, .noAnswer: ["queued", "failed"]
            default: ["queued", "sent", "delivered"]
            }
        return statuses.filter { $0 != first }.map { status in
            var fields: Fields = [("SmsSid", sid), ("SmsStatus", status), ("MessageStatus", status)]
            fields += [("To", request["To"] ?? ""), ("MessageSid", sid), ("AccountSid", account)]
            if let service = request["MessagingServiceSid"] { fields.append(("MessagingServiceSid", service)) }
            fields += [("From", request["From"] ?? "+15550100000"), ("ApiVersion", "2010-04-01")]
            if let to = request["To"].map(TwilioParty.init), to.channel == "whatsapp" {
                fields += [
                    ("ChannelPrefix", "whatsapp"), ("ChannelToAddress", to.address), ("StructuredMessage", "false"),
                ]
                if status == "read" { fields.append(("EventType", "READ")) }
            } else if status == "delivered" || status == "undelivered" {
                fields.append(("RawDlrDoneDate", dateOfReceipt))
            }
            if status == "undelivered" || status == "failed" {
                let code = detail ?? (status == "failed" ? "30008" : "30003")
                fields += [("ErrorCode", code), ("ErrorMessage", Self.message(of: code))]
            }
            return Step(
                Letter(.twilio, url, .form(fields, isGet: false), key: sid, tellsDelivery: status == "delivered"))
        }
    }

    /// `YYMMDDhhmm`.
    private var dateOfReceipt: String {
        String(WallClock.text(wall).filter(\.isNumber).dropFirst(2).prefix(10))
    }

    private static func message(of code: String) -> String {
        switch code {
        case "30003": "Unreachable destination handset"
        case "30004": "Message blocked"
        case "30005": "Unknown destination handset"
        case "30006": "Landline or unreachable carrier"
        case "30007": "Message filtered"
        case "21610": "Attempt to send to unsubscribed recipient"
        default: "Unknown error"
        }
    }

    // MARK: Calls

    private func call(_ outcome: CallbackOutcome, _ detail: String?) -> [Step] {
        var steps: [Step] = []
        let isAnswered: Bool
        let end: String
        switch outcome {
        case .busy: (isAnswered, end) = (false, "busy")
        case .noAnswer, .undelivered, .expired: (isAnswered, end) = (false, "no-answer")
        case .failed, .bounce, .blocked, .dropped: (isAnswered, end) = (false, "failed")
        default: (isAnswered, end) = (true, "completed")
        }
        var events = [("initiated", "initiated"), ("ringing", "ringing")]
        if isAnswered { events.append(("answered", "in-progress")) }
        events.append(("completed", end))
        let wanted = request.all("StatusCallbackEvent")
        if let url = request["StatusCallback"], !url.isEmpty {
            for (number, (event, status)) in events.enumerated()
            where wanted.isEmpty ? event == "completed" : wanted.contains(event) {
                var fields =
                    call(status) + [("CallbackSource", "call-progress-events"), ("SequenceNumber", "\(number)")]
                fields.append(("Timestamp", CivilTime.mail(wall)))
                if event == "completed" { fields += ending(isAnswered: isAnswered, end, detail) }
                steps.append(
                    Step(
                        Letter(
                            .twilio, url, .form(fields, isGet: request["StatusCallbackMethod"] == "GET"), key: sid,
                            tellsDelivery: status == "completed")))
            }
        }
        if isAnswered, let step = machineDetection { steps.insert(step, at: max(0, steps.count - 1)) }
        if isAnswered, let step = recording { steps.append(step) }
        return steps
    }

    private func call(_ status: String) -> Fields {
        let (from, to) = (request["From"] ?? "", request["To"] ?? "")
        return [
            ("CallSid", sid), ("AccountSid", account), ("From", from), ("To", to), ("Caller", from), ("Called", to),
            ("CallStatus", status), ("ApiVersion", "2010-04-01"), ("Direction", "outbound-api"),
        ]
    }

    private func ending(isAnswered: Bool, _ end: String, _ detail: String?) -> Fields {
        var fields: Fields = [("CallDuration", isAnswered ? "7" : "0"), ("Duration", isAnswered ? "1" : "0")]
        fields.append(("SipResponseCode", isAnswered ? "200" : end == "busy" ? "486" : end == "failed" ? "404" : "487"))
        if isAnswered, request["Record"] == "true" {
            fields += [("RecordingUrl", recordingURL), ("RecordingSid", recordingSID), ("RecordingDuration", "5")]
        }
        if isAnswered, request["MachineDetection"] != nil, request["AsyncAmd"] != "true" {
            fields.append(("AnsweredBy", "human"))
        }
        if let detail, !isAnswered { fields.append(("ErrorCode", detail)) }
        return fields
    }

    private var machineDetection: Step? {
        guard request["AsyncAmd"] == "true", request["MachineDetection"] != nil,
            let url = request["AsyncAmdStatusCallback"], !url.isEmpty
        else { return nil }
        let fields = [
            ("CallSid", sid), ("AccountSid", account), ("AnsweredBy", "human"), ("MachineDetectionDuration", "2500"),
        ]
        let isGet = request["AsyncAmdStatusCallbackMethod"] == "GET"
        return Step(Letter(.twilio, url, .form(fields, isGet: isGet), key: sid))
    }

    private var recordingSID: String { "RE\(sid.dropFirst(2))" }
    private var recordingURL: String {
        "https://api.twilio.com/2010-04-01/Accounts/\(account)/Recordings/\(recordingSID)"
    }

    private var recording: Step? {
        let wanted = request.all("RecordingStatusCallbackEvent")
        guard request["Record"] == "true", let url = request["RecordingStatusCallback"], !url.isEmpty,
            wanted.isEmpty || wanted.contains("completed")
        else { return nil }
        let fields = [
            ("AccountSid", account), ("CallSid", sid), ("RecordingSid", recordingSID), ("RecordingUrl", recordingURL),
            ("RecordingStatus", "completed"), ("RecordingDuration", "5"),
            ("RecordingChannels", request["RecordingChannels"] == "dual" ? "2" : "1"),
            ("RecordingStartTime", CivilTime.mail(wall)), ("RecordingSource", "OutboundAPI"),
            ("RecordingTrack", request["RecordingTrack"] ?? "both"), ("ErrorCode", "0"),
        ]
        let isGet = request["RecordingStatusCallbackMethod"] == "GET"
        return Step(Letter(.twilio, url, .form(fields, isGet: isGet), key: sid))
    }
}
