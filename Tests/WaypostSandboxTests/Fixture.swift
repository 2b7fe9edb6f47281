import Foundation
import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostProviders

@testable import WaypostSandbox

/// A running sandbox that must end well.
func withSandbox(_ settings: Sandbox.Settings = .init(), _ body: (Sandbox) throws -> Void) throws {
    let sandbox = try Sandbox.start(settings)
    defer { #expect(sandbox.stop(), "a thread would not end") }
    try body(sandbox)
}

/// Mail as the router's own adapters write it, to the sandbox's addresses and with its credentials.
struct Fixture {
    let sandbox: Sandbox
    var message = MessageID(at: Fixture.now)
    var attempt = AttemptID(at: Fixture.now)

    static var now: Timestamp { Timestamp(milliseconds: WallClock.milliseconds) }
    static let sender = Mailbox(email: "news@example.com", name: "Grüße")

    init(_ sandbox: Sandbox) { self.sandbox = sandbox }

    func context(to addresses: [String] = ["a@example.com"]) -> AttemptContext {
        var email = Email(to: addresses.map { Mailbox(email: $0) }, subject: "Grüße 👋")
        email.text = "Hello\r\n.\r\nthe dot above is text"
        email.html = "<p>Hello</p>"
        let message = Message(
            id: message, client: .local, content: .email(email), createdAt: Self.now,
            expiresAt: Self.now + .seconds(3600),
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        let deliveries = addresses.enumerated().map { Delivery(ordinal: $0.offset, role: .to, address: $0.element) }
        return AttemptContext(
            message: message, deliveries: deliveries, attempt: attempt, startedAt: Self.now,
            publicURL: "https://waypost.example.com")
    }

    var sendGrid: SendGrid {
        SendGrid(
            name: "sendgrid",
            settings: .init(
                apiKey: Secret(sandbox.settings.sendGridKey), from: Self.sender, baseURL: sandbox.sendGridURL),
            transfer: TransferSettings())
    }

    var ses: SES {
        let aws = sandbox.settings.aws
        return SES(
            name: "ses",
            settings: .init(
                region: aws.region, accessKeyID: aws.accessKeyID, secretAccessKey: Secret(aws.secretAccessKey),
                sessionToken: aws.sessionToken.map(Secret.init), from: Self.sender, configurationSet: "waypost",
                baseURL: sandbox.sesURL), transfer: TransferSettings())
    }

    var smtp: SMTP {
        SMTP(
            name: "relay",
            settings: .init(
                host: "127.0.0.1", port: sandbox.ports.smtp, security: .plain, user: sandbox.settings.smtp.user,
                password: Secret(sandbox.settings.smtp.password), from: Self.sender), transfer: TransferSettings())
    }

    /// A mail for SendGrid or SES on the wire.
    func mail(for provider: StandIn, to addresses: [String] = ["a@example.com"]) throws -> [UInt8] {
        let adapter: any Provider = provider == .ses ? ses : sendGrid
        guard case .http(let request) = try adapter.request(for: context(to: addresses)) else {
            throw WireClient.Refused(code: 0)
        }
        return request.wire
    }

    func port(of provider: StandIn) -> Int {
        switch provider {
        case .sendgrid: sandbox.ports.sendGrid
        case .ses: sandbox.ports.ses
        case .smtp: sandbox.ports.smtp
        case .fcm: sandbox.ports.fcm
        case .apns: sandbox.ports.apns
        }
    }

    static func vectors(_ name: String) throws -> JSONValue {
        let url = try #require(Bundle.module.url(forResource: "Resources/\(name)", withExtension: "json"))
        return try JSONValue(parsing: Array(Data(contentsOf: url)))
    }
}

extension HTTPRequest {
    /// The request to a whole URL as HTTP/1.1 puts it on the wire.
    var wire: [UInt8] {
        let parts = target.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
        var text =
            "\(method) /\(parts.count > 2 ? parts[2] : "") HTTP/1.1\r\nHost: \(parts.count > 1 ? parts[1] : "")\r\n"
        for field in headers.fields { text += "\(field.name): \(field.value)\r\n" }
        if method != "GET" { text += "Content-Length: \(body.count)\r\n" }
        return Array("\(text)\r\n".utf8) + body
    }
}

extension HTTPResponse {
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}

extension Journal.Summary {
    func taken(by provider: StandIn) -> Int { providers[provider]?.taken ?? 0 }
}
