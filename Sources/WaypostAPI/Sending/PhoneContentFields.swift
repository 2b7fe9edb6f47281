import WaypostCore
import WaypostJSON

/// What texts to a number have in common: the words, the media, how long the provider may try.
private struct TextFields {
    var text = ""
    var mediaURLs: [String] = []
    var validity: Duration?

    /// Characters, as Twilio counts them; whoever takes fewer passes the message on to the next provider.
    static let textLimit = 1600
    /// As many as Twilio takes.
    static let mediaLimit = 10
    /// Twilio's `ValidityPeriod`: up to ten hours.
    static let validityRange = Duration.seconds(1) ... .seconds(36_000)

    /// - Parameter orElse: another field that may say it all.
    init(reading reader: inout FieldReader, orElse other: String? = nil) {
        let hasText = reader.has("text")
        text = reader.text("text", atMost: Self.textLimit, orEmpty: true) ?? ""
        let hasMedia = reader.has("media_urls")
        mediaURLs = Self.media(&reader)
        validity = reader.duration("validity", in: Self.validityRange)
        if let other, reader.has(other) {
            if hasText || hasMedia { reader.complain(.name(other), "must not stand beside text or media_urls") }
        } else if !hasText, !hasMedia {
            reader.complain(nil, "needs " + ["text", "media_urls", other].compactMap(\.self).joined(separator: " or "))
        } else if hasText, text.isEmpty, !hasMedia {
            reader.complain(.name("text"), "must not be empty")
        }
    }

    private static func media(_ reader: inout FieldReader) -> [String] {
        guard let value = reader.take("media_urls") else { return [] }
        var addresses: [String] = []
        reader.elements("media_urls", of: value, count: 1...mediaLimit) { reader, step, element in
            guard let text = reader.string(element, at: step) else { return }
            if let flaw = WebAddress.flaw(in: text, schemes: [.https, .http]) {
                reader.complain(step, flaw)
            } else {
                addresses.append(text)
            }
        }
        return addresses
    }
}

/// The `content` of a text message.
enum SMSFields {
    /// Without its recipient; nil when `value` is no object. What else is wrong is told to the reader.
    static func read(_ value: JSONValue, with reader: inout FieldReader) -> SMS? {
        reader.fields(of: value, at: .name("content")) { reader in
            let fields = TextFields(reading: &reader)
            var sms = SMS(to: .nobody, text: fields.text)
            sms.mediaURLs = fields.mediaURLs
            sms.validity = fields.validity
            sms.smartEncoded = reader.bool("smart_encoded")
            sms.sendAsMMS = reader.bool("send_as_mms")
            return sms
        }
    }
}

/// The `content` of a WhatsApp message: what a text message says, or a template that WhatsApp has approved.
enum WhatsAppFields {
    /// Octets of a template's name.
    static let nameBytes = 1...512
    static let variableLimit = 100
    static let defaultLanguage = "en"

    /// Without its recipient; nil when `value` is no object. What else is wrong is told to the reader.
    static func read(_ value: JSONValue, with reader: inout FieldReader) -> WhatsApp? {
        reader.fields(of: value, at: .name("content")) { reader in
            let fields = TextFields(reading: &reader, orElse: "template")
            var message = WhatsApp(to: .nobody)
            message.text = fields.text
            message.mediaURLs = fields.mediaURLs
            message.validity = fields.validity
            message.template = reader.object("template", template)
            return message
        }
    }

    private static func template(_ reader: inout FieldReader) -> WhatsApp.Template? {
        let name = reader.require("name").flatMap { reader.line($0, at: .name("name"), bytes: nameBytes) }
        let language = LanguageField.read("language", &reader)
        var variables: [Message.KeyValue] = []
        reader.pairs("variables", atMost: variableLimit) { reader, key, value in
            if let flaw = LineOfText.flaw(in: key, bytes: 1...100) {
                reader.complain(.name(key), "has a name that \(flaw)")
            } else if value.utf8.contains(0) {
                reader.complain(.name(key), "must not hold a NUL")
            } else {
                variables.append(.init(key: key, value: value))
            }
        }
        return name.map { .init(name: $0, language: language ?? defaultLanguage, variables: variables) }
    }
}

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

extension PhoneNumber {
    /// Stands in content until its recipient is known.
    static let nobody = PhoneNumber(unchecked: "")
}
