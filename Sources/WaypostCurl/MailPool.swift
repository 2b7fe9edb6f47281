import WaypostHTTP

/// A mail, or a health check, on its way through a pool.
struct MailJob {
    let mail: MailSubmission
    let isProbe: Bool
    let submission: Submission
    /// False once a kept connection proved dead: the next try is on a new one, and the last.
    var mayReuse: Bool

    init(_ mail: MailSubmission, isProbe: Bool, _ submission: Submission) {
        self.mail = mail
        self.isProbe = isProbe
        self.submission = submission
        mayReuse = !isProbe  // a check that proves the door opens has to knock
    }

    var endpoint: MailEndpoint { MailEndpoint(mail, caFile: submission.settings.caFile) }
}

/// What two mails must have in common to share a connection.
struct MailEndpoint: Equatable {
    let host: String
    let port: Int
    let security: MailSubmission.Security
    let user: String?
    let password: String?
    let caFile: String?

    init(_ mail: MailSubmission, caFile: String?) {
        host = mail.host
        port = mail.port
        security = mail.security
        user = mail.user
        password = mail.password
        self.caFile = caFile
    }

    /// Without credentials.
    var peer: String { "\(host):\(port)" }
}

/// The mails of one provider instance: connections up to `maxConnections`, kept for the next mail; what finds none free
/// waits here in order, bounded by the callers' `max_in_flight`, its time-out not yet running.
final class MailPool {
    private let loop: EventLoop
    private let mailbox: Mailbox
    private var busy: [ObjectIdentifier: MailConnection] = [:]
    private var idle: [MailConnection] = []
    private var waiting: [MailJob] = []
    private var isStopping = false

    init(_ loop: EventLoop, _ mailbox: Mailbox) {
        self.loop = loop
        self.mailbox = mailbox
    }

    func start(_ job: MailJob) {
        if let fault = job.mail.fault {
            return finish(job, .failure(TransportError(departure: .notSent, detail: fault)))
        }
        if job.mayReuse, let index = idle.lastIndex(where: { $0.endpoint == job.endpoint }) {
            let connection = idle.remove(at: index)
            busy[ObjectIdentifier(connection)] = connection
            return connection.carry(job)
        }
        guard busy.count < max(1, job.submission.settings.maxConnections) else { return waiting.append(job) }
        if busy.count + idle.count >= job.submission.settings.maxConnections { closeOldest() }
        let connection = MailConnection(job.endpoint, loop, self)
        busy[ObjectIdentifier(connection)] = connection
        connection.open(for: job)
    }

    private func closeOldest() {
        guard !idle.isEmpty else { return }
        idle.removeFirst().close()
    }

    func finish(_ job: MailJob, _ result: Result<TransportReply, TransportError>) {
        mailbox.finish(job.submission, result)
    }

    /// The connection has done its job and can carry another.
    func keep(_ connection: MailConnection) {
        busy[ObjectIdentifier(connection)] = nil
        idle.append(connection)
        startNext()
    }

    /// The connection is closed. `job` was its, could not begin, and is served before those that wait.
    func forget(_ connection: MailConnection, startingFirst job: MailJob? = nil) {
        busy[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        if let job { start(job) } else { startNext() }
    }

    private func startNext() {
        guard !isStopping, !waiting.isEmpty else { return }
        start(waiting.removeFirst())
    }

    func stop() {
        isStopping = true
        for connection in Array(busy.values) { connection.stop() }
        for connection in idle { connection.close() }
        for job in waiting { finish(job, .failure(.stopped(.notSent))) }
        waiting = []
    }
}
