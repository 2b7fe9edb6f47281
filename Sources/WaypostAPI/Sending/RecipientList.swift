import WaypostCore
import WaypostJSON

/// One line of the envelope (`to`, `cc` or `bcc`) as it was read: a string, an object, or an array of either.
struct RecipientList {
    private(set) var mailboxes: [Mailbox] = []
    /// Where each of them stands, below the field.
    private var places: [Place] = []
    private var name = "to"

    /// to, cc and bcc together.
    static let limit = 50

    private struct Place {
        var index: Int?
        var isObject: Bool
    }

    init() {}

    init(reading value: JSONValue, named name: String, with reader: inout FieldReader) {
        self.name = name
        guard case .array = value else {
            add(MailboxField.read(value, at: .name(name), with: &reader), value, at: nil)
            return
        }
        var found = RecipientList()
        // More than the limit is read, so that the complaint can count all three lines together.
        reader.elements(name, of: value, count: 1...1000) { reader, step, element in
            guard case .index(let index) = step else { return }
            found.add(MailboxField.read(element, at: step, with: &reader), element, at: index)
        }
        mailboxes = found.mailboxes
        places = found.places
    }

    private mutating func add(_ mailbox: Mailbox?, _ value: JSONValue, at index: Int?) {
        guard let mailbox else { return }
        mailboxes.append(mailbox)
        places.append(Place(index: index, isObject: value.string == nil))
    }

    /// The JSON pointer of one address, from the message's root.
    private func path(of position: Int) -> [FieldReader.Step] {
        let place = places[position]
        var path: [FieldReader.Step] = name == "to" ? [.name(name)] : [.name("content"), .name(name)]
        if let index = place.index { path.append(.index(index)) }
        if place.isObject { path.append(.name("email")) }
        return path
    }

    /// Complains of more recipients than one envelope takes, and of an address that stands twice: a second copy for one
    /// person is a mistake of the caller's, and some providers refuse the whole message for it.
    ///
    /// In a batch the copies are shared and have been looked at already: the complaint falls on the recipient.
    static func check(
        to: RecipientList, cc: RecipientList, bcc: RecipientList, isBatch: Bool, with reader: inout FieldReader
    ) {
        let total = to.mailboxes.count + cc.mailboxes.count + bcc.mailboxes.count
        guard total > 1 else { return }
        guard total <= limit else {
            return reader.complain(.name("to"), "makes \(total) addresses together with cc and bcc; at most \(limit)")
        }
        var seen: [String: String] = [:]
        for list in isBatch ? [cc, bcc, to] : [to, cc, bcc] {
            for (position, mailbox) in list.mailboxes.enumerated() {
                let other = seen.updateValue(list.name, forKey: NormalizedAddress.email(mailbox.email))
                guard let other, !isBatch || list.name == "to" else { continue }
                reader.complain(
                    below: list.path(of: position),
                    other == list.name ? "stands twice" : "stands twice: in \(other) too")
            }
        }
    }
}

/// An address with or without a name: `"jane@example.com"` or `{"email": "jane@example.com", "name": "Jane"}`.
enum MailboxField {
    /// Octets of a name; longer ones break header lines at some providers.
    static let nameBytes = 1...256

    static func read(_ value: JSONValue, at step: FieldReader.Step, with reader: inout FieldReader) -> Mailbox? {
        if case .string(let text) = value { return check(text, at: step, with: &reader).map { Mailbox(email: $0) } }
        guard case .object = value else {
            reader.complain(
                step, "must be an address, or an object with email and name, not \(value.kind)", code: .malformed)
            return nil
        }
        return reader.fields(of: value, at: step) { reader in
            let name = reader.line("name", bytes: nameBytes)
            guard let email = reader.require("email"), let text = reader.string(email, at: .name("email")),
                let address = check(text, at: .name("email"), with: &reader)
            else { return nil }
            return Mailbox(email: address, name: name)
        }
    }

    private static func check(_ text: String, at step: FieldReader.Step, with reader: inout FieldReader) -> String? {
        do throws(EmailAddress.Flaw) {
            _ = try EmailAddress(text)
            return text
        } catch {
            reader.complain(step, "is not an email address: \(error.complaint)")
            return nil
        }
    }
}
