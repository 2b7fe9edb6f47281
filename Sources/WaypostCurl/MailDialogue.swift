import WaypostHTTP

/// One mail's dialogue with a server that is ready for it (RFC 5321 section 3.3): a reply in, the next step out.
struct MailDialogue {
    enum Step: Equatable {
        /// Say this line, without its end, and await the reply.
        case say(String)
        /// Say the message and its end mark, and await the reply.
        case content
        case end(MailReply)
    }

    private enum Awaiting { case nothing, reset, sender, recipient(Int), goAhead, verdict }

    private let mail: MailSubmission
    private let extensions: [String]
    private var awaiting = Awaiting.nothing
    private var recipients: [MailReply.Line] = []

    init(_ mail: MailSubmission, extensions: [String]) {
        self.mail = mail
        self.extensions = extensions
    }

    /// The first step. `afterAnother`: the connection's last mail was left unfinished and must be cleared away.
    mutating func begin(afterAnother isUnclean: Bool) -> Step {
        if let reply = refusalBeforeSending { return .end(reply) }
        guard isUnclean else { return saySender() }
        awaiting = .reset
        return .say("RSET")
    }

    mutating func heard(_ reply: MailReply.Line) -> Step {
        let isPositive = (200..<300).contains(reply.code)
        if reply.code == 421 { return end(reply) }  // may come at any time; the server closes (section 3.8)
        switch awaiting {
        case .reset: return isPositive ? saySender() : end(reply)
        case .sender: return isPositive ? sayRecipient(0) : end(reply)
        case .recipient(let index):
            recipients.append(reply)
            if index + 1 < mail.recipients.count { return sayRecipient(index + 1) }
            guard recipients.contains(where: { (200..<300).contains($0.code) }) else { return end(reply) }
            awaiting = .goAhead
            return .say("DATA")
        case .goAhead:
            guard reply.code == 354 else { return end(reply) }
            awaiting = .verdict
            return .content
        case .verdict, .nothing: return end(reply)
        }
    }

    /// Whether, at its end, a mail lies open at the server; `wasUnclean`: one did at its beginning.
    func leavesUnclean(_ wasUnclean: Bool) -> Bool {
        switch awaiting {
        case .nothing: wasUnclean
        case .verdict: false
        case .reset, .sender, .recipient, .goAhead: true
        }
    }

    private mutating func saySender() -> Step {
        awaiting = .sender
        var command = "MAIL FROM:<\(mail.sender)>"
        if offers("SIZE") { command += " SIZE=\(mail.message.count)" }
        if offers("8BITMIME"), mail.message.contains(where: { $0 >= 0x80 }) { command += " BODY=8BITMIME" }
        if needsUTF8 { command += " SMTPUTF8" }
        return .say(command)
    }

    private mutating func sayRecipient(_ index: Int) -> Step {
        guard mail.recipients.indices.contains(index) else {
            return end(MailReply.Line(code: 554, text: "there is no recipient"))
        }
        awaiting = .recipient(index)
        return .say("RCPT TO:<\(mail.recipients[index])>")
    }

    private func end(_ last: MailReply.Line) -> Step {
        let isAccepted = (200..<300).contains(last.code)
        let (stage, line): (MailReply.Stage, MailReply.Line) =
            switch awaiting {
            case .nothing, .reset, .sender: (.sender, last)
            case .recipient: (.recipients, last)
            // Neither "go ahead" nor a refusal: it must not look like an acceptance.
            case .goAhead where last.code < 400: (.data, MailReply.Line(code: 0, text: "DATA answered by \(last.code)"))
            case .verdict where isAccepted: (.done, last)
            case .goAhead, .verdict: (.data, last)
            }
        return .end(MailReply(stage: stage, last: line, recipients: recipients, extensions: extensions))
    }

    // What the server's offers rule out is not tried.

    private var needsUTF8: Bool {
        mail.needsUTF8 || ([mail.sender] + mail.recipients).contains { $0.utf8.contains { $0 >= 0x80 } }
    }

    private func offers(_ name: String) -> Bool { offer(name) != nil }

    /// The offer's parameters.
    private func offer(_ name: String) -> Substring? {
        extensions.lazy.map { $0.split(separator: " ", maxSplits: 1) }.first { $0.first == name[...] }
            .map { $0.count == 2 ? $0[1] : "" }
    }

    private var refusalBeforeSending: MailReply? {
        let refusal: MailReply.Line? =
            if needsUTF8, !offers("SMTPUTF8") {
                MailReply.Line(code: 0, text: "SMTPUTF8 is not offered")
            } else if let limit = offer("SIZE").flatMap({ Int($0) }), limit > 0, mail.message.count > limit {
                // RFC 1870 section 6: the code the server would give; 0 means no limit.
                MailReply.Line(code: 552, text: "5.3.4 \(mail.message.count) bytes are over the server's SIZE \(limit)")
            } else {
                nil
            }
        return refusal.map { MailReply(stage: .sender, last: $0, recipients: [], extensions: extensions) }
    }
}

extension MailSubmission {
    /// Why its envelope cannot be said in commands, or nil: a line break or bracket would end an address early.
    var fault: String? {
        ([sender] + recipients).contains { $0.utf8.contains { $0 <= 32 || $0 == 127 || "<>".utf8.contains($0) } }
            ? "an envelope address holds a blank, a bracket or a control character" : nil
    }

    /// As it is said after DATA: dots at line starts doubled, and the end mark (RFC 5321 section 4.5.2).
    var transparentMessage: [UInt8] {
        let dot = UInt8(ascii: "."), lineFeed = UInt8(ascii: "\n")
        var said: [UInt8] = []
        said.reserveCapacity(message.count + message.count / 64 + 8)
        var atLineStart = true
        for byte in message {
            if atLineStart, byte == dot { said.append(dot) }
            said.append(byte)
            atLineStart = byte == lineFeed
        }
        if !atLineStart { said += "\r\n".utf8 }
        said += ".\r\n".utf8
        return said
    }
}
