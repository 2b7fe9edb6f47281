import WaypostJSON

/// Checks the body of `POST /v3/mail/send` against the published limits and finds the messages in it.
///
/// Fields, limits and the refusal of unknown fields are those of SendGrid's OpenAPI description
/// (https://github.com/twilio/sendgrid-oai). Paths are SendGrid's own: `personalizations.0.to.0.email`.
struct SendGridMailCheck {
    private(set) var shape = Shape()
    /// One a personalization that could be read, in order.
    private(set) var takes: [Take] = []
    /// `mail_settings.sandbox_mode`: valid, and nothing is sent.
    private(set) var isSandboxMode = false

    private let now: Int64
    private var recipients = 0

    /// `now` in unix seconds: a send may be scheduled at most 72 hours ahead.
    init(at now: Int64) { self.now = now }

    mutating func check(_ mail: JSONValue) {
        guard shape.object(mail, "the body", allowed: Self.fields) != nil else { return }
        _ = address(mail["from"], "from", required: true)
        if mail["reply_to"] != nil { _ = address(mail["reply_to"], "reply_to") }
        replyToList(mail)
        content(mail)
        personalizations(mail)
        attachments(mail)
        headers(mail["headers"], "headers")
        customArguments(mail["custom_args"], "custom_args")
        sendAt(mail["send_at"], "send_at")
        settings(mail)
        for (index, category) in (shape.array(mail["categories"], "categories", 0...10) ?? []).enumerated() {
            _ = shape.string(category, "categories.\(index)", 1...255)
        }
        _ = shape.string(mail["batch_id"], "batch_id", 1...100)
        _ = shape.string(mail["ip_pool_name"], "ip_pool_name", 2...64)
    }

    private mutating func personalizations(_ mail: JSONValue) {
        let list = shape.array(mail["personalizations"], "personalizations", 1...1_000, required: true) ?? []
        let hasSubject = mail["subject"].map { $0.string?.isEmpty == false } ?? (mail["template_id"] != nil)
        if mail["subject"] != nil { _ = shape.string(mail["subject"], "subject", 1...Int.max) }
        for (index, personalization) in list.enumerated() {
            self.personalization(personalization, index, of: mail)
            if !hasSubject, personalization["subject"] == nil {
                shape.complain("subject", "is required, here or in every personalization")
            }
        }
        if recipients > 1_000 { shape.complain("personalizations", "may hold at most 1000 recipients in all") }
    }

    private mutating func personalization(_ value: JSONValue, _ index: Int, of mail: JSONValue) {
        guard shape.object(value, "personalizations.\(index)", allowed: Self.personalizationFields) != nil else {
            return
        }
        if value["from"] != nil { _ = address(value["from"], "personalizations.\(index).from") }
        var addresses: [String] = []
        var seen: Set<String> = []
        for role in ["to", "cc", "bcc"] {
            let list = shape.array(
                value[role], "personalizations.\(index).\(role)", 1...1_000, required: role == "to")
            for (position, element) in (list ?? []).enumerated() {
                let path = { "personalizations.\(index).\(role).\(position)" }
                guard let email = address(element, path()) else { continue }
                // The same address twice, whatever its case, is an error across all three lists.
                if !seen.insert(email.lowercased()).inserted {
                    shape.complain("\(path()).email", "must be unique between to, cc and bcc")
                }
                addresses.append(email)
            }
        }
        recipients += addresses.count
        if value["subject"] != nil {
            _ = shape.string(value["subject"], "personalizations.\(index).subject", 1...Int.max)
        }
        headers(value["headers"], "personalizations.\(index).headers")
        customArguments(value["custom_args"], "personalizations.\(index).custom_args")
        sendAt(value["send_at"], "personalizations.\(index).send_at")
        templateData(value, index, of: mail)
        // The personalization's own arguments win over the message's.
        let message = value["custom_args"]?["waypost_message"] ?? mail["custom_args"]?["waypost_message"]
        let attempt = value["custom_args"]?["waypost_attempt"] ?? mail["custom_args"]?["waypost_attempt"]
        takes.append(Take(message: message?.string, attempt: attempt?.string, recipients: addresses))
    }

    private mutating func templateData(_ value: JSONValue, _ index: Int, of mail: JSONValue) {
        let isDynamic = mail["template_id"]?.string?.hasPrefix("d-") ?? false
        if value["dynamic_template_data"] != nil {
            _ = shape.object(
                value["dynamic_template_data"], "personalizations.\(index).dynamic_template_data", allowed: nil)
        }
        let path = { "personalizations.\(index).substitutions" }
        guard let members = shape.object(value["substitutions"], path(), allowed: nil, required: false) else { return }
        if isDynamic { shape.complain(path(), "may not be used with dynamic templates") }
        for member in members { _ = shape.string(member.value, "\(path()).\(member.name)") }
    }

    private mutating func address(
        _ value: JSONValue?, _ path: @autoclosure () -> String, required: Bool = true
    ) -> String? {
        guard shape.object(value, path(), allowed: ["email", "name"], required: required) != nil else { return nil }
        if value?["name"] != nil { _ = shape.string(value?["name"], "\(path()).name") }
        guard let email = shape.string(value?["email"], "\(path()).email", required: true) else { return nil }
        guard email.looksLikeAddress else {
            shape.complain("\(path()).email", "does not contain a valid address.")
            return nil
        }
        return email
    }

    private mutating func replyToList(_ mail: JSONValue) {
        guard let list = shape.array(mail["reply_to_list"], "reply_to_list", 1...1_000) else { return }
        if mail["reply_to"] != nil { shape.complain("reply_to_list", "cannot be used with reply_to") }
        for (index, element) in list.enumerated() { _ = address(element, "reply_to_list.\(index)") }
    }

    private mutating func content(_ mail: JSONValue) {
        _ = shape.string(mail["template_id"], "template_id", 1...100)
        guard mail["content"] != nil || mail["template_id"] == nil else { return }
        let parts = shape.array(mail["content"], "content", 1...100, required: true) ?? []
        var rank = 0
        for (index, part) in parts.enumerated() {
            guard shape.object(part, "content.\(index)", allowed: ["type", "value"]) != nil else { continue }
            _ = shape.string(part["value"], "content.\(index).value", 1...Int.max, required: true)
            guard let type = shape.string(part["type"], "content.\(index).type", 1...255, required: true) else {
                continue
            }
            let order = type == "text/plain" ? 0 : type == "text/html" ? 1 : 2
            if order < rank {
                shape.complain("content", "must begin with text/plain, then text/html, then the other types")
            }
            rank = max(rank, order)
            if !type.contains("/") || type.contains(where: { ";\r\n".contains($0) }) {
                shape.complain("content.\(index).type", "must be a plain MIME type")
            }
        }
    }

    private mutating func attachments(_ mail: JSONValue) {
        let list = shape.array(mail["attachments"], "attachments", 0...1_000) ?? []
        let fields = ["content", "filename", "type", "disposition", "content_id", "name"]
        for (index, attachment) in list.enumerated() {
            guard shape.object(attachment, "attachments.\(index)", allowed: fields) != nil else { continue }
            let content = shape.string(
                attachment["content"], "attachments.\(index).content", 1...Int.max, required: true)
            if let content, Base64.decode(content) == nil {
                shape.complain("attachments.\(index).content", "must be base64")
            }
            _ = shape.string(attachment["filename"], "attachments.\(index).filename", 1...1_000, required: true)
            _ = shape.string(attachment["type"], "attachments.\(index).type", 1...255)
            let disposition = shape.string(attachment["disposition"], "attachments.\(index).disposition")
            if let disposition, disposition != "inline", disposition != "attachment" {
                shape.complain("attachments.\(index).disposition", "must be inline or attachment")
            }
            _ = shape.string(attachment["content_id"], "attachments.\(index).content_id", 1...1_000)
        }
    }

    private mutating func headers(_ value: JSONValue?, _ path: @autoclosure () -> String) {
        for member in shape.object(value, path(), allowed: nil, required: false) ?? [] {
            if Self.forbiddenHeaders.contains(where: { $0.equalsIgnoringCase(member.name) }) {
                shape.complain("\(path()).\(member.name)", "is a reserved header and may not be set")
            }
            guard let text = shape.string(member.value, "\(path()).\(member.name)") else { continue }
            if text.contains(where: \.isNewline) {
                shape.complain("\(path()).\(member.name)", "may not hold a line break")
            }
        }
    }

    private mutating func customArguments(_ value: JSONValue?, _ path: @autoclosure () -> String) {
        guard let members = shape.object(value, path(), allowed: nil, required: false) else { return }
        var size = 0
        for member in members {
            size += member.name.utf8.count + (shape.string(member.value, "\(path()).\(member.name)")?.utf8.count ?? 0)
        }
        if size > 10_000 { shape.complain(path(), "may hold at most 10000 bytes") }
    }

    private mutating func sendAt(_ value: JSONValue?, _ path: @autoclosure () -> String) {
        guard let time = shape.integer(value, path()) else { return }
        if time < 0 || time > now + 72 * 3600 { shape.complain(path(), "may be at most 72 hours ahead") }
    }

    private mutating func settings(_ mail: JSONValue) {
        let allowed = [
            "bypass_list_management", "bypass_spam_management", "bypass_bounce_management",
            "bypass_unsubscribe_management", "footer", "sandbox_mode",
        ]
        if let settings = mail["mail_settings"] {
            _ = shape.object(settings, "mail_settings", allowed: allowed)
            if settings["bypass_list_management"] != nil, allowed[1...3].contains(where: { settings[$0] != nil }) {
                shape.complain("mail_settings.bypass_list_management", "cannot be used with the other bypasses")
            }
            isSandboxMode =
                shape.boolean(settings["sandbox_mode"]?["enable"], "mail_settings.sandbox_mode.enable") ?? false
        }
        if let tracking = mail["tracking_settings"] {
            let kinds = ["click_tracking", "open_tracking", "subscription_tracking", "ganalytics"]
            _ = shape.object(tracking, "tracking_settings", allowed: kinds)
        }
        guard let group = mail["asm"] else { return }
        guard shape.object(group, "asm", allowed: ["group_id", "groups_to_display"]) != nil else { return }
        _ = shape.integer(group["group_id"], "asm.group_id", required: true)
        for (index, id) in (shape.array(group["groups_to_display"], "asm.groups_to_display", 0...25) ?? []).enumerated()
        {
            _ = shape.integer(id, "asm.groups_to_display.\(index)")
        }
    }

    private static let fields = [
        "personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments", "template_id",
        "headers", "categories", "custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings",
        "tracking_settings",
    ]

    private static let personalizationFields = [
        "from", "to", "cc", "bcc", "subject", "headers", "substitutions", "dynamic_template_data", "custom_args",
        "send_at",
    ]

    private static let forbiddenHeaders = [
        "x-sg-id", "x-sg-eid", "received", "dkim-signature", "Content-Type", "Content-Transfer-Encoding", "To", "From",
        "Subject", "Reply-To", "CC", "BCC",
    ]
}
