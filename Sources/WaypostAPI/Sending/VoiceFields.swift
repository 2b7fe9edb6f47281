import WaypostCore
import WaypostJSON

/// The `content` of a call.
enum VoiceFields {
    /// Characters of what is spoken, and of TwiML: as many as Twilio takes.
    static let scriptLimit = 4000
    /// Twilio's `Timeout`: up to ten minutes of ringing.
    static let timeoutRange = Duration.seconds(1) ... .seconds(600)

    private static let scripts = ["say", "twiml_url", "twiml"]

    /// Without whom it calls; nil when `value` is no object. What else is wrong is told to the reader.
    static func read(_ value: JSONValue, with reader: inout FieldReader) -> Voice? {
        reader.fields(of: value, at: .name("content")) { reader in
            var call = Voice(to: .nobody, script: script(&reader) ?? .twiml(""))
            call.record = reader.bool("record") ?? false
            call.recordingChannels = reader.word("recording_channels", as: Voice.RecordingChannels.self)
            call.machineDetection = reader.word("machine_detection", as: Voice.MachineDetection.self)
            call.asyncAMD = reader.bool("async_amd") ?? false
            call.timeout = reader.duration("timeout", in: timeoutRange)
            return call
        }
    }

    private static func script(_ reader: inout FieldReader) -> Voice.Script? {
        let given = scripts.filter { reader.has($0) }
        if given.count != 1 {
            let ending = given.isEmpty ? "" : ", not \(given.joined(separator: " and "))"
            reader.complain(nil, "needs exactly one of say, twiml_url and twiml" + ending)
        }
        let spoken = reader.object("say") { reader -> Voice.Script? in
            let language = LanguageField.read("language", &reader)
            guard reader.require("text") != nil, let text = reader.text("text", atMost: scriptLimit) else { return nil }
            return .say(text: text, language: language)
        }
        let address = reader.string("twiml_url")
        if let address, let flaw = WebAddress.flaw(in: address, schemes: [.https, .http]) {
            reader.complain(.name("twiml_url"), flaw)
        }
        let twiml = reader.text("twiml", atMost: scriptLimit)
        return spoken ?? address.map { .twimlURL($0) } ?? twiml.map { .twiml($0) }
    }
}

/// A language, as BCP 47 or WhatsApp writes it: `en`, `en-GB`, `pt_BR`.
enum LanguageField {
    static func read(_ name: String, _ reader: inout FieldReader) -> String? {
        guard let text = reader.string(name) else { return nil }
        let parts = text.utf8.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
        let isTag =
            parts.count <= 4 && parts.allSatisfy { (2...8).contains($0.count) && $0.allSatisfy(isLetterOrDigit) }
        if !isTag { reader.complain(.name(name), "must be a language like en, en-GB or pt_BR") }
        return isTag ? text : nil
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: true
        default: false
        }
    }
}
