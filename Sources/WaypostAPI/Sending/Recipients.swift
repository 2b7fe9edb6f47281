import WaypostCore
import WaypostJSON

/// Whom one message is for, as its channel has them.
enum Recipients {
    case mailboxes(RecipientList)
    case phone(PhoneNumber)
    case target(Push.Target)
    /// All devices of a user, which the registry knows.
    case user(String)

    /// nil when something is wrong with it, which is told to the reader.
    static func read(_ value: JSONValue, on channel: Channel, with reader: inout FieldReader) -> Recipients? {
        switch channel {
        case .email: .mailboxes(RecipientList(reading: value, named: "to", with: &reader))
        case .sms, .whatsapp, .voice: PhoneField.read(value, with: &reader).map { .phone($0) }
        case .push: PushTargetField.read(value, with: &reader)
        case .realtime: nil
        }
    }

    /// Email's; empty on other channels.
    var list: RecipientList {
        if case .mailboxes(let list) = self { list } else { RecipientList() }
    }
}

/// A number with or without an object around it: `"+14155550100"` or `{"phone": "+14155550100"}`.
enum PhoneField {
    static func read(_ value: JSONValue, with reader: inout FieldReader) -> PhoneNumber? {
        let step = FieldReader.Step.name("to")
        switch value {
        case .string(let text): return check(text, at: step, with: &reader)
        case .object:
            return reader.fields(of: value, at: step) { reader in
                guard let phone = reader.require("phone"), let text = reader.string(phone, at: .name("phone")) else {
                    return nil
                }
                return check(text, at: .name("phone"), with: &reader)
            }
        default:
            reader.complain(
                step, "must be a number, or an object with phone, not \(value.kind); use a batch for several",
                code: .malformed)
            return nil
        }
    }

    static func check(_ text: String, at step: FieldReader.Step, with reader: inout FieldReader) -> PhoneNumber? {
        do throws(PhoneNumber.Flaw) {
            return try PhoneNumber(text)
        } catch {
            reader.complain(step, error.complaint)
            return nil
        }
    }
}

/// `from` and `reply_to`: who a message says it is from, instead of the provider's default.
struct SenderFields {
    var mailbox: Mailbox?
    var replyTo: Mailbox?
    /// A number, or for text messages also a short code or a name.
    var number: String?

    /// Takes both; `channel` nil: they cannot be judged.
    init(from reader: inout FieldReader, on channel: Channel?) {
        let from = reader.take("from")
        let answers = reader.take("reply_to")
        guard let channel else { return }
        if channel == .email {
            mailbox = from.flatMap { MailboxField.read($0, at: .name("from"), with: &reader) }
            replyTo = answers.flatMap { MailboxField.read($0, at: .name("reply_to"), with: &reader) }
            return
        }
        if answers != nil { reader.complain(.name("reply_to"), "is for email alone") }
        guard let from else { return }
        switch channel {
        case .sms, .whatsapp, .voice:
            number = reader.string(from, at: .name("from")).flatMap { Self.number($0, on: channel, with: &reader) }
        case .email, .push, .realtime: reader.complain(.name("from"), "is not for \(channel.rawValue)")
        }
    }

    private static func number(_ text: String, on channel: Channel, with reader: inout FieldReader) -> String? {
        if channel == .sms, isShortCode(text) || isSenderName(text) { return text }
        if channel == .sms, !text.hasPrefix("+") {
            reader.complain(
                .name("from"),
                "must be a number like +14155550100, a short code, or a name of 1 to 11 letters, digits and blanks")
            return nil
        }
        return PhoneField.check(text, at: .name("from"), with: &reader)?.text
    }

    private static func isShortCode(_ text: String) -> Bool {
        (3...8).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// An alphanumeric sender, with one letter at least (3GPP TS 23.040 section 9.1.2.5 leaves room for eleven).
    private static func isSenderName(_ text: String) -> Bool {
        var hasLetter = false
        for byte in text.utf8 {
            switch byte {
            case 0x61...0x7A, 0x41...0x5A: hasLetter = true
            case 0x30...0x39, 0x20, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "&"), UInt8(ascii: "."): break
            default: return false
            }
        }
        return hasLetter && text.utf8.count <= 11 && text.utf8.first != 0x20 && text.utf8.last != 0x20
    }
}
