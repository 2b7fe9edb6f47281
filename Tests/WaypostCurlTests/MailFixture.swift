import WaypostCore
import WaypostHTTP
import WaypostTesting

@testable import WaypostCurl

/// A submission server in clear text: its lines after each command, and where it does something else than answer.
struct MailScript: Sendable {
    enum Step: Sendable {
        case say(String)
        /// Say it, then end the connection.
        case sayAndClose(String)
        case close
        case reset
        case hang
    }
    var greeting = Step.say("220 mail.example ESMTP")
    var hello = Step.say("250-mail.example\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 AUTH PLAIN")
    var authenticate = Step.say("235 2.7.0 welcome")
    var sender = Step.say("250 2.1.0 sender ok")
    /// In turn, the last for all that follow.
    var recipients = [Step.say("250 2.1.5 recipient ok")]
    var data = Step.say("354 go ahead")
    var verdict = Step.say("250 2.0.0 Ok: queued as 4F1A2B3C")
    /// To every mail of a connection but its first, where it differs.
    var laterVerdict: Step?
    /// Mails that a connection takes before it closes at the next command.
    var mailsPerConnection = Int.max
}

/// Runs a script and keeps what it is told, each line with the number of its connection.
final class MailServer: Sendable {
    let heard: Heard
    let listener: LoopbackListener

    init(_ script: MailScript = .init()) throws {
        let heard = Heard([])
        self.heard = heard
        listener = try LoopbackListener { stream, number in
            var dialogue = Dialogue(script: script, stream: stream, number: number, heard: heard)
            try dialogue.run()
        }
    }

    var lines: [String] { heard.withLock { $0 } }

    private struct Dialogue {
        let script: MailScript
        let stream: LoopbackStream
        let number: Int
        let heard: Heard
        var recipient = 0
        var mails = 0

        mutating func run() throws {
            guard perform(script.greeting) else { return }
            while true {
                let line = String(try stream.read(through: "\r\n").dropLast())
                heard.change { $0.append("\(number) \(line)") }
                guard try answer(line) else { return }
            }
        }

        private mutating func answer(_ line: String) throws -> Bool {
            switch line.prefix(4).uppercased() {
            case "EHLO", "HELO": return perform(script.hello)
            case "AUTH":
                guard perform(.say("334 ")) else { return false }
                _ = try stream.read(through: "\r\n")  // the credentials
                return perform(script.authenticate)
            case "MAIL":
                guard mails < script.mailsPerConnection else { return perform(.close) }
                recipient = 0
                return perform(script.sender)
            case "RCPT":
                defer { recipient += 1 }
                return perform(script.recipients[min(recipient, script.recipients.count - 1)])
            case "DATA":
                guard perform(script.data) else { return false }
                guard case .say(let text) = script.data, text.hasPrefix("354") else { return true }
                let mail = try stream.read(through: "\r\n.\r\n")
                heard.change { $0.append("\(number) \(mail)") }
                mails += 1
                return perform(mails > 1 ? script.laterVerdict ?? script.verdict : script.verdict)
            case "QUIT":
                return perform(.sayAndClose("221 bye"))
            default: return perform(.say("250 ok"))
            }
        }

        private func perform(_ step: MailScript.Step) -> Bool {
            switch step {
            case .say(let text): return stream.send(text + "\r\n")
            case .sayAndClose(let text): stream.send(text + "\r\n")
            case .close: stream.close()
            case .reset: stream.reset()
            case .hang: _ = stream.readToEnd()
            }
            return false
        }
    }
}

extension CurlTransport {
    func mail(
        to server: MailServer, recipients: [String] = ["a@b.example"], text: String = "Subject: x\r\n\r\nhello\r\n",
        security: MailSubmission.Security = .plain, user: String? = nil, timeout: Duration = .seconds(20),
        isProbe: Bool = false
    ) async -> Answer {
        let mail = MailSubmission(
            host: "127.0.0.1", port: server.listener.port, security: security, user: user,
            password: user.map { _ in "secret" }, sender: "s@b.example", recipients: recipients,
            message: Array(text.utf8))
        return await exchange(isProbe ? .mailProbe(mail) : .mail(mail), settings: TransferSettings(timeout: timeout))
    }
}
