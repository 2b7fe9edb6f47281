import WaypostCore

/// The form of `POST …/Messages.json`, for SMS and WhatsApp.
struct TwilioMessage {
    let content: Content
    let sender: TwilioSender
    /// A template in place of the text.
    let contentSID: String?
    let name: ProviderName
    let context: AttemptContext

    private static let longest = 1600
    private static let mostMedia = 10

    static func objection(to content: Content, isTemplate: Bool) -> String? {
        let (text, media) = words(of: content)
        if isTemplate { return media.isEmpty ? nil : "Twilio's templates bring media of their own" }
        if text.unicodeScalars.count > longest { return "Twilio takes at most 1,600 characters" }
        if media.count > mostMedia { return "Twilio takes at most 10 media" }
        return nil
    }

    private static func words(of content: Content) -> (text: String, media: [String]) {
        switch content {
        case .sms(let sms): (sms.text, sms.mediaURLs)
        case .whatsapp(let message): (message.text, message.mediaURLs)
        case .email, .voice, .push: ("", [])
        }
    }

    var form: FormBody {
        var form = FormBody()
        form.add("To", ifPresent: content.phone.map { Self.address($0.text, on: content.channel) })
        switch sender {
        case .address(let from): form.add("From", Self.address(from, on: content.channel))
        case .service(let sid): form.add("MessagingServiceSid", sid)
        }
        let (text, media) = Self.words(of: content)
        if let contentSID {
            form.add("ContentSid", contentSID)
            form.add("ContentVariables", ifPresent: TemplateVariables(for: context.message).json)
        } else {
            if !text.isEmpty { form.add("Body", text) }
            form.add("MediaUrl", each: media)
        }
        form.add("StatusCallback", context.callbackURL(name, "status"))
        form.add("ValidityPeriod", ifPresent: (content.sms?.validity ?? content.whatsapp?.validity).map(Self.seconds))
        form.add("SmartEncoded", ifPresent: content.sms?.smartEncoded)
        form.add("SendAsMms", ifPresent: content.sms?.sendAsMMS)
        return form
    }

    /// Numbers of other channels than SMS wear the channel's name.
    static func address(_ number: String, on channel: Channel) -> String {
        channel == .whatsapp && !number.hasPrefix("whatsapp:") ? "whatsapp:\(number)" : number
    }

    /// Whole seconds from 1 to 36,000, which is all that Twilio takes.
    private static func seconds(_ validity: Duration) -> String {
        String(min(max((validity.milliseconds + 999) / 1000, 1), 36_000))
    }
}
