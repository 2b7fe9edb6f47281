import Foundation
import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// What the suites of this module are tried with.
enum Fixture {
    static let now = Timestamp(milliseconds: 1_736_942_400_000)  // 2025-01-15T12:00:00Z
    static let id = MessageID(ULID(high: 0x0194_6A4A_E800_0001, low: 42))
    static let attempt = AttemptID(ULID(high: 0x0194_6A4A_E800_0002, low: 43))
    static let apiKey = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    static let awsSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    static let awsToken = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22w"
    static let password = "corr\"ect horse battery"

    static func message(_ email: Email, tags: [String] = []) -> Message {
        var message = Message(
            id: id, client: .local, content: .email(email), createdAt: now, expiresAt: now + .seconds(3600),
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        message.tags = tags
        return message
    }

    /// All addresses are open, but for those in `without`.
    static func context(_ email: Email, tags: [String] = [], without closed: Set<String> = []) -> AttemptContext {
        let lines = [(email.to, Delivery.Role.to), (email.cc, .cc), (email.bcc, .bcc)]
        let deliveries = lines.flatMap { line, role in line.map { ($0, role) } }.enumerated().map { ordinal, item in
            Delivery(ordinal: ordinal, role: item.1, address: item.0.email)
        }
        return AttemptContext(
            message: message(email, tags: tags), deliveries: deliveries.filter { !closed.contains($0.address) },
            attempt: attempt, startedAt: now, publicURL: "https://waypost.example.com")
    }

    static func email(to: String..., text: String? = "Hello") -> Email {
        var email = Email(to: to.map { Mailbox(email: $0) }, subject: "Hello")
        email.text = text
        return email
    }

    static let sender = Mailbox(email: "news@example.com", name: "Example")

    static let sendGrid = SendGrid(
        name: "sendgrid", settings: .init(apiKey: Secret(apiKey), from: sender, baseURL: "http://127.0.0.1:1"),
        transfer: TransferSettings())

    static let ses = SES(
        name: "ses",
        settings: .init(
            region: "eu-west-1", accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret(awsSecret),
            sessionToken: Secret(awsToken), from: sender, configurationSet: "waypost"), transfer: TransferSettings())

    static let smtp = SMTP(
        name: "relay",
        settings: .init(
            host: "mail.example.com", port: 465, security: .implicitTLS, user: "relay", password: Secret(password),
            from: sender), transfer: TransferSettings())

    static func response(_ status: Int, _ headers: HTTPHeaders = HTTPHeaders(), _ body: String = "") -> TransportReply {
        .http(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
    }

    static func vectors(_ name: String) throws -> JSONValue {
        let url = try #require(Bundle.module.url(forResource: "Resources/\(name)", withExtension: "json"))
        return try JSONValue(parsing: Array(Data(contentsOf: url)))
    }
}

extension TransportRequest {
    /// The HTTP request, where it is one.
    var http: HTTPRequest? { if case .http(let request) = self { request } else { nil } }
    /// The submission, where it is one.
    var mail: MailSubmission? { if case .mail(let submission) = self { submission } else { nil } }

    /// The body as JSON; null where there is none.
    var json: JSONValue { (http.flatMap { try? JSONValue(parsing: $0.body) }) ?? .null }
}

extension JSONValue {
    /// Every string in the tree.
    var strings: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(\.strings)
        case .object(let members): members.flatMap(\.value.strings)
        default: []
        }
    }

    /// The member at a dotted path, with numbers for elements: `personalizations.0.to.0.email`.
    func at(_ path: String) -> JSONValue? {
        path.split(separator: ".").reduce(self as JSONValue?) { value, step in
            Int(step).map { value?[$0] } ?? value?[String(step)]
        }
    }
}

extension Outcome {
    var failure: Failure? { if case .failed(let failure) = self { failure } else { nil } }
    var reference: String? { if case .accepted(let reference) = self { reference } else { nil } }
}
