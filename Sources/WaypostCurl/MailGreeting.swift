import CCurl
import WaypostHTTP

/// The dialogue up to the point where mail can be given: greeting, EHLO, STARTTLS, AUTH. libcurl leads it; this follows
/// what is said, to tell afterwards how far it came and what the server offers.
struct MailGreeting {
    private(set) var stage = MailReply.Stage.connect
    /// The reply to the command of `stage`; nil while it is awaited.
    private(set) var last: MailReply.Line?
    /// The offers after the latest EHLO, upper case.
    private(set) var extensions: [String] = []
    private var reader = MailReplyReader()

    /// libcurl sent this. Only the first word is looked at: after AUTH come credentials.
    mutating func said(_ command: UnsafeRawBufferPointer) {
        last = nil
        if command.starts(with: "EHLO") || command.starts(with: "HELO") {
            stage = .hello
            extensions = []
        } else if command.starts(with: "STARTTLS") {
            stage = .startTLS
        } else if command.starts(with: "AUTH") {
            stage = .authenticate
        }
    }

    /// The server said this: a line, with its end. What is no SMTP is left to libcurl to refuse.
    mutating func heard(_ line: some Sequence<UInt8>) {
        guard let replies = try? reader.feed(line) else { return }
        for reply in replies {
            last = reply.line
            if stage == .hello { extensions = reply.texts.dropFirst().map { $0.uppercased() } }
        }
    }

    private var isAuthenticated: Bool { stage == .authenticate && last?.code == 235 }

    /// How it ended, where that is an answer: an error reply, or an offer that we need and that is missing. Nil when the
    /// server is ready for mail (`code` is OK), or when there is no answer to tell of.
    func refusal(_ code: CURLcode, wantsAuthentication: Bool) -> MailReply? {
        if code == CURLE_OK {
            return wantsAuthentication && !isAuthenticated ? missing("AUTH is not offered", .authenticate) : nil
        }
        if let last, last.code >= 400 { return reply(stage, last) }
        if code == CURLE_USE_SSL_FAILED, stage == .hello { return missing("STARTTLS is not offered", .startTLS) }
        if code == CURLE_LOGIN_DENIED { return missing("no AUTH mechanism is shared with the server", .authenticate) }
        return nil
    }

    /// As a probe reports it: all is well.
    var ready: MailReply { reply(.done, MailReply.Line(code: 250, text: last?.text ?? "")) }

    private func missing(_ text: String, _ stage: MailReply.Stage) -> MailReply {
        reply(stage, MailReply.Line(code: 0, text: text))
    }

    private func reply(_ stage: MailReply.Stage, _ last: MailReply.Line) -> MailReply {
        MailReply(stage: stage, last: last, recipients: [], extensions: extensions)
    }
}
