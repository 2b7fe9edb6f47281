import WaypostHTTP

/// The transfer thread's work: takes submissions from the mailbox, gives each to its pool, and goes round.
final class TransferLoop: SocketSink {
    private let mailbox: Mailbox
    private let events = EventLoop()
    /// By provider instance, so as many as are configured; libcurl counts connections per multi handle.
    private var pools: [String: HTTPPool] = [:]
    private var mailPools: [String: MailPool] = [:]
    private var isStopping = false

    /// Idle, the loop still goes round this often: the heartbeat that liveness looks at.
    private static let heartbeat: Duration = .milliseconds(500)

    init(_ mailbox: Mailbox) {
        self.mailbox = mailbox
        events.watch(mailbox.wakeUp, for: EventLoop.readable, self)
    }

    func run() {
        while !isStopping {
            mailbox.lastTurn = .now
            events.turn(atMost: Self.heartbeat)
        }
        for pool in pools.values { pool.stop() }
        for pool in mailPools.values { pool.stop() }
        events.forget(mailbox.wakeUp)
    }

    func ready(_ descriptor: Int32, events _: UInt32) {
        let (submissions, isStopping) = mailbox.take()
        self.isStopping = isStopping
        for submission in submissions {
            if isStopping {
                mailbox.finish(submission, .failure(.stopped(.notSent)))
            } else {
                start(submission)
            }
        }
    }

    private func start(_ submission: Submission) {
        switch submission.request {
        case .http(let request):
            let pool = pools[submission.pool] ?? HTTPPool(events, mailbox)
            pools[submission.pool] = pool
            pool.start(request, submission)
        case .mail(let mail):
            mailPool(submission.pool).start(MailJob(mail, isProbe: false, submission))
        case .mailProbe(let mail):
            mailPool(submission.pool).start(MailJob(mail, isProbe: true, submission))
        }
    }

    private func mailPool(_ name: String) -> MailPool {
        if let pool = mailPools[name] { return pool }
        let pool = MailPool(events, mailbox)
        mailPools[name] = pool
        return pool
    }
}
