/// Checks the form of `POST …/Calls.json` against Twilio's OpenAPI description and finds the message in it.
///
/// https://github.com/twilio/twilio-oai (spec/json/twilio_api_v2010.json, CreateCall)
struct TwilioCallCheck {
    private(set) var form: TwilioForm
    private(set) var take = Take(recipients: [])

    init(_ fields: FormFields) { form = TwilioForm(fields) }

    mutating func check() {
        take.read(callback: form["StatusCallback"])
        if let to = form["To"] { take.recipients = [to] }
        form.allow(Self.parameters, repeated: ["StatusCallbackEvent", "RecordingStatusCallbackEvent"])
        guard let to = form["To"] else { return form.refuse(21_201, "No 'To' number is specified.") }
        guard to.isE164 else { return form.refuse(21_211, "Invalid 'To' Phone Number: \(to)") }
        guard let from = form["From"] else { return form.refuse(21_213, "'From' phone number is required.") }
        guard from.isE164 else { return form.refuse(21_212, "Invalid 'From' phone number: \(from)") }
        instructions()
        callbacks()
        options()
        guard form.problem == nil, let error = TwilioTestNumber.callError(to: to, from: from) else { return }
        form.refuse(error.code, error.message)
    }

    /// Twilio takes the first of several; here exactly one must be there.
    private mutating func instructions() {
        let given = ["Url", "Twiml", "ApplicationSid"].filter { form[$0] != nil }
        if given.isEmpty { form.refuse(21_205, "One of Url, Twiml and ApplicationSid is required.") }
        if given.count > 1 { form.refuse(20_001, "Only one of \(given.joined(separator: ", ")) may be given.") }
        form.addresses("Url", code: 21_205)
        form.sid("ApplicationSid", "AP", code: 21_218)
        form.length("Twiml", 4_000)
        if let twiml = form["Twiml"], XMLText.root(of: twiml) != "Response" {
            form.refuse(12_100, "Document parse failure: Twiml must be a well-formed <Response>.")
        }
    }

    private mutating func callbacks() {
        for name in ["StatusCallback", "FallbackUrl", "RecordingStatusCallback", "AsyncAmdStatusCallback"] {
            form.addresses(name, code: name == "StatusCallback" ? 21_609 : 20_001)
        }
        for name in [
            "Method", "FallbackMethod", "StatusCallbackMethod", "RecordingStatusCallbackMethod",
            "AsyncAmdStatusCallbackMethod",
        ] { form.choice(name, ["GET", "POST"]) }
        form.choice("StatusCallbackEvent", ["initiated", "ringing", "answered", "completed"], code: 21_626)
        form.choice("RecordingStatusCallbackEvent", ["in-progress", "completed", "absent"])
    }

    private mutating func options() {
        form.number("Timeout", 1...600)
        form.number("TimeLimit", 1...86_400)
        form.flags(["Record", "AsyncAmd"])
        form.choice("RecordingChannels", ["mono", "dual"])
        form.choice("RecordingTrack", ["inbound", "outbound", "both"])
        form.choice("Trim", ["trim-silence", "do-not-trim"])
        form.choice("MachineDetection", ["Enable", "DetectMessageEnd"])
        form.number("MachineDetectionTimeout", 3...59)
        form.number("MachineDetectionSpeechThreshold", 1_000...6_000)
        form.number("MachineDetectionSpeechEndThreshold", 500...5_000)
        form.number("MachineDetectionSilenceTimeout", 2_000...10_000)
        if let digits = form["SendDigits"], !digits.allSatisfy({ "0123456789#*wW".contains($0) }) {
            form.refuse(20_001, "SendDigits may hold digits, #, *, w and W only")
        }
        form.length("SendDigits", 32)
    }

    private static let parameters = [
        "To", "From", "Url", "Twiml", "ApplicationSid", "Method", "FallbackUrl", "FallbackMethod", "StatusCallback",
        "StatusCallbackMethod", "SendDigits", "Timeout", "TimeLimit", "Record", "RecordingChannels",
        "RecordingStatusCallback", "RecordingStatusCallbackMethod", "RecordingTrack", "RecordingConfigurationId",
        "SipAuthUsername", "SipAuthPassword", "MachineDetection", "MachineDetectionTimeout",
        "MachineDetectionSpeechThreshold", "MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout",
        "Trim", "CallerId", "AsyncAmd", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod", "Byoc",
        "CallReason", "CallToken",
    ]
}
