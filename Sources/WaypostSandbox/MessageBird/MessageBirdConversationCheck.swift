import WaypostJSON

/// Checks the body of `POST /v1/send` at `conversations.messagebird.com`: WhatsApp and other channels.
///
/// https://github.com/messagebird/go-rest-api (conversation)
struct MessageBirdConversationCheck {
    private static let media = ["image", "video", "audio", "file"]

    private(set) var shape = Shape()
    private(set) var take = Take(recipients: [])

    mutating func check(_ body: JSONValue) {
        let allowed = [
            "to", "from", "type", "content", "reportUrl", "fallback", "ttl", "trackId", "tag", "source",
        ]
        guard shape.object(body, "the body", allowed: allowed) != nil else { return }
        if let to = shape.string(body["to"], "to", required: true) {
            take.recipients = [to]
            if !to.isE164 { shape.complain("to", "must be a number in E.164, with its +") }
        }
        channel(body["from"], "from")
        take.message = shape.string(body["trackId"], "trackId", 1...255)
        take.read(callback: body["reportUrl"]?.string)
        shape.webAddress(body["reportUrl"], "reportUrl")
        _ = shape.string(body["tag"], "tag", 1...255)
        _ = shape.object(body["source"], "source", allowed: nil, required: false)
        span(body["ttl"], "ttl")
        if shape.object(body["fallback"], "fallback", allowed: ["from", "after"], required: false) != nil {
            channel(body["fallback"]?["from"], "fallback.from")
            span(body["fallback"]?["after"], "fallback.after")
        }
        content(body)
    }

    private mutating func channel(_ value: JSONValue?, _ path: String) {
        guard let id = shape.string(value, path, required: true), !id.isHexadecimal(32) else { return }
        shape.complain(path, "must be a channel's id: 32 hexadecimal digits")
    }

    /// `5m`.
    private mutating func span(_ value: JSONValue?, _ path: String) {
        guard let text = shape.string(value, path) else { return }
        guard let unit = text.last, "smhd".contains(unit), String(text.dropLast()).isDigits else {
            return shape.complain(path, "must be a number and a unit, like 5m")
        }
    }

    private mutating func content(_ body: JSONValue) {
        let types = Self.media + ["text", "location", "hsm", "interactive", "whatsappSticker", "contact"]
        shape.word(body["type"], "type", of: types, required: true)
        guard let type = body["type"]?.string, types.contains(type) else { return }
        guard shape.object(body["content"], "content", allowed: [type]) != nil else { return }
        let value = body["content"]?[type]
        let path = "content.\(type)"
        switch type {
        case "text": _ = shape.string(value, path, 1...4_096, required: true)
        case "hsm": template(value, path)
        case _ where Self.media.contains(type):
            guard shape.object(value, path, allowed: ["url", "caption"]) != nil else { return }
            shape.webAddress(value?["url"], "\(path).url", required: true)
            _ = shape.string(value?["caption"], "\(path).caption", 0...1_024)
        default: if value == nil { shape.complain(path, "is required") }
        }
    }

    /// A template approved by WhatsApp, by its name.
    private mutating func template(_ value: JSONValue?, _ path: String) {
        let allowed = ["namespace", "templateName", "language", "params", "components"]
        guard shape.object(value, path, allowed: allowed) != nil else { return }
        _ = shape.string(value?["namespace"], "\(path).namespace", 1...255, required: true)
        _ = shape.string(value?["templateName"], "\(path).templateName", 1...512, required: true)
        if shape.object(value?["language"], "\(path).language", allowed: ["policy", "code"]) != nil {
            shape.word(value?["language"]?["policy"], "\(path).language.policy", of: ["deterministic", "fallback"])
            _ = shape.string(value?["language"]?["code"], "\(path).language.code", 2...10, required: true)
        }
        let names = ["default", "currency", "dateTime"]
        for (index, parameter) in (shape.array(value?["params"], "\(path).params", 0...100) ?? []).enumerated() {
            guard shape.object(parameter, "\(path).params.\(index)", allowed: names) != nil else { continue }
            _ = shape.string(parameter["default"], "\(path).params.\(index).default", 1...1_024, required: true)
        }
        for (index, part) in (shape.array(value?["components"], "\(path).components", 0...20) ?? []).enumerated() {
            _ = shape.object(part, "\(path).components.\(index)", allowed: nil)
        }
        if value?["params"] != nil, value?["components"] != nil {
            shape.complain(path, "may hold params or components, not both")
        }
    }
}
