import ArgumentParser
import WaypostCore
import WaypostJSON

/// A message as options: what of them a channel has no use for, the router refuses.
struct MessageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "An address, \"Name <address>\", a number, a push token, user:NAME, topic:NAME or condition:TEXT.",
            discussion: "Several addresses of an email see each other.", valueName: "address"))
    var to: [String] = []
    @Option(help: "What it says.") var text: String?
    @Option(help: "An email's subject.") var subject: String?
    @Option(help: "An email's HTML.") var html: String?
    @Option(help: ArgumentHelp("The sender, where it is not the provider's own.", valueName: "address"))
    var from: String?
    @Option(help: ArgumentHelp("Where answers to an email go.", valueName: "address")) var replyTo: String?
    @Option(help: "The language of a spoken text, like en-US.") var language: String?
    @Option(help: "A notification's title.") var title: String?
    @Option(help: "A notification's text.") var body: String?
    @Option(help: ArgumentHelp("An app's data; may be repeated.", valueName: "key=value")) var data: [NamedValue] = []
    @Option(help: "The device's platform.", completion: .list(Push.Platform.allCases.map(\.rawValue)))
    var platform: String?
    @Option(help: ArgumentHelp("The token's service.", valueName: "service"), completion: .list(["fcm", "apns"]))
    var service: String?
    @Option(
        name: .customLong("media-url"), help: ArgumentHelp("A picture or the like; may be repeated.", valueName: "url"))
    var mediaURLs: [String] = []
    @Option(help: ArgumentHelp("A template of the router's configuration.", valueName: "name")) var template: String?
    @Option(
        name: .customLong("var"),
        help: ArgumentHelp("What fills the template in; may be repeated.", valueName: "key=value"))
    var variables: [NamedValue] = []
    @Option(help: "What kind of message it is.") var type: MessageType?
    @Option(help: "Its lane.") var priority: Priority?
    @Option(help: ArgumentHelp("After that long it is not sent any more.", valueName: "span")) var ttl: String?
    @Option(
        name: .customLong("send-at"), help: ArgumentHelp("When it goes, like 2027-01-31T08:00:00Z.", valueName: "time"))
    var sendAt: String?
    @Option(name: .customLong("tag"), help: ArgumentHelp("May be repeated.", valueName: "tag")) var tags: [String] = []
    @Option(help: ArgumentHelp("Handed back in events; may be repeated.", valueName: "key=value"))
    var metadata: [NamedValue] = []
    @Option(help: "What happens where nobody knows whether it was sent.") var onAmbiguous: AmbiguityPolicy?

    /// The body of `POST /v1/messages`.
    func body(on channel: Channel) -> JSONValue {
        let content = content(on: channel)
        let hasContent = template == nil || content.members?.isEmpty == false
        return .object([
            "channel": .string(channel.rawValue), "to": recipient(on: channel),
            "content": hasContent ? content : nil,
            "template": template.map { .object(["id": .string($0), "variables": Self.pairs(variables)]) },
            "from": from.map { Self.address($0, on: channel) },
            "reply_to": replyTo.map { Self.address($0, on: channel) },
            "type": JSONValue(type?.rawValue), "priority": JSONValue(priority?.rawValue), "ttl": JSONValue(ttl),
            "send_at": JSONValue(sendAt), "tags": tags.isEmpty ? nil : JSONValue(tags),
            "metadata": Self.pairs(metadata), "on_ambiguous": JSONValue(onAmbiguous?.rawValue),
        ])
    }

    private func content(on channel: Channel) -> JSONValue {
        var members: [(String, JSONValue?)] = [("subject", JSONValue(subject)), ("html", JSONValue(html))]
        switch channel {
        case .voice:
            members += [
                ("say", text.map { .object(["text": .string($0), "language": JSONValue(language)]) })
            ]
        case .push:
            members += [
                ("title", JSONValue(title)), ("body", JSONValue(body ?? text)), ("data", Self.pairs(data)),
            ]
        default:
            members += [
                ("text", JSONValue(text)), ("title", JSONValue(title)), ("body", JSONValue(body)),
                ("data", Self.pairs(data)), ("media_urls", mediaURLs.isEmpty ? nil : JSONValue(mediaURLs)),
            ]
        }
        return .object(members.compactMap { name, value in value.map { JSONValue.Member(name, $0) } })
    }

    private func recipient(on channel: Channel) -> JSONValue {
        let all = to.map { channel == .push || channel == .realtime ? target($0) : Self.address($0, on: channel) }
        return all.count == 1 ? all[0] : .array(all)
    }

    /// Whom a notification is for: a token where it says nothing else.
    private func target(_ text: String) -> JSONValue {
        for kind in ["user", "topic", "condition", "room"] where text.hasPrefix(kind + ":") {
            return .object([kind: .string(String(text.dropFirst(kind.count + 1)))])
        }
        guard platform != nil || service != nil else { return .string(text) }
        return .object(["token": .string(text), "platform": JSONValue(platform), "service": JSONValue(service)])
    }

    /// `Ann <ann@example.org>` with the name apart; anything else as it is.
    static func address(_ text: String, on channel: Channel) -> JSONValue {
        guard channel == .email, text.hasSuffix(">"), let mark = text.lastIndex(of: "<") else { return .string(text) }
        var name = text[..<mark]
        while name.last == " " { name.removeLast() }
        while name.first == " " { name.removeFirst() }
        let email = String(text[text.index(after: mark)...].dropLast())
        return .object(["email": .string(email), "name": name.isEmpty ? nil : .string(String(name))])
    }

    private static func pairs(_ pairs: [NamedValue]) -> JSONValue? {
        pairs.isEmpty ? nil : .object(pairs.map { JSONValue.Member($0.name, .string($0.value)) })
    }
}
