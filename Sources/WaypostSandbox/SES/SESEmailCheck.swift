import WaypostJSON

/// Checks the body of SendEmail against the published model and finds the message in it.
///
/// Members and limits are those of the `sesv2` service model; members that it does not know are refused, so that a
/// misspelt one does not pass unnoticed.
struct SESEmailCheck {
    private(set) var shape = Shape()
    /// The message of the request: one envelope.
    private(set) var take = Take(recipients: [])

    mutating func check(_ body: JSONValue) {
        guard shape.object(body, "the body", allowed: Self.members) != nil else { return }
        let content = body["Content"]
        let kinds = ["Simple", "Raw", "Template"]
        guard shape.object(content, "Content", allowed: kinds) != nil else { return }
        destination(body["Destination"], isRequired: content?["Raw"] == nil)
        tags(body["EmailTags"])
        guard kinds.filter({ content?[$0] != nil }).count == 1 else {
            shape.complain("Content", "must hold exactly one of Simple, Raw and Template")
            return
        }
        let from = shape.string(
            body["FromEmailAddress"], "FromEmailAddress", 1...1_000, required: content?["Raw"] == nil)
        if let from { address(from, "FromEmailAddress") }
        for (index, value) in (shape.array(body["ReplyToAddresses"], "ReplyToAddresses", 0...50) ?? []).enumerated() {
            if let text = shape.string(value, "ReplyToAddresses.\(index)") {
                address(text, "ReplyToAddresses.\(index)")
            }
        }
        if let name = shape.string(body["ConfigurationSetName"], "ConfigurationSetName", 1...64), !name.isTag {
            shape.complain("ConfigurationSetName", "may hold letters, digits, - and _ only")
        }
        if let simple = content?["Simple"] { self.simple(simple) }
        if let raw = content?["Raw"] { self.raw(raw) }
        if let template = content?["Template"] { self.template(template) }
    }

    private mutating func destination(_ value: JSONValue?, isRequired: Bool) {
        let roles = ["ToAddresses", "CcAddresses", "BccAddresses"]
        guard shape.object(value, "Destination", allowed: roles, required: isRequired) != nil else { return }
        for role in roles {
            for (index, element) in (shape.array(value?[role], "Destination.\(role)", 0...50) ?? []).enumerated() {
                guard let text = shape.string(element, "Destination.\(role).\(index)", 1...1_000) else { continue }
                address(text, "Destination.\(role).\(index)")
                take.recipients.append(text.bareAddress)
            }
        }
        if take.recipients.count > 50 { shape.complain("Destination", "may hold at most 50 recipients in all") }
        if isRequired, take.recipients.isEmpty { shape.complain("Destination", "has no recipients") }
    }

    private mutating func address(_ text: String, _ path: @autoclosure () -> String) {
        guard text.isASCII else {
            shape.complain(path(), "There are non-ASCII characters in the email address.")
            return
        }
        if !text.bareAddress.looksLikeAddress { shape.complain(path(), "is not a valid address") }
    }

    private mutating func tags(_ value: JSONValue?) {
        for (index, tag) in (shape.array(value, "EmailTags", 0...50) ?? []).enumerated() {
            guard shape.object(tag, "EmailTags.\(index)", allowed: ["Name", "Value"]) != nil else { continue }
            let name = shape.string(tag["Name"], "EmailTags.\(index).Name", 1...256, required: true)
            let text = shape.string(tag["Value"], "EmailTags.\(index).Value", 1...256, required: true)
            if let name, !name.isTag {
                shape.complain("EmailTags.\(index).Name", "may hold letters, digits, - and _ only")
            }
            if let text, !text.isTag {
                shape.complain("EmailTags.\(index).Value", "may hold letters, digits, - and _ only")
            }
            if name == "waypost_message" { take.message = text }
            if name == "waypost_attempt" { take.attempt = text }
        }
    }

    private mutating func simple(_ simple: JSONValue) {
        let path = "Content.Simple"
        guard shape.object(simple, path, allowed: ["Subject", "Body", "Headers", "Attachments"]) != nil else { return }
        text(simple["Subject"], "\(path).Subject", required: true)
        if shape.object(simple["Body"], "\(path).Body", allowed: ["Text", "Html"]) != nil {
            text(simple["Body"]?["Text"], "\(path).Body.Text")
            text(simple["Body"]?["Html"], "\(path).Body.Html")
            if simple["Body"]?["Text"] == nil, simple["Body"]?["Html"] == nil {
                shape.complain("\(path).Body", "must hold Text, Html or both")
            }
        }
        headers(simple["Headers"], "\(path).Headers")
        attachments(simple["Attachments"], "\(path).Attachments")
    }

    private mutating func text(_ value: JSONValue?, _ path: @autoclosure () -> String, required: Bool = false) {
        guard shape.object(value, path(), allowed: ["Data", "Charset"], required: required) != nil else { return }
        let data = shape.string(value?["Data"], "\(path()).Data", required: true)
        let charset = shape.string(value?["Charset"], "\(path()).Charset", 1...100)
        if charset == nil, let data, !data.isASCII {
            shape.complain("\(path()).Data", "is beyond 7-bit ASCII, the charset when none is given")
        }
    }

    private mutating func headers(_ value: JSONValue?, _ path: @autoclosure () -> String) {
        for (index, header) in (shape.array(value, path(), 0...15) ?? []).enumerated() {
            guard shape.object(header, "\(path()).\(index)", allowed: ["Name", "Value"]) != nil else { continue }
            let name = shape.string(header["Name"], "\(path()).\(index).Name", 1...126, required: true)
            let text = shape.string(header["Value"], "\(path()).\(index).Value", 1...995, required: true)
            for part in [name, text] {
                if let part, !part.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
                    shape.complain("\(path()).\(index)", "may hold printable ASCII only")
                }
            }
        }
    }

    private mutating func attachments(_ value: JSONValue?, _ path: @autoclosure () -> String) {
        let members = [
            "RawContent", "FileName", "ContentType", "ContentDisposition", "ContentId", "ContentDescription",
            "ContentTransferEncoding",
        ]
        for (index, item) in (shape.array(value, path(), 0...500) ?? []).enumerated() {
            let place = "\(path()).\(index)"
            guard shape.object(item, place, allowed: members) != nil else { continue }
            let content = shape.string(item["RawContent"], "\(place).RawContent", 1...Int.max, required: true)
            if let content, Base64.decode(content) == nil { shape.complain("\(place).RawContent", "must be base64") }
            _ = shape.string(item["FileName"], "\(place).FileName", 1...255, required: true)
            let disposition = shape.string(item["ContentDisposition"], "\(place).ContentDisposition")
            if let disposition, !["ATTACHMENT", "INLINE"].contains(disposition) {
                shape.complain("\(place).ContentDisposition", "must be ATTACHMENT or INLINE")
            }
            let encoding = shape.string(item["ContentTransferEncoding"], "\(place).ContentTransferEncoding")
            if let encoding, !["BASE64", "QUOTED_PRINTABLE", "SEVEN_BIT"].contains(encoding) {
                shape.complain("\(place).ContentTransferEncoding", "must be BASE64, QUOTED_PRINTABLE or SEVEN_BIT")
            }
        }
    }

    private mutating func raw(_ raw: JSONValue) {
        guard shape.object(raw, "Content.Raw", allowed: ["Data"]) != nil else { return }
        guard let data = shape.string(raw["Data"], "Content.Raw.Data", 1...Int.max, required: true) else { return }
        guard let bytes = Base64.decode(data), let mail = MailHeaders(bytes) else {
            shape.complain("Content.Raw.Data", "must be base64 of a header and a body with an empty line between")
            return
        }
        take.message = take.message ?? mail["X-Waypost-Id"]
        take.attempt = take.attempt ?? mail["X-Waypost-Attempt"]
        // Without a destination the envelope comes from the header.
        if take.recipients.isEmpty {
            for name in ["To", "Cc", "Bcc"] {
                let list = mail[name]?.split(separator: ",") ?? []
                take.recipients += list.map { String($0.drop { $0 == " " }).bareAddress }
            }
        }
    }

    private mutating func template(_ template: JSONValue) {
        let path = "Content.Template"
        let members = ["TemplateName", "TemplateArn", "TemplateContent", "TemplateData", "Headers", "Attachments"]
        guard shape.object(template, path, allowed: members) != nil else { return }
        if members[..<3].filter({ template[$0] != nil }).count != 1 {
            shape.complain(path, "must hold exactly one of TemplateName, TemplateArn and TemplateContent")
        }
        if let data = shape.string(template["TemplateData"], "\(path).TemplateData", 0...262_144) {
            let isObject = (try? JSONValue(parsing: Array(data.utf8)))?.members != nil
            if !isObject { shape.complain("\(path).TemplateData", "must be a JSON object as a string") }
        }
        headers(template["Headers"], "\(path).Headers")
        attachments(template["Attachments"], "\(path).Attachments")
    }

    private static let members = [
        "FromEmailAddress", "FromEmailAddressIdentityArn", "Destination", "ReplyToAddresses",
        "FeedbackForwardingEmailAddress", "FeedbackForwardingEmailAddressIdentityArn", "Content", "EmailTags",
        "ConfigurationSetName", "EndpointId", "TenantName", "ListManagementOptions", "ConfigurationOverrides",
    ]
}

extension String {
    /// ASCII letters, digits, `-` and `_`.
    fileprivate var isTag: Bool {
        utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
            default: false
            }
        }
    }
}
