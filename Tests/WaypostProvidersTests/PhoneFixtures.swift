import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// What the suites of SMS, WhatsApp and calls are tried with.
extension Fixture {
    static let number = PhoneNumber(unchecked: "+31612345678")
    static let accountSID = "AC0123456789abcdef0123456789abcdef"
    static let authToken = "f00dfacef00dfacef00dfacef00dface"
    static let keySecret = "Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9v"
    static let accessKey = "live_aaaaaaaaaaaaaaaaaaaaaaaaa"
    static let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    static func twilio(_ change: (inout Twilio.Settings) -> Void = { _ in }) -> Twilio {
        var settings = Twilio.Settings(
            accountSID: accountSID, authToken: Secret(authToken), messagingServiceSID: "MG1",
            whatsappFrom: "+15550101", voiceFrom: "+15550102", baseURL: "http://127.0.0.1:1")
        change(&settings)
        return Twilio(name: "twilio", settings: settings, transfer: TransferSettings())
    }

    static func messageBird(_ sender: String = "Example", channel: String? = "ch1") throws -> MessageBird {
        guard let originator = MessageBird.Originator(sender) else { throw Failure(.unsuitable, sender) }
        return MessageBird(
            name: "bird",
            settings: .init(
                accessKey: Secret(accessKey), originator: originator, whatsappChannelID: channel,
                baseURL: "http://127.0.0.1:1", voiceBaseURL: "http://127.0.0.1:2",
                conversationsBaseURL: "http://127.0.0.1:3"), transfer: TransferSettings())
    }

    static func message(_ content: Content, template: AppliedTemplate? = nil) -> Message {
        var message = Message(
            id: id, client: .local, content: content, createdAt: now, expiresAt: now + .seconds(3600),
            traceparent: traceparent)
        message.template = template
        return message
    }

    static func context(_ content: Content, template: AppliedTemplate? = nil) -> AttemptContext {
        AttemptContext(
            message: message(content, template: template),
            deliveries: [Delivery(ordinal: 0, role: .to, address: number.text)], attempt: attempt, startedAt: now,
            publicURL: "https://waypost.example.com")
    }

    static func sms(_ text: String = "Hello", _ change: (inout SMS) -> Void = { _ in }) -> Content {
        var sms = SMS(to: number, text: text)
        change(&sms)
        return .sms(sms)
    }

    static func whatsapp(_ text: String = "", _ change: (inout WhatsApp) -> Void = { _ in }) -> Content {
        var message = WhatsApp(to: number)
        message.text = text
        change(&message)
        return .whatsapp(message)
    }

    static func voice(_ script: Voice.Script, _ change: (inout Voice) -> Void = { _ in }) -> Content {
        var call = Voice(to: number, script: script)
        change(&call)
        return .voice(call)
    }

    static func say(_ text: String = "Hello", _ change: (inout Voice) -> Void = { _ in }) -> Content {
        voice(.say(text: text, language: nil), change)
    }

    static func template(
        _ ids: KeyValuePairs<String, String> = [:], hasText: Bool = false, variables: JSONValue = [:]
    ) -> AppliedTemplate {
        AppliedTemplate(
            name: "order-shipped", providerIDs: ids.map { .init(key: $0.key, value: $0.value) }, hasText: hasText,
            variables: variables)
    }

    /// Where a callback about the attempt goes.
    static func callback(_ provider: String, _ topic: String) -> String {
        "https://waypost.example.com/webhooks/\(provider)/\(topic)?n=\(id)&a=\(attempt)"
    }
}

extension TransportRequest {
    /// The body as a form: `name=value`, decoded, in order.
    var form: [String] {
        String(decoding: http?.body ?? [], as: UTF8.self).split(separator: "&").map { pair in
            Self.decoded(pair.replacing("+", with: " "))
        }
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
