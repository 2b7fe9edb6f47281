import WaypostCore
import WaypostJSON

/// Content as it is read back, in the names under which it was sent: `from`, `reply_to`, `to`, `content`.
enum ContentBody {
    private static let names = ["from", "reply_to", "to", "content"]

    /// What was said, after it has gone: the same fields, all of them `null`.
    static func writeNothing(to json: inout JSONWriter) {
        for name in names { json.null(name) }
    }

    /// - Parameter isWordless: providers' own templates say it all.
    static func write(_ content: Content, isWordless: Bool, to json: inout JSONWriter) {
        switch content {
        case .email(let email):
            json.member("from", orNull: email.from)
            json.member("reply_to", orNull: email.replyTo)
            json.members("to", email.to)
            json.object("content") { if !isWordless { email.write(to: &$0) } }
        case .sms(let sms):
            writeNumbers(from: sms.from, to: sms.to, &json)
            json.object("content") { if !isWordless { sms.write(to: &$0) } }
        case .whatsapp(let message):
            writeNumbers(from: message.from, to: message.to, &json)
            json.object("content") { message.write(to: &$0) }
        case .voice(let call):
            writeNumbers(from: call.from, to: call.to, &json)
            json.object("content") { if !isWordless { call.write(to: &$0) } }
        case .push(let push):
            json.null("from")
            json.null("reply_to")
            json.array("to") { json in for target in push.targets { target.write(to: &json) } }
            json.object("content") { push.write(to: &$0) }
        }
    }

    private static func writeNumbers(from: String?, to: PhoneNumber, _ json: inout JSONWriter) {
        json.member("from", orNull: from)
        json.null("reply_to")
        json.object("to") { $0.member("phone", to.text) }
    }
}

/// `segments`: what a text message is cut into; `null` for all that is none, and for what goes out with media.
enum SegmentBody {
    static func write(_ content: Content?, to json: inout JSONWriter) {
        guard let sms = content?.sms, !sms.text.isEmpty, sms.mediaURLs.isEmpty, sms.sendAsMMS != true else {
            return json.null("segments")
        }
        let count = SegmentCount(of: sms.text)
        json.object("segments") { json in
            json.member("encoding", count.encoding.rawValue)
            json.member("count", count.segments)
            json.member("characters", count.characters)
        }
    }
}

extension SMS {
    fileprivate func write(to json: inout JSONWriter) {
        if !text.isEmpty || mediaURLs.isEmpty { json.member("text", text) }
        json.texts("media_urls", mediaURLs)
        json.member("validity", ifPresent: validity.map(DurationText.write))
        if let smartEncoded { json.member("smart_encoded", smartEncoded) }
        if let sendAsMMS { json.member("send_as_mms", sendAsMMS) }
    }
}

extension WhatsApp {
    fileprivate func write(to json: inout JSONWriter) {
        if !text.isEmpty { json.member("text", text) }
        json.texts("media_urls", mediaURLs)
        json.member("validity", ifPresent: validity.map(DurationText.write))
        if let template {
            json.object("template") { json in
                json.member("name", template.name)
                json.member("language", template.language)
                json.pairs("variables", template.variables)
            }
        }
    }
}

extension Voice {
    fileprivate func write(to json: inout JSONWriter) {
        switch script {
        case .say(let text, let language):
            json.object("say") { json in
                json.member("text", text)
                json.member("language", ifPresent: language)
            }
        case .twimlURL(let url): json.member("twiml_url", url)
        case .twiml(let twiml): json.member("twiml", twiml)
        }
        if record { json.member("record", true) }
        json.member("recording_channels", ifPresent: recordingChannels?.rawValue)
        json.member("machine_detection", ifPresent: machineDetection?.rawValue)
        if asyncAMD { json.member("async_amd", true) }
        json.member("timeout", ifPresent: timeout.map(DurationText.write))
    }
}

extension Push.Target {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            switch self {
            case .device(let device): device.write(to: &json)
            case .topic(let name): json.member("topic", name)
            case .condition(let text): json.member("condition", text)
            }
        }
    }
}

extension Push.Device {
    /// One token is written as a client sends it; a device of the registry, and one that has both, with each under its name.
    fileprivate func write(to json: inout JSONWriter) {
        json.member("user", ifPresent: user)
        json.member("device", ifPresent: id)
        if id == nil, services.count == 1, let service = services.first {
            json.member("token", ifPresent: self[service])
            json.member("service", service.rawValue)
        } else {
            json.member("fcm_token", ifPresent: fcmToken)
            json.member("apns_token", ifPresent: apnsToken)
        }
        json.member("platform", ifPresent: platform?.rawValue)
    }
}

extension Push {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("title", ifPresent: title)
        json.member("body", ifPresent: body)
        json.member("image", ifPresent: image)
        json.pairs("data", data)
        if let badge { json.member("badge", badge) }
        json.member("sound", ifPresent: sound)
        json.member("category", ifPresent: category)
        json.member("thread_id", ifPresent: threadID)
        if let mutableContent { json.member("mutable_content", mutableContent) }
        json.member("collapse_id", ifPresent: collapseID)
        json.member("click_action", ifPresent: clickAction)
        if let android { json.member("android", android) }
        if let apns {
            json.object("apns") { json in
                json.pairs("headers", apns.headers)
                if let payload = apns.payload { json.member("payload", payload) }
            }
        }
        if let webpush { json.member("webpush", webpush) }
    }
}

extension Email {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("subject", subject)
        json.member("text", ifPresent: text)
        json.member("html", ifPresent: html)
        if !cc.isEmpty { json.members("cc", cc) }
        if !bcc.isEmpty { json.members("bcc", bcc) }
        if !headers.isEmpty {
            json.object("headers") { json in for header in headers { json.member(header.name, header.value) } }
        }
        if !attachments.isEmpty {
            json.array("attachments") { json in for attachment in attachments { attachment.write(to: &json) } }
        }
        if tracking != Tracking() {
            json.object("tracking") { json in
                if let opens = tracking.opens { json.member("opens", opens) }
                if let clicks = tracking.clicks { json.member("clicks", clicks) }
                if let unsubscribe = tracking.unsubscribe { json.member("unsubscribe", unsubscribe) }
            }
        }
        json.member("unsubscribe_url", ifPresent: unsubscribeURL)
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
}

extension JSONWriter {
    /// Left out where there are none.
    fileprivate mutating func texts(_ name: String, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        array(name) { json in for text in texts { json.element(text) } }
    }

    /// As an object; left out where there are none.
    fileprivate mutating func pairs(_ name: String, _ pairs: [Message.KeyValue]) {
        guard !pairs.isEmpty else { return }
        object(name) { json in for pair in pairs { json.member(pair.key, pair.value) } }
    }

    fileprivate mutating func member(_ name: String, orNull mailbox: Mailbox?) {
        guard let mailbox else { return null(name) }
        self.name(name)
        element(mailbox)
    }

    fileprivate mutating func members(_ name: String, _ mailboxes: [Mailbox]) {
        array(name) { json in for mailbox in mailboxes { json.element(mailbox) } }
    }

    private mutating func element(_ mailbox: Mailbox) {
        object { json in
            json.member("email", mailbox.email)
            json.member("name", ifPresent: mailbox.name)
        }
    }
}
