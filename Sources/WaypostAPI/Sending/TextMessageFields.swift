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

extension PhoneNumber {
    /// Stands in content until its recipient is known.
    static let nobody = PhoneNumber(unchecked: "")
}
