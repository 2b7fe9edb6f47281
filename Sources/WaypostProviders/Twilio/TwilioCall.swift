import WaypostCore

/// The form of `POST …/Calls.json`.
struct TwilioCall {
    let call: Voice
    let sender: TwilioSender
    let name: ProviderName
    let context: AttemptContext

    private static let longest = 4000

    static func objection(to call: Voice) -> String? {
        guard let twiml = twiml(of: call.script), twiml.unicodeScalars.count > longest else { return nil }
        return "Twilio takes at most 4,000 characters of TwiML"
    }

    var form: FormBody {
        var form = FormBody()
        form.add("To", call.to.text)
        if case .address(let from) = sender { form.add("From", from) }
        if case .twimlURL(let url) = call.script { form.add("Url", url) }
        form.add("Twiml", ifPresent: Self.twiml(of: call.script))
        form.add("StatusCallback", context.callbackURL(name, "voice"))
        form.add("StatusCallbackEvent", each: ["initiated", "ringing", "answered", "completed"])
        if call.record {
            form.add("Record", "true")
            form.add("RecordingChannels", ifPresent: call.recordingChannels?.rawValue)
            form.add("RecordingStatusCallback", context.callbackURL(name, "recording"))
        }
        form.add("MachineDetection", ifPresent: machineDetection)
        if call.asyncAMD {
            form.add("AsyncAmd", "true")
            form.add("AsyncAmdStatusCallback", context.callbackURL(name, "voice"))
        }
        // Ringing takes at most ten minutes.
        form.add(
            "Timeout", ifPresent: call.timeout.map { String(min(max(($0.milliseconds + 999) / 1000, 1), 600)) })
        return form
    }

    /// What goes on beside the call must be switched on first.
    private var machineDetection: String? {
        switch call.machineDetection {
        case .enable: "Enable"
        case .detectMessageEnd: "DetectMessageEnd"
        case nil: call.asyncAMD ? "Enable" : nil
        }
    }

    /// https://www.twilio.com/docs/voice/twiml/say
    private static func twiml(of script: Voice.Script) -> String? {
        switch script {
        case .twimlURL: nil
        case .twiml(let twiml): twiml
        case .say(let text, let language):
            "<Response><Say\(language.map { " language=\"\(escaped($0))\"" } ?? "")>\(escaped(text))</Say></Response>"
        }
    }

    /// Character data and attribute values of XML 1.0; what XML cannot hold at all becomes a blank.
    private static func escaped(_ text: String) -> String {
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": safe.append(contentsOf: "&amp;".unicodeScalars)
            case "<": safe.append(contentsOf: "&lt;".unicodeScalars)
            case ">": safe.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": safe.append(contentsOf: "&quot;".unicodeScalars)
            case "\t", "\n", "\r": safe.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": safe.append(" ")
            default: safe.append(scalar)
            }
        }
        return String(safe)
    }
}
