/// One SMTP client: the session decides, faults strike between command and reply, the journal hears of every mail.
struct SMTPConnection {
    private let socket: Socket
    private let settings: Sandbox.Settings.SMTP
    private let tls: TLSContext
    private let faults: FaultBoard
    private let journal: Journal
    private let ids: SMTPStandIn
    private var channel: any ByteChannel
    private var lines: SMTPLines
    private var session: SMTPSession
    /// Replies that a pipelining client does not wait for yet.
    private var held: [UInt8] = []
    private var lastCode = 0

    /// `secure`: TLS from the first byte. nil when the handshake fails.
    init?(_ socket: Socket, of standIn: SMTPStandIn, secure: Bool) {
        self.socket = socket
        settings = standIn.settings
        tls = standIn.tls
        faults = standIn.faults
        journal = standIn.journal
        ids = standIn
        channel = socket
        if secure {
            guard let secured = TLSChannel(socket, standIn.tls) else { return nil }
            channel = secured
        }
        lines = SMTPLines(channel)
        session = SMTPSession(settings, isSecure: secure)
    }

    /// Returns when the connection has ended.
    mutating func serve() {
        converse()
        socket.close()
        abandonTransaction()
        (channel as? TLSChannel)?.release()
    }

    private mutating func converse() {
        guard greet() else { return }
        while true {
            if lines.isEmpty, !flush() { return }
            switch lines.line() {
            case .ended: return
            case .malformed:
                _ = send(SMTPReply(500, "5.5.2 a line is at most 12288 bytes and ends with CR LF")) && flush()
                return
            case .text(let line): guard take(line) else { return }
            }
        }
    }

    private mutating func greet() -> Bool {
        switch strike(.greeting) {
        case .unharmed: return send(SMTPReply(220, "waypost-sandbox ESMTP"))
        case .ended: return false
        case .answered:
            _ = flush()  // whatever it was, it was no greeting
            return false
        }
    }

    /// False when the conversation is over.
    private mutating func take(_ line: [UInt8]) -> Bool {
        if session.awaitsCommand, let stage = SMTPCommand.stage(of: line) {
            switch strike(stage) {
            case .ended: return false
            case .answered(let fault): return refused(stage, by: fault)
            case .unharmed: break
            }
        }
        let before = session.transaction
        let step = session.receive(line)
        if before != nil, session.transaction == nil { record(before, isTaken: false, answer: lastCode) }
        if SMTPCommand.stage(of: line) == .mail, before == nil, session.transaction == nil {
            record(nil, isTaken: false, answer: step.reply.code)
        }
        guard send(step.reply) else { return false }
        switch step {
        case .reply: return true
        case .quit:
            _ = flush()
            (channel as? TLSChannel)?.finish()
            return false
        case .startTLS:
            guard flush(), let secured = TLSChannel(socket, tls) else { return false }
            channel = secured
            lines.switch(to: secured)
            session.tlsStarted()
            return true
        case .readData: return flush() ? readMail() : false
        }
    }

    /// Reads the mail and answers the dot. False when the conversation is over.
    private mutating func readMail() -> Bool {
        guard let mail = lines.mail(atMost: settings.maximumSize) else { return false }
        let transaction = session.transaction
        session.endTransaction()
        let active = faults.strike(Occasion(provider: .smtp, stage: .dot))
        let headers = MailHeaders(mail.bytes)
        let id = ids.nextID()
        var reply = mail.refusal ?? SMTPReply(250, "2.0.0 Ok: queued as \(id)")
        if mail.refusal == nil, headers == nil {
            reply = SMTPReply(550, "5.6.0 a header, an empty line and a body are wanted")
        }
        var plan = SMTPPlan(reply: reply, isTaken: reply.code == 250)
        if let active { plan.apply(active.fault) }
        let receipt = journal.record(
            .init(
                provider: .smtp, operation: "mail", connection: socket.number, isTaken: plan.isTaken,
                fault: active?.id, reference: plan.isTaken ? id : nil,
                takes: [Take(headers, recipients: transaction?.recipients ?? [])]))
        if plan.pause > .zero, !socket.pause(plan.pause) { return false }
        if let reply = plan.reply {
            journal.answer(reply.code, to: receipt)
            guard send(reply), flush() else {
                journal.answer(nil, to: receipt)
                return false
            }
        } else if !plan.bytes.isEmpty {
            _ = channel.write(plan.bytes)
        }
        return end(plan.ending)
    }

    private enum Strike {
        case unharmed, ended
        case answered(ActiveFault)
    }

    /// Asks whether a fault strikes at that command, and does what it wants.
    private mutating func strike(_ stage: Fault.Stage) -> Strike {
        guard let active = faults.strike(Occasion(provider: .smtp, stage: stage)) else { return .unharmed }
        var plan = SMTPPlan(reply: nil, isTaken: false)
        plan.apply(active.fault)
        if plan.pause > .zero {
            guard flush(), socket.pause(plan.pause) else { return .ended }
        }
        if case .delay = active.fault.effect { return .unharmed }
        guard let reply = plan.reply else {
            _ = flush()
            if stage == .mail { record(nil, isTaken: false, answer: nil, fault: active.id) }
            _ = end(plan.ending)
            return .ended
        }
        _ = send(reply)
        return .answered(active)
    }

    /// A fault has answered for the session. False after 421, which says that the server closes.
    private mutating func refused(_ stage: Fault.Stage, by active: ActiveFault) -> Bool {
        if stage == .mail { record(nil, isTaken: false, answer: lastCode, fault: active.id) }
        guard lastCode == 421 else { return true }
        _ = flush()
        return false
    }

    private mutating func abandonTransaction() {
        guard let transaction = session.transaction else { return }
        record(transaction, isTaken: false, answer: nil)
    }

    private func record(_ transaction: SMTPSession.Transaction?, isTaken: Bool, answer: Int?, fault: Int? = nil) {
        let takes = transaction.map { [Take(nil, recipients: $0.recipients)] } ?? []
        let receipt = journal.record(
            .init(
                provider: .smtp, operation: "mail", connection: socket.number, isTaken: isTaken, fault: fault,
                takes: takes))
        if let answer { journal.answer(answer, to: receipt) }
    }

    /// Holds the reply back until the client waits for it.
    private mutating func send(_ reply: SMTPReply) -> Bool {
        lastCode = reply.code
        held += reply.bytes
        return held.count < 65_536 || flush()
    }

    private mutating func flush() -> Bool {
        defer { held.removeAll(keepingCapacity: true) }
        return held.isEmpty || channel.write(held)
    }

    /// False when the connection has ended.
    private func end(_ ending: Ending) -> Bool {
        switch ending {
        case .keep: return true
        case .close, .finish: socket.close()
        case .reset: socket.reset()
        case .hang: _ = socket.pause(nil)
        case .closeIdle(let after):
            _ = socket.pause(after)
            socket.close()
        case .resetStream, .goAway: socket.close()
        }
        return false
    }
}

extension Take {
    /// The ids that the product puts into a mail: X-Waypost-Id, and the attempt in its own field or in Message-ID.
    fileprivate init(_ headers: MailHeaders?, recipients: [String]) {
        let messageID = headers?["Message-ID"]?.split(separator: "@").first?.split(separator: ".").dropFirst().first
        self.init(
            message: headers?["X-Waypost-Id"], attempt: headers?["X-Waypost-Attempt"] ?? messageID.map(String.init),
            recipients: recipients)
    }
}
