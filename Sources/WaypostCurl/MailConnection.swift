import CCurl
import Glibc
import WaypostHTTP

/// One connection to a submission server, and the mail on it.
///
/// libcurl connects: DNS, TCP, TLS, STARTTLS and AUTH. The mail itself is said by `MailDialogue` over libcurl's socket,
/// for libcurl's own way with mail blocks its thread from the final dot to the server's verdict (`smtp_done` in 7.88, and
/// again at QUIT), and here that thread carries everybody's requests. A multi handle for each connection keeps libcurl
/// from taking one of ours, which it believes unused, for dead.
final class MailConnection: MultiHandleOwner, SocketSink {
    let endpoint: MailEndpoint
    private let loop: EventLoop
    private unowned let pool: MailPool
    private let multi: MultiHandle
    private let easy = EasyHandle()
    private var timer: LoopTimer?
    private var state = State.closed
    private var socket: Int32?
    fileprivate var greeting = MailGreeting()
    /// Told by libcurl: TCP, and TLS where it comes first, are there.
    fileprivate var isConnected = false
    /// A mail was begun here and not ended.
    private var isUnclean = false
    /// More replies came than commands were given; such a connection carries no second mail.
    private var speaksUnasked = false
    private var replies = MailReplyReader()
    private var outgoing = Outgoing()

    private enum State {
        case connecting(MailJob)
        case talking(MailJob, MailDialogue, Progress)
        case idle
        case closed
    }

    /// What decides the departure of a mail whose dialogue breaks off.
    private struct Progress {
        var isFirstMail: Bool
        var heardAnything = false
        var contentStarted = false
        /// The end mark was taken by the kernel: from here on the server may have accepted.
        var contentLeft = false
    }

    /// Bytes to say. The array stays as it is until all are taken: OpenSSL wants a repeated write from the same place.
    private struct Outgoing {
        var bytes: [UInt8] = []
        var taken = 0
        var isEmpty: Bool { taken == bytes.count }
    }

    /// Kept idle for less than the servers' usual five minutes (RFC 5321 section 4.5.3.2.7).
    private static let maxIdle: Duration = .seconds(60)

    init(_ endpoint: MailEndpoint, _ loop: EventLoop, _ pool: MailPool) {
        self.endpoint = endpoint
        self.loop = loop
        self.pool = pool
        multi = MultiHandle(loop)
        multi.owner = self
        timer = LoopTimer(loop) { [weak self] in self?.timeIsUp() }
    }

    // MARK: Connecting

    func open(for job: MailJob) {
        let settings = job.submission.settings
        state = .connecting(job)
        easy.setCommon(caFile: endpoint.caFile)
        easy.set(CURLOPT_URL, url)
        easy.set(CURLOPT_CONNECT_ONLY, 1)
        easy.set(CURLOPT_USE_SSL, Int((endpoint.security == .plain ? CURLUSESSL_NONE : CURLUSESSL_ALL).rawValue))
        if let user = endpoint.user { easy.set(CURLOPT_USERNAME, user) }
        if let password = endpoint.password { easy.set(CURLOPT_PASSWORD, password) }
        // libcurl counts greeting and AUTH as connecting; servers that greet late on purpose are many, so the short
        // time-out is ours, and ends with the TCP connection.
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, settings.timeout)
        easy.set(CURLOPT_TIMEOUT_MS, settings.timeout)
        followGreeting()
        deadline = .now + settings.timeout
        timer?.dueAt = .now + min(settings.connectTimeout, settings.timeout)
        guard easy.refusal == CURLE_OK, multi.add(easy) else {
            return fail(.notSent, "libcurl refused the connection: \(easy.refusal.words)")
        }
    }

    private var deadline = ContinuousClock.now

    /// The path is the name we say EHLO with.
    private var url: String {
        let host = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
        return "\(endpoint.security == .implicitTLS ? "smtps" : "smtp")://\(host):\(endpoint.port)/\(Self.ownName)"
    }

    private static let ownName: String = {
        var name = [CChar](repeating: 0, count: 256)
        let status = gethostname(&name, 255)
        let bytes = name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        let isPlain = bytes.allSatisfy { "-.".utf8.contains($0) || Character(UnicodeScalar($0)).isHostLetter }
        return status == 0 && isPlain && !bytes.isEmpty ? String(decoding: bytes, as: UTF8.self) : "localhost"
    }()

    private func followGreeting() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        easy.set(CURLOPT_HEADERFUNCTION, write: receiveLine)
        easy.set(CURLOPT_HEADERDATA, pointer: me)
        easy.set(CURLOPT_VERBOSE, 1)
        easy.set(debug: follow)
        easy.set(CURLOPT_DEBUGDATA, pointer: me)
    }

    func ended(_: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard case .connecting(let job) = state else { return }
        if let refusal = greeting.refusal(code, wantsAuthentication: endpoint.user != nil) {
            return end(job, .success(.mail(refusal)), keeping: false)
        }
        guard code == CURLE_OK, let socket = easy.socket else {
            let facts = TransferFacts(
                code: code, peer: endpoint.peer, settings: job.submission.settings, requestStarted: false,
                systemError: Int32(easy.integer(CURLINFO_OS_ERRNO)), text: easy.errorText)
            return end(job, .failure(facts.error), keeping: false)
        }
        easy.set(CURLOPT_VERBOSE, 0)
        self.socket = socket
        loop.watch(socket, for: EventLoop.readable, self)
        if job.isProbe {
            end(job, .success(.mail(greeting.ready)), keeping: false)
        } else {
            talk(job, isFirstMail: true)
        }
    }

    // MARK: Talking

    /// Another mail on a connection that has carried one.
    func carry(_ job: MailJob) {
        deadline = .now + job.submission.settings.timeout
        talk(job, isFirstMail: false)
    }

    private func talk(_ job: MailJob, isFirstMail: Bool) {
        timer?.dueAt = deadline
        var dialogue = MailDialogue(job.mail, extensions: greeting.extensions)
        let step = dialogue.begin(afterAnother: isUnclean)
        state = .talking(job, dialogue, Progress(isFirstMail: isFirstMail))
        take(step)
    }

    private func take(_ step: MailDialogue.Step) {
        guard case .talking(let job, let dialogue, var progress) = state else { return }
        switch step {
        case .say(let line): say(Array("\(line)\r\n".utf8))
        case .content:
            progress.contentStarted = true
            state = .talking(job, dialogue, progress)
            say(job.mail.transparentMessage)
        case .end(let reply):
            isUnclean = dialogue.leavesUnclean(isUnclean)
            end(job, .success(.mail(reply)), keeping: reply.last.code != 421 && !speaksUnasked)
        }
    }

    private func say(_ bytes: [UInt8]) {
        outgoing = Outgoing(bytes: bytes)
        flush()
    }

    private func flush() {
        guard let socket, !outgoing.isEmpty else { return }
        while !outgoing.isEmpty {
            var count = 0
            let code = outgoing.bytes.withUnsafeBytes { bytes in
                curl_easy_send(
                    easy.raw, bytes.baseAddress.map { $0 + outgoing.taken }, bytes.count - outgoing.taken, &count)
            }
            guard code == CURLE_OK else {
                if code == CURLE_AGAIN { break }
                return lose()
            }
            outgoing.taken += count
        }
        loop.watch(socket, for: EventLoop.readable | (outgoing.isEmpty ? 0 : EventLoop.writable), self)
        if outgoing.isEmpty, case .talking(let job, let dialogue, var progress) = state, progress.contentStarted {
            progress.contentLeft = true
            state = .talking(job, dialogue, progress)
        }
    }

    func ready(_: Int32, events _: UInt32) {
        flush()
        let size = 4096
        var buffer = [UInt8](repeating: 0, count: size)
        // As long as there is something: TLS may hold more than the socket shows.
        while socket != nil {
            var count = 0
            switch curl_easy_recv(easy.raw, &buffer, size, &count) {
            case CURLE_OK where count > 0: hear(buffer[..<count])
            case CURLE_AGAIN: return
            default: return lose()
            }
        }
    }

    private func hear(_ bytes: ArraySlice<UInt8>) {
        guard case .talking = state else { return giveUp() }  // idle, the server speaks only to say 421
        guard let heard = try? replies.feed(bytes) else { return lose("the server does not speak SMTP") }
        speaksUnasked = speaksUnasked || heard.count > 1
        for reply in heard {
            guard case .talking(let job, var dialogue, var progress) = state else { return }
            if reply.line.code == 421, isStale(progress) { return retry(job) }
            progress.heardAnything = true
            let step = dialogue.heard(reply.line)
            state = .talking(job, dialogue, progress)
            take(step)
        }
    }

    // MARK: Ending

    private func timeIsUp() {
        switch state {
        case .connecting where isConnected && .now < deadline: timer?.dueAt = deadline
        case .connecting(let job):
            let settings = job.submission.settings
            let detail =
                isConnected
                ? "\(endpoint.peer) was not ready for mail within \(settings.timeout.brief)"
                : "no connection to \(endpoint.peer) within \(min(settings.connectTimeout, settings.timeout).brief)"
            fail(.notSent, timedOut: true, detail)
        case .talking(let job, _, let progress):
            let left = progress.contentLeft ? ", the mail had left" : ""
            fail(
                departure(progress), timedOut: true,
                "no answer from \(endpoint.peer) within \(job.submission.settings.timeout.brief)\(left)")
        case .idle: giveUp()
        case .closed: break
        }
    }

    /// The connection broke.
    private func lose(_ detail: String? = nil) {
        guard case .talking(let job, _, let progress) = state else { return giveUp() }
        if isStale(progress) { return retry(job) }
        fail(departure(progress), detail ?? "the connection to \(endpoint.peer) broke during the mail dialogue")
    }

    /// A kept connection that the server has given up, found out before it said a word about this mail.
    private func isStale(_ progress: Progress) -> Bool { !progress.isFirstMail && !progress.heardAnything }

    private func retry(_ job: MailJob) {
        state = .closed
        shut()
        var job = job
        job.mayReuse = false
        pool.forget(self, startingFirst: job)
    }

    private func departure(_ progress: Progress) -> TransportError.Departure {
        progress.contentLeft ? .mayHaveArrived : .notSent
    }

    private func fail(_ departure: TransportError.Departure, timedOut: Bool = false, _ detail: String) {
        guard let job else { return giveUp() }
        let error = TransportError(departure: departure, timedOut: timedOut, detail: detail)
        end(job, .failure(error), keeping: false)
    }

    private var job: MailJob? {
        switch state {
        case .connecting(let job), .talking(let job, _, _): job
        case .idle, .closed: nil
        }
    }

    private func end(_ job: MailJob, _ result: Result<TransportReply, TransportError>, keeping: Bool) {
        if keeping {
            state = .idle
            timer?.dueAt = .now + Self.maxIdle
            pool.keep(self)
        } else {
            state = .closed
            shut()
            pool.forget(self)
        }
        pool.finish(job, result)
    }

    /// Closes an idle connection; the pool has forgotten it.
    func close() {
        guard case .idle = state else { return }
        state = .closed
        shut()
    }

    private func giveUp() {
        close()
        pool.forget(self)
    }

    func stop() {
        guard let job else { return close() }
        var departure = TransportError.Departure.notSent
        if case .talking(_, _, let progress) = state { departure = self.departure(progress) }
        end(job, .failure(.stopped(departure)), keeping: false)
    }

    private func shut() {
        timer?.dueAt = nil
        if let socket {
            // A last word as RFC 5321 section 4.1.1.10 asks, if it can be said at once and between replies.
            if outgoing.isEmpty {
                var count = 0
                _ = "QUIT\r\n".utf8.withContiguousStorageIfAvailable {
                    curl_easy_send(easy.raw, $0.baseAddress, 6, &count)
                }
            }
            loop.forget(socket)
        }
        socket = nil
        multi.remove(easy)  // closes the connection
    }
}

private func connection(_ pointer: UnsafeMutableRawPointer) -> MailConnection {
    Unmanaged<MailConnection>.fromOpaque(pointer).takeUnretainedValue()
}

private func receiveLine(
    buffer: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    connection(context).greeting.heard(UnsafeRawBufferPointer(start: buffer, count: size * count))
    return size * count
}

private func follow(
    _: UnsafeMutableRawPointer?, kind: curl_infotype, text: UnsafeMutablePointer<CChar>?, count: Int,
    context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: text, count: count)
    if kind == CURLINFO_HEADER_OUT {
        connection(context).greeting.said(line)
    } else if kind == CURLINFO_TEXT, line.starts(with: "Connected to ") {
        connection(context).isConnected = true
    }
    return 0
}

extension Character {
    fileprivate var isHostLetter: Bool { isASCII && (isLetter || isNumber) }
}
