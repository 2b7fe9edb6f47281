import WaypostCore
import WaypostJSON

/// What one message says on its channel, whoever it goes to.
enum ContentFields {
    case email(EmailFields)
    case sms(SMS)
    case whatsapp(WhatsApp)
    case voice(Voice)
    case push(Push)

    /// Reads `content`. nil when it is no object; what else is wrong is told to the reader, and the whole refused at its end.
    static func read(_ value: JSONValue, on channel: Channel, with reader: inout FieldReader) -> ContentFields? {
        switch channel {
        case .email: EmailFields(reading: value, with: &reader).map { .email($0) }
        case .sms: SMSFields.read(value, with: &reader).map { .sms($0) }
        case .whatsapp: WhatsAppFields.read(value, with: &reader).map { .whatsapp($0) }
        case .voice: VoiceFields.read(value, with: &reader).map { .voice($0) }
        case .push: PushFields.read(value, with: &reader).map { .push($0) }
        case .realtime: nil
        }
    }

    /// Without a word, where a provider's own template says it all.
    static func nothing(on channel: Channel) -> ContentFields? {
        switch channel {
        case .email: .email(EmailFields())
        case .sms: .sms(SMS(to: .nobody, text: ""))
        case .whatsapp: .whatsapp(WhatsApp(to: .nobody))
        case .voice: .voice(Voice(to: .nobody, script: .say(text: "", language: nil)))
        case .push: .push(Push(targets: []))
        case .realtime: nil
        }
    }

    /// Email's copies, and nothing on other channels.
    var copies: (cc: RecipientList, bcc: RecipientList) {
        if case .email(let email) = self { (email.cc, email.bcc) } else { (RecipientList(), RecipientList()) }
    }

    /// The whole, once it is known whom it goes to; nil for recipients of another channel, and for none.
    func content(to recipients: Recipients, from sender: SenderFields) -> Content? {
        switch (self, recipients) {
        case (.email(var email), .mailboxes(let list)):
            guard !list.mailboxes.isEmpty else { return nil }
            email.sender = sender.mailbox
            email.replyTo = sender.replyTo
            return .email(email.content(to: list.mailboxes))
        case (.sms(var sms), .phone(let number)):
            (sms.to, sms.from) = (number, sender.number)
            return .sms(sms)
        case (.whatsapp(var message), .phone(let number)):
            (message.to, message.from) = (number, sender.number)
            return .whatsapp(message)
        case (.voice(var call), .phone(let number)):
            (call.to, call.from) = (number, sender.number)
            return .voice(call)
        case (.push(var push), .target(let target)):
            push.targets = [target]
            return .push(push)
        case (.push(let push), .user): return .push(push)
        default: return nil
        }
    }
}
