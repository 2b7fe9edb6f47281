import WaypostCore
import WaypostJSON

/// The `content` of an email, with the fields beside it that belong to its header. Only `to` is missing.
struct EmailFields {
    private(set) var cc = RecipientList()
    private(set) var bcc = RecipientList()
    var sender: Mailbox?
    var replyTo: Mailbox?
    private var subject = ""
    private var text: String?
    private var html: String?
    private var headers: [Email.Header] = []
    private var attachments: [Email.Attachment] = []
    private var tracking = Email.Tracking()
    private var unsubscribeURL: String?

    /// Octets of a subject: the longest line of RFC 5322 section 2.1.1.
    static let subjectBytes = 1...998

    /// nil when `value` is no object. What else is wrong is told to the reader, and the whole is refused at its end.
    init?(reading value: JSONValue, with reader: inout FieldReader) {
        var fields = EmailFields()
        let isObject = reader.fields(of: value, at: .name("content")) { reader -> Bool? in
            fields.read(&reader)
            return true
        }
        guard isObject != nil else { return nil }
        self = fields
    }

    /// Says nothing.
    init() {}

    private mutating func read(_ reader: inout FieldReader) {
        if let value = reader.require("subject") {
            subject = reader.line(value, at: .name("subject"), bytes: Self.subjectBytes) ?? ""
        }
        let hasBody = reader.has("text") || reader.has("html")
        text = Self.body("text", &reader)
        html = Self.body("html", &reader)
        if !hasBody { reader.complain(nil, "needs text or html") }
        if let value = reader.take("cc") { cc = RecipientList(reading: value, named: "cc", with: &reader) }
        if let value = reader.take("bcc") { bcc = RecipientList(reading: value, named: "bcc", with: &reader) }
        unsubscribeURL = Self.unsubscribeURL(&reader)
        headers = HeaderFields.read(&reader, hasUnsubscribeURL: unsubscribeURL != nil)
        attachments = AttachmentFields.read(&reader)
        tracking =
            reader.object("tracking") { reader in
                Email.Tracking(
                    opens: reader.bool("opens"), clicks: reader.bool("clicks"), unsubscribe: reader.bool("unsubscribe"))
            } ?? tracking
    }

    func content(to mailboxes: [Mailbox]) -> Email {
        var email = Email(to: mailboxes, subject: subject)
        email.from = sender
        email.replyTo = replyTo
        email.cc = cc.mailboxes
        email.bcc = bcc.mailboxes
        email.text = text
        email.html = html
        email.headers = headers
        email.attachments = attachments
        email.tracking = tracking
        email.unsubscribeURL = unsubscribeURL
        return email
    }

    private static func body(_ name: String, _ reader: inout FieldReader) -> String? {
        guard let text = reader.string(name) else { return nil }
        if text.isEmpty {
            reader.complain(.name(name), "must not be empty; leave it out instead")
        } else if text.utf8.contains(0) {
            reader.complain(.name(name), "must not hold a NUL")
        }
        return text
    }

    /// RFC 8058 section 3.1 wants HTTPS for the one click.
    private static func unsubscribeURL(_ reader: inout FieldReader) -> String? {
        guard let text = reader.string("unsubscribe_url") else { return nil }
        if let flaw = WebAddress.flaw(in: text) { reader.complain(.name("unsubscribe_url"), flaw) }
        return text
    }
}
