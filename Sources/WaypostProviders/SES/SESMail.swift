import WaypostCore
import WaypostCrypto
import WaypostJSON

/// The body of `POST /v2/email/outbound-emails`: `Content.Simple` where that can say it all, else `Content.Raw`.
struct SESMail {
    let email: Email
    let sender: Mailbox
    let envelope: Envelope
    let configurationSet: String?
    /// A template that SES keeps, in place of subject, text and HTML.
    let templateName: String?
    let context: AttemptContext

    /// Whether `Content.Simple` holds this message within the limits of the service's model (sesv2, 2019-09-27).
    static func fitsSimple(_ email: Email) -> Bool {
        let headers = email.furtherHeaders
        return headers.count <= 15
            && headers.allSatisfy { header in
                let value = header.value.utf8
                return header.name.utf8.count <= 126 && !value.isEmpty && value.count <= 870
                    && value.allSatisfy { (0x20...0x7E).contains($0) }
            }
            && Set(headers.map { $0.name.lowercased() }).count == headers.count
            && email.attachments.allSatisfy { file in
                (1...255).contains(file.filename.utf8.count) && (1...78).contains(file.contentType.utf8.count)
                    && (1...78).contains(file.inlineID?.utf8.count ?? 1)
            }
    }

    var json: [UInt8] {
        var json = JSONWriter(capacity: email.encodedSize)
        json.object { json in
            json.member("FromEmailAddress", Self.formatted(sender.wire))
            json.object("Destination") { json in
                writeRecipients("ToAddresses", as: .to, to: &json)
                writeRecipients("CcAddresses", as: .cc, to: &json)
                writeRecipients("BccAddresses", as: .bcc, to: &json)
            }
            json.object("Content") { json in
                if let templateName {
                    writeTemplate(templateName, to: &json)
                } else if Self.fitsSimple(email) {
                    writeSimple(to: &json)
                } else {
                    writeRaw(to: &json)
                }
            }
            writeTags(to: &json)
            json.member("ConfigurationSetName", ifPresent: configurationSet)
            writeTracking(to: &json)
            // Raw carries it in its own header.
            if templateName != nil || Self.fitsSimple(email), let replyTo = email.replyTo {
                json.array("ReplyToAddresses") { json in json.element(Self.formatted(replyTo.wire)) }
            }
        }
        return json.bytes
    }

    /// SES takes ASCII alone here; a name that would make it longer than an address may be is left out.
    private static func formatted(_ mailbox: Mailbox) -> String {
        let text = HeaderText.mailbox(mailbox).joined(separator: " ")
        return text.utf8.count <= 320 ? text : mailbox.email
    }

    private func writeRecipients(_ name: String, as role: Delivery.Role, to json: inout JSONWriter) {
        let recipients = envelope.recipients(as: role)
        guard !recipients.isEmpty else { return }
        json.array(name) { json in for recipient in recipients { json.element(Self.formatted(recipient.mailbox)) } }
    }

    private func writeSimple(to json: inout JSONWriter) {
        json.object("Simple") { json in
            writeText("Subject", email.subject, to: &json)
            json.object("Body") { json in
                if let text = email.text ?? (email.html == nil ? "" : nil) { writeText("Text", text, to: &json) }
                if let html = email.html { writeText("Html", html, to: &json) }
            }
            writeExtras(to: &json)
        }
    }

    /// `TemplateData` is JSON as a string.
    private func writeTemplate(_ name: String, to json: inout JSONWriter) {
        json.object("Template") { json in
            json.member("TemplateName", name)
            let variables = context.message.template?.variables ?? [:]
            json.member("TemplateData", String(decoding: variables.bytes, as: UTF8.self))
            writeExtras(to: &json)
        }
    }

    private func writeExtras(to json: inout JSONWriter) {
        let headers = email.furtherHeaders
        if !headers.isEmpty {
            json.array("Headers") { json in
                for header in headers { writePair(header.name, header.value, to: &json) }
            }
        }
        if !email.attachments.isEmpty {
            json.array("Attachments") { json in for file in email.attachments { write(file, to: &json) } }
        }
    }

    /// The charset must be named: SES takes 7-bit ASCII for granted.
    private func writeText(_ name: String, _ text: String, to json: inout JSONWriter) {
        json.object(name) { json in
            json.member("Data", text)
            json.member("Charset", "UTF-8")
        }
    }

    private func write(_ file: Email.Attachment, to json: inout JSONWriter) {
        json.object { json in
            json.member("RawContent", plain: file.base64.utf8)
            json.member("FileName", file.filename)
            json.member("ContentType", file.contentType)
            json.member("ContentDisposition", file.inlineID == nil ? "ATTACHMENT" : "INLINE")
            json.member("ContentId", ifPresent: file.inlineID)
            json.member("ContentTransferEncoding", "BASE64")
        }
    }

    private func writeRaw(to json: inout JSONWriter) {
        let message = MIMEMessage(
            email, from: sender, id: context.message.id, attempt: context.attempt, date: context.startedAt)
        json.object("Raw") { json in json.member("Data", plain: Base64.text(of: message.bytes)) }
    }

    /// Names and values are letters, digits, `_` and `-`, as our ids and the API's tags are.
    private func writeTags(to json: inout JSONWriter) {
        json.array("EmailTags") { json in
            writePair("waypost_message", "\(context.message.id)", to: &json)
            writePair("waypost_attempt", "\(context.attempt)", to: &json)
            for (index, tag) in context.message.tags.enumerated() { writePair("tag_\(index + 1)", tag, to: &json) }
        }
    }

    /// `unsubscribe` is not among them: SES adds such links only for its own contact lists.
    private func writeTracking(to json: inout JSONWriter) {
        let tracking = email.tracking
        guard tracking.opens != nil || tracking.clicks != nil else { return }
        func word(_ flag: Bool) -> String { flag ? "ENABLED" : "DISABLED" }
        json.object("ConfigurationOverrides") { json in
            json.object("Tracking") { json in
                json.member("OpenTrackingEnabled", ifPresent: tracking.opens.map(word))
                json.member("ClickTrackingEnabled", ifPresent: tracking.clicks.map(word))
            }
        }
    }

    private func writePair(_ name: String, _ value: String, to json: inout JSONWriter) {
        json.object { json in
            json.member("Name", name)
            json.member("Value", value)
        }
    }
}
