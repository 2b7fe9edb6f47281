import WaypostJSON

extension Email {
    func write(to json: inout JSONWriter) {
        json.array("to") { json in for mailbox in to { mailbox.write(to: &json) } }
        if !cc.isEmpty { json.array("cc") { json in for mailbox in cc { mailbox.write(to: &json) } } }
        if !bcc.isEmpty { json.array("bcc") { json in for mailbox in bcc { mailbox.write(to: &json) } } }
        if let from {
            json.name("from")
            from.write(to: &json)
        }
        if let replyTo {
            json.name("reply_to")
            replyTo.write(to: &json)
        }
        json.member("subject", subject)
        json.member("text", ifPresent: text)
        json.member("html", ifPresent: html)
        if !headers.isEmpty {
            json.array("headers") { json in for header in headers { json.pair(header.name, header.value) } }
        }
        if !attachments.isEmpty {
            json.array("attachments") { json in for attachment in attachments { attachment.write(to: &json) } }
        }
        if tracking != Tracking() { json.object("tracking") { json in tracking.write(to: &json) } }
        json.member("unsubscribe_url", ifPresent: unsubscribeURL)
    }

    init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        self.init(to: [], subject: "")
        for member in members {
            let value = member.value
            switch member.name {
            case "to": to = try Mailbox.all(in: value, "to")
            case "cc": cc = try Mailbox.all(in: value, "cc")
            case "bcc": bcc = try Mailbox.all(in: value, "bcc")
            case "from": from = try Mailbox(stored: value)
            case "reply_to": replyTo = try Mailbox(stored: value)
            case "subject": subject = try value.storedText("subject")
            case "text": text = try value.storedText("text")
            case "html": html = try value.storedText("html")
            case "headers":
                for element in try value.storedElements("headers") {
                    let (name, value) = try element.storedPair("headers")
                    headers.append(Header(name: name, value: value))
                }
            case "attachments":
                for element in try value.storedElements("attachments") {
                    attachments.append(try Attachment(stored: try element.storedObject("attachments")))
                }
            case "tracking": tracking = try Tracking(stored: try value.storedObject("tracking"))
            case "unsubscribe_url": unsubscribeURL = try value.storedText("unsubscribe_url")
            default: break
            }
        }
        if to.isEmpty { throw StoredFormError("to is missing") }
    }
}

extension Mailbox {
    /// The bare address, or the address and the name in an array.
    fileprivate func write(to json: inout JSONWriter) {
        if let name { json.pair(email, name) } else { json.element(email) }
    }

    fileprivate init(stored value: JSONValue) throws(StoredFormError) {
        if case .string(let email) = value {
            self.init(email: email)
        } else {
            let (email, name) = try value.storedPair("an address")
            self.init(email: email, name: name)
        }
    }

    fileprivate static func all(in value: JSONValue, _ name: String) throws(StoredFormError) -> [Mailbox] {
        var mailboxes: [Mailbox] = []
        for element in try value.storedElements(name) { mailboxes.append(try Mailbox(stored: element)) }
        return mailboxes
    }
}

extension Email.Attachment {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("filename", filename)
            json.member("content_type", contentType)
            json.member("content", base64)
            json.member("inline_id", ifPresent: inlineID)
        }
    }

    fileprivate init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        self.init(filename: "", contentType: "", base64: "")
        for member in members {
            switch member.name {
            case "filename": filename = try member.value.storedText("filename")
            case "content_type": contentType = try member.value.storedText("content_type")
            case "content": base64 = try member.value.storedText("content")
            case "inline_id": inlineID = try member.value.storedText("inline_id")
            default: break
            }
        }
    }
}

extension Email.Tracking {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("opens", ifPresent: opens)
        json.member("clicks", ifPresent: clicks)
        json.member("unsubscribe", ifPresent: unsubscribe)
    }

    fileprivate init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        self.init()
        for member in members {
            switch member.name {
            case "opens": opens = try member.value.storedFlag("opens")
            case "clicks": clicks = try member.value.storedFlag("clicks")
            case "unsubscribe": unsubscribe = try member.value.storedFlag("unsubscribe")
            default: break
            }
        }
    }
}
