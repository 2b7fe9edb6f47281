import WaypostHTTP

@testable import WaypostSandbox

/// An SMTP client that says what it is told to, in clear text.
final class MailClient {
    let wire: WireClient
    private let settings: Sandbox.Settings.SMTP

    init(_ sandbox: Sandbox) throws {
        wire = try WireClient(port: sandbox.ports.smtp)
        settings = sandbox.settings.smtp
    }

    /// One command and the last line of its reply; empty where none comes.
    func say(_ line: String) -> String {
        wire.send("\(line)\r\n")
        return reply()
    }

    func reply() -> String {
        while true {
            let line = wire.read(through: "\r\n")
            if line.dropFirst(3).first != "-" { return line }
        }
    }

    /// Greeting, EHLO, AUTH.
    func logIn() throws {
        guard reply().hasPrefix("220 "), say("EHLO client.example.com").hasPrefix("250 ") else {
            throw WireClient.Refused(code: 0)
        }
        let plain = Base64Text.encode("\0\(settings.user)\0\(settings.password)")
        guard say("AUTH PLAIN \(plain)").hasPrefix("235 ") else { throw WireClient.Refused(code: 0) }
    }

    /// A whole transaction; what was said to the dot, or to the first command that was refused.
    func submit(_ mail: MailSubmission) -> String {
        for command in ["MAIL FROM:<\(mail.sender)>"] + mail.recipients.map({ "RCPT TO:<\($0)>" }) {
            let reply = say(command)
            if !reply.hasPrefix("250 ") { return reply }
        }
        let go = say("DATA")
        guard go.hasPrefix("354 ") else { return go }
        let text = String(decoding: mail.message, as: UTF8.self)
        let stuffed = text.hasPrefix(".") ? ".\(text)" : text
        wire.send(stuffed.split(separator: "\r\n.", omittingEmptySubsequences: false).joined(separator: "\r\n.."))
        return say(".")
    }

    /// A small mail with our ids in it.
    static func mail(_ message: String = "msg_1", to recipients: [String] = ["a@example.com"]) -> MailSubmission {
        MailSubmission(
            host: "127.0.0.1", port: 0, security: .plain, user: nil, password: nil, sender: "news@example.com",
            recipients: recipients,
            message: Array("X-Waypost-Id: \(message)\r\nX-Waypost-Attempt: att_1\r\nSubject: x\r\n\r\n.Hi\r\n".utf8))
    }
}

/// Base64 for a client that must not share the stand-in's.
enum Base64Text {
    static func encode(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var encoded = ""
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 {
                encoded.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : "=")
            }
        }
        return encoded
    }
}
