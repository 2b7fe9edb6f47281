import WaypostCore
import WaypostJSON

/// The body of `POST /v3/mail/send`.
struct SendGridMail {
    let email: Email
    let sender: Mailbox
    /// The first, for what all share.
    let message: Message
    /// Takes the place of subject, text and HTML.
    let templateID: String?
    let parts: [Part]

    /// One message's share of the request.
    struct Part {
        let envelope: Envelope
        let message: Message
        let attempt: AttemptID

        /// nil for what is no email.
        init?(_ context: AttemptContext) {
            guard let email = context.message.content.email else { return nil }
            envelope = Envelope(email, for: context.deliveries)
            message = context.message
            attempt = context.attempt
        }
    }

    /// One mail that SendGrid makes of the body: who stands in which of its lines.
    struct Personalization {
        var to: [Envelope.Recipient]
        var cc: [Envelope.Recipient] = []
        var bcc: [Envelope.Recipient] = []
    }

    /// How an envelope becomes mails. SendGrid wants a `to` in each, but the addresses in it may all be suppressed or done:
    /// then the first `cc`, whom everybody sees anyway, takes its place. Where only `bcc` are left, each gets a mail of its
    /// own, for a place in `to` would show one of them to the others.
    static func personalizations(of envelope: Envelope) -> [Personalization] {
        let to = envelope.recipients(as: .to)
        let cc = envelope.recipients(as: .cc)
        let bcc = envelope.recipients(as: .bcc)
        if !to.isEmpty { return [Personalization(to: to, cc: cc, bcc: bcc)] }
        if let first = cc.first { return [Personalization(to: [first], cc: Array(cc.dropFirst()), bcc: bcc)] }
        return bcc.map { Personalization(to: [$0]) }
    }

    var json: [UInt8] {
        var json = JSONWriter(capacity: email.encodedSize)
        json.object { json in
            json.array("personalizations") { json in
                for part in parts {
                    for personalization in Self.personalizations(of: part.envelope) {
                        write(personalization, of: part, to: &json)
                    }
                }
            }
            json.object("from") { json in write(sender.wire, to: &json) }
            if let replyTo = email.replyTo { json.object("reply_to") { json in write(replyTo.wire, to: &json) } }
            if let templateID { json.member("template_id", templateID) } else { writeContent(to: &json) }
            writeAttachments(to: &json)
            writeHeaders(to: &json)
            writeCategories(to: &json)
            writeTracking(to: &json)
        }
        return json.bytes
    }

    private func writeContent(to json: inout JSONWriter) {
        json.member("subject", email.subject)
        json.array("content") { json in  // text before HTML, and neither empty
            if let text = email.text, !text.isEmpty { write(text, as: "text/plain", to: &json) }
            if let html = email.html, !html.isEmpty { write(html, as: "text/html", to: &json) }
        }
    }

    private func write(_ personalization: Personalization, of part: Part, to json: inout JSONWriter) {
        json.object { json in
            write(personalization.to, as: "to", to: &json)
            write(personalization.cc, as: "cc", to: &json)
            write(personalization.bcc, as: "bcc", to: &json)
            if templateID != nil, let template = part.message.template {
                json.member("dynamic_template_data", template.variables)
            }
            // Comes back with every event; here rather than at the top, where a personalization's own would win.
            json.object("custom_args") { json in
                json.member("waypost_message", plain: part.message.id.bytes)
                json.member("waypost_attempt", plain: part.attempt.bytes)
            }
        }
    }

    private func write(_ recipients: [Envelope.Recipient], as line: String, to json: inout JSONWriter) {
        guard !recipients.isEmpty else { return }
        json.array(line) { json in
            for recipient in recipients {
                json.object { json in
                    json.member("email", recipient.mailbox.email)
                    json.member("name", ifPresent: recipient.mailbox.name.map(Self.quoted))
                }
            }
        }
    }

    /// SendGrid takes a recipient's name apart at commas and semicolons unless it is quoted; the sender's it leaves whole.
    /// https://github.com/sendgrid/sendgrid-python/issues/291
    private static func quoted(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }) else { return name }
        return "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private func write(_ mailbox: Mailbox, to json: inout JSONWriter) {
        json.member("email", mailbox.email)
        json.member("name", ifPresent: mailbox.name)
    }

    private func write(_ value: String, as type: String, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", type)
            json.member("value", value)
        }
    }

    private func writeAttachments(to json: inout JSONWriter) {
        guard !email.attachments.isEmpty else { return }
        json.array("attachments") { json in
            for file in email.attachments {
                json.object { json in
                    json.member("content", plain: file.base64.utf8)
                    json.member("filename", file.filename)
                    // Parameters are refused: https://github.com/sendgrid/sendgrid-php/issues/250
                    json.member("type", String(file.contentType.prefix { $0 != ";" && $0 != " " }))
                    json.member("disposition", file.inlineID == nil ? "attachment" : "inline")
                    json.member("content_id", ifPresent: file.inlineID)
                }
            }
        }
    }

    private func writeHeaders(to json: inout JSONWriter) {
        let headers = email.furtherHeaders
        guard !headers.isEmpty else { return }
        json.object("headers") { json in
            for header in headers {
                json.member(header.name, HeaderText.unstructured(header.value).joined(separator: " "))
            }
        }
    }

    private func writeCategories(to json: inout JSONWriter) {
        guard !message.tags.isEmpty else { return }
        json.array("categories") { json in
            for (index, tag) in message.tags.enumerated() where !message.tags[..<index].contains(tag) {
                json.element(tag)
            }
        }
    }

    private func writeTracking(to json: inout JSONWriter) {
        guard email.tracking != Email.Tracking() else { return }
        json.object("tracking_settings") { json in
            if let clicks = email.tracking.clicks {
                json.object("click_tracking") { json in json.member("enable", clicks) }
            }
            if let opens = email.tracking.opens {
                json.object("open_tracking") { json in json.member("enable", opens) }
            }
            if let unsubscribe = email.tracking.unsubscribe {
                json.object("subscription_tracking") { json in json.member("enable", unsubscribe) }
            }
        }
    }
}
