/// The server's side of one SMTP conversation: line in, reply out. It touches no socket.
struct SMTPSession: Sendable {
    /// What to do after a line.
    enum Step: Equatable, Sendable {
        case reply(SMTPReply)
        /// Reply, then TLS from the next byte on.
        case startTLS(SMTPReply)
        /// Reply, then mail data up to the dot.
        case readData(SMTPReply)
        /// Reply, then the end.
        case quit(SMTPReply)

        var reply: SMTPReply {
            switch self {
            case .reply(let reply), .startTLS(let reply), .readData(let reply), .quit(let reply): reply
            }
        }
    }

    /// One envelope, from MAIL to the dot or to whatever ends it.
    struct Transaction: Equatable, Sendable {
        var mail: SMTPCommand.MailFrom
        var recipients: [String] = []
    }

    private enum Awaiting: Equatable, Sendable {
        case command, plain, loginUser
        case loginPassword(user: [UInt8])
    }

    private let settings: Sandbox.Settings.SMTP
    private(set) var transaction: Transaction?
    private var isSecure: Bool
    private var hasGreeted = false
    private var isAuthenticated = false
    private var awaiting = Awaiting.command

    init(_ settings: Sandbox.Settings.SMTP, isSecure: Bool) {
        self.settings = settings
        self.isSecure = isSecure
    }

    /// Whether the next line is a command, not the continuation of AUTH.
    var awaitsCommand: Bool { awaiting == .command }

    /// Takes a line without its CRLF.
    mutating func receive(_ line: [UInt8]) -> Step {
        if awaiting != .command { return .reply(continueAuthentication(line)) }
        do throws(SMTPCommand.Refusal) { return receive(try SMTPCommand(parsing: line)) } catch {
            return .reply(error.reply)
        }
    }

    /// The conversation begins anew after the handshake (RFC 3207 section 4.2).
    mutating func tlsStarted() { self = SMTPSession(settings, isSecure: true) }

    mutating func endTransaction() { transaction = nil }

    private mutating func receive(_ command: SMTPCommand) -> Step {
        switch command {
        case .ehlo: return .reply(greet(extended: true))
        case .helo: return .reply(greet(extended: false))
        case .noop: return .reply(SMTPReply(250, "2.0.0 ok"))
        case .quit: return .quit(SMTPReply(221, "2.0.0 bye"))
        case .rset:
            transaction = nil
            return .reply(SMTPReply(250, "2.0.0 ok"))
        case .startTLS:
            guard settings.offersStartTLS, !isSecure, hasGreeted else {
                return .reply(SMTPReply(503, "5.5.1 STARTTLS is not on offer now"))
            }
            return .startTLS(SMTPReply(220, "2.0.0 go ahead"))
        case .auth(let mechanism, let initial): return .reply(authenticate(mechanism, initial))
        case .mail(let mail): return .reply(begin(mail))
        case .rcpt(let address): return .reply(add(address))
        case .data:
            guard let transaction else { return .reply(SMTPReply(503, "5.5.1 MAIL first")) }
            guard !transaction.recipients.isEmpty else { return .reply(SMTPReply(554, "5.5.1 no valid recipients")) }
            return .readData(SMTPReply(354, "end with <CR><LF>.<CR><LF>"))
        }
    }

    private mutating func greet(extended: Bool) -> SMTPReply {
        hasGreeted = true
        transaction = nil
        guard extended else { return SMTPReply(250, "waypost-sandbox") }
        var lines = ["waypost-sandbox", "PIPELINING", "SIZE \(settings.maximumSize)", "8BITMIME", "SMTPUTF8"]
        if settings.offersStartTLS, !isSecure { lines.append("STARTTLS") }
        lines += ["AUTH PLAIN LOGIN", "ENHANCEDSTATUSCODES"]
        return SMTPReply(250, lines: lines)
    }

    private mutating func begin(_ mail: SMTPCommand.MailFrom) -> SMTPReply {
        guard hasGreeted else { return SMTPReply(503, "5.5.1 EHLO first") }
        guard isAuthenticated || !settings.requiresAuthentication else {
            return SMTPReply(530, "5.7.0 authentication required")
        }
        guard transaction == nil else { return SMTPReply(503, "5.5.1 one MAIL at a time") }
        guard mail.size ?? 0 <= settings.maximumSize else { return SMTPReply(552, "5.3.4 the message is too big") }
        guard mail.address.isASCII || mail.isInternational else {
            return SMTPReply(553, "5.6.7 that address needs SMTPUTF8")
        }
        transaction = Transaction(mail: mail)
        return SMTPReply(250, "2.1.0 ok")
    }

    private mutating func add(_ address: String) -> SMTPReply {
        guard let transaction else { return SMTPReply(503, "5.5.1 MAIL first") }
        guard address.isASCII || transaction.mail.isInternational else {
            return SMTPReply(553, "5.6.7 that address needs SMTPUTF8")
        }
        guard transaction.recipients.count < 1_000 else { return SMTPReply(452, "4.5.3 too many recipients") }
        self.transaction?.recipients.append(address)
        return SMTPReply(250, "2.1.5 ok")
    }
}

extension SMTPSession {  // AUTH, RFC 4954
    private mutating func authenticate(_ mechanism: String, _ initial: String?) -> SMTPReply {
        guard hasGreeted, !isAuthenticated, transaction == nil else {
            return SMTPReply(503, "5.5.1 AUTH is not due now")
        }
        switch mechanism {
        case "PLAIN": awaiting = .plain
        case "LOGIN": awaiting = .loginUser
        default: return SMTPReply(504, "5.5.4 PLAIN and LOGIN are known")
        }
        guard let initial else {
            return SMTPReply(334, mechanism == "PLAIN" ? "" : "VXNlcm5hbWU6")  // "Username:"
        }
        return continueAuthentication(Array((initial == "=" ? "" : initial).utf8))
    }

    private mutating func continueAuthentication(_ line: [UInt8]) -> SMTPReply {
        let step = awaiting
        awaiting = .command
        if line == [UInt8(ascii: "*")] { return SMTPReply(501, "5.7.0 canceled") }
        guard let bytes = Base64.decode(String(decoding: line, as: UTF8.self)) else {
            return SMTPReply(501, "5.5.2 that is not base64")
        }
        switch step {
        case .command: return SMTPReply(503, "5.5.1 AUTH first")
        case .plain:
            // RFC 4616: authorization identity, NUL, user, NUL, password.
            let parts = bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
            guard parts.count == 3 else { return SMTPReply(501, "5.5.2 that is not PLAIN") }
            return check(user: parts[1], password: parts[2])
        case .loginUser:
            awaiting = .loginPassword(user: bytes)
            return SMTPReply(334, "UGFzc3dvcmQ6")  // "Password:"
        case .loginPassword(let user): return check(user: user, password: bytes)
        }
    }

    private mutating func check(user: [UInt8], password: [UInt8]) -> SMTPReply {
        guard user == Array(settings.user.utf8), password == Array(settings.password.utf8) else {
            return SMTPReply(535, "5.7.8 wrong user or password")
        }
        isAuthenticated = true
        return SMTPReply(235, "2.7.0 welcome")
    }
}
