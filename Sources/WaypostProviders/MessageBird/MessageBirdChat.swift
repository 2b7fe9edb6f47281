import WaypostCore
import WaypostJSON

/// The body of `POST /v1/send` for a WhatsApp channel: a text, one file with a caption, or an approved template (`hsm`).
///
/// How long it may be tried is left to MessageBird: the form of its `ttl` is not written down anywhere.
struct MessageBirdChat {
    let message: WhatsApp
    let channel: String
    let name: ProviderName
    let context: AttemptContext

    static func objection(to message: Message, at provider: ProviderName) -> String? {
        guard let chat = message.content.whatsapp else { return nil }
        if template(of: message, at: provider) != nil { return nil }
        if chat.template != nil { return "the template has no name here" }
        if let template = message.template, !template.hasText {
            return "the template \(template.name) has neither an id here nor a text"
        }
        if chat.mediaURLs.count > 1 { return "MessageBird takes one file a message" }
        if let url = chat.mediaURLs.first, Media(url) == .audio, !chat.text.isEmpty {
            return "WhatsApp shows no text beside an audio file"
        }
        return nil
    }

    var json: [UInt8] {
        var json = JSONWriter(capacity: 512 + message.text.utf8.count)
        json.object { json in
            json.member("to", message.to.text)
            json.member("from", channel)
            if let template = Self.template(of: context.message, at: name) {
                json.member("type", "hsm")
                json.object("content") { json in write(template, to: &json) }
            } else if let url = message.mediaURLs.first {
                let media = Media(url)
                json.member("type", media.rawValue)
                json.object("content") { json in
                    json.object(media.rawValue) { json in
                        json.member("url", url)
                        if !message.text.isEmpty { json.member("caption", message.text) }
                    }
                }
            } else {
                json.member("type", "text")
                json.object("content") { json in json.member("text", message.text) }
            }
            json.member("reportUrl", context.callbackURL(name, "status"))
            json.member("trackId", plain: context.message.id.bytes)
        }
        return json.bytes
    }

    // MARK: Templates

    private struct Template {
        /// WhatsApp's own of the account, where one is given.
        var namespace: String?
        var name: String
        var language: String
    }

    /// What the configuration's template is called here, else what the message names; a ContentSid (`HX…`) is Twilio's. A
    /// namespace may stand before the name, with a colon between them.
    private static func template(of message: Message, at provider: ProviderName) -> Template? {
        let own = message.content.whatsapp?.template
        guard
            let text = message.template?.id(at: provider, kind: ProviderKind.messagebird.rawValue)
                ?? own.flatMap({ $0.name.hasPrefix("HX") ? nil : $0.name })
        else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1)
        return Template(
            namespace: parts.count == 2 ? String(parts[0]) : nil, name: parts.last.map(String.init) ?? text,
            language: own?.language ?? "en")
    }

    private func write(_ template: Template, to json: inout JSONWriter) {
        json.object("hsm") { json in
            json.member("namespace", ifPresent: template.namespace)
            json.member("templateName", template.name)
            json.object("language") { json in
                json.member("policy", "deterministic")
                json.member("code", template.language)
            }
            let values = TemplateVariables(for: context.message).positional
            if !values.isEmpty {
                json.array("params") { json in
                    for value in values { json.object { json in json.member("default", value) } }
                }
            }
        }
    }

    // MARK: Media

    /// What WhatsApp makes of a file, by the ending of its path.
    private enum Media: String {
        case image, video, audio, file

        init(_ url: String) {
            let path = url.prefix { $0 != "?" && $0 != "#" }
            let end = path.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased()
            self =
                switch end {
                case "jpg", "jpeg", "png", "gif", "webp": .image
                case "mp4", "3gp", "3gpp": .video
                case "mp3", "m4a", "aac", "amr", "ogg", "opus": .audio
                default: .file
                }
        }
    }
}
