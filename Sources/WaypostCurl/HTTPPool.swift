import CCurl
import DequeModule
import WaypostHTTP

/// The HTTP transfers of one provider instance, with connections and caps of their own.
final class HTTPPool: MultiHandleOwner {
    private let loop: EventLoop
    private let mailbox: Mailbox
    private var multi: MultiHandle
    /// Handles whose connections are to be used no more, until their last transfer has ended. Let go of outside of their
    /// callbacks alone.
    private var retiring: [MultiHandle] = []
    private var underWay: [UnsafeMutableRawPointer: UnderWay] = [:]
    /// Handles to use again: creating one costs more than setting it back. At most `maxSpare` are kept.
    private var spare: [EasyHandle] = []
    private static let maxSpare = 64
    private var caps: Caps?
    /// Those of this handle's connections: another handle numbers others.
    private var goAways = GoAways()
    /// What waits for a stream, where connections are shared; bounded by the callers' `max_in_flight`.
    private var queue: Deque<Waiting> = []
    private var budget: StreamBudget?
    /// Connections that libcurl was told.
    private var allowed = 0
    private var renewedAt: ContinuousClock.Instant?
    /// When shortage of streams was last looked for, and how long one has lasted to count.
    private var lookedAt = ContinuousClock.now
    private static let shortage: Duration = .milliseconds(20)
    /// When the last transfer ended.
    private var endedAt = ContinuousClock.now
    /// Idle for longer, connections are not taken for granted.
    private static let nap: Duration = .seconds(10)
    /// Transfers begun on the connections of today, and how many there may be before others take their place.
    ///
    /// libcurl 7.88 ends most streams with a needless RST_STREAM after the answer (`http2_handle_stream_close` forgets that
    /// the stream is closed). Servers on libnghttp2 that guard against a flood of them (CVE-2023-44487) bear 1,000, then
    /// hang up on all that is under way. A peer that has done so once gets new connections before it does so again.
    private var begun = 0
    private var mostBegun = Int.max
    private static let mostResets = 900
    /// The peer speaks no HTTP/2 after all: a connection carries one transfer.
    private var isOfOldHTTP = false

    private struct Caps: Equatable { let connections: Int, streams: Int, isShared: Bool }

    private struct UnderWay {
        let transfer: HTTPTransfer
        let submission: Submission
        let multi: MultiHandle
        let since: ContinuousClock.Instant
    }

    private struct Waiting {
        let request: HTTPRequest
        let submission: Submission
        let since: ContinuousClock.Instant
    }

    init(_ loop: EventLoop, _ mailbox: Mailbox) {
        self.loop = loop
        self.mailbox = mailbox
        multi = MultiHandle(loop)
        prepare(multi)
    }

    private func prepare(_ multi: MultiHandle) {
        multi.owner = self
        multi.set(CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        if let caps { set(caps, on: multi) }
    }

    func start(_ request: HTTPRequest, _ submission: Submission) {
        if let fault = request.fault {
            return mailbox.finish(submission, .failure(TransportError(departure: .notSent, detail: fault)))
        }
        let settings = submission.settings
        apply(
            Caps(
                connections: settings.maxConnections, streams: settings.maxStreams,
                isShared: settings.sharesConnections && request.isSecureTarget && !isOfOldHTTP))
        if request.onNewConnection { renewConnections() }
        guard budget != nil else { return begin(request, submission) }
        if begun >= mostBegun { renewConnections() }
        let now = ContinuousClock.now
        if underWay.isEmpty, queue.isEmpty, now - endedAt > Self.nap { budget?.doze() }
        queue.append(Waiting(request: request, submission: submission, since: now))
        beginWaiting()
    }

    private func begin(_ request: HTTPRequest, _ submission: Submission) {
        begun += 1
        let easy = spare.popLast() ?? EasyHandle()
        let handle = ObjectIdentifier(multi)
        let transfer = HTTPTransfer(request, submission.settings, easy, goAways) { [unowned self] news in
            if ObjectIdentifier(multi) == handle { hear(news) }
        }
        guard easy.refusal == CURLE_OK, multi.add(easy) else {
            let detail = "libcurl refused the request: \(easy.refusal.words)"
            return mailbox.finish(submission, .failure(TransportError(departure: .notSent, detail: detail)))
        }
        underWay[easy.raw] = UnderWay(transfer: transfer, submission: submission, multi: multi, since: .now)
    }

    /// A reload may change them; they count from the next connection on.
    private func apply(_ caps: Caps) {
        guard caps != self.caps else { return }
        self.caps = caps
        budget = caps.isShared ? StreamBudget(maxConnections: caps.connections, maxStreams: caps.streams) : nil
        set(caps, on: multi)
    }

    private func set(_ caps: Caps, on multi: MultiHandle) {
        allowed = budget?.connections ?? caps.connections
        multi.set(CURLMOPT_MAX_HOST_CONNECTIONS, allowed)
        multi.set(CURLMOPT_MAX_CONCURRENT_STREAMS, caps.streams)
        multi.set(CURLMOPT_MAXCONNECTS, caps.connections + 8)  // a pool may speak to a second host, for its tokens
    }

    // MARK: Shared connections

    /// Begins what waits, as far as the peer takes more streams.
    private func beginWaiting() {
        guard let budget else { return }
        let elsewhere = retiring.isEmpty ? 0 : underWay.values.count { $0.multi !== multi }
        while !queue.isEmpty, budget.admits(underWay: underWay.count - elsewhere) {
            let next = queue.removeFirst()
            begin(next.request, next.submission)
        }
    }

    /// Looks now and then whether transfers wait inside libcurl for a stream that no connection has.
    private func growWhereNeeded(at now: ContinuousClock.Instant) {
        guard now - lookedAt > Self.shortage else { return }
        lookedAt = now
        let mine = underWay.values.filter { $0.multi === multi }
        guard mine.contains(where: { !$0.transfer.hasStream && now - $0.since > Self.shortage }) else { return }
        _ = budget?.noteShortage(streams: mine.count { $0.transfer.hasStream })
    }

    private func shareNoMore() {
        isOfOldHTTP = true
        budget = nil
        if let caps { set(caps, on: multi) }
        let all = queue
        queue = []
        for waiting in all { begin(waiting.request, waiting.submission) }
    }

    /// Runs inside libcurl's callbacks: it only notes.
    private func hear(_ news: HTTP2Notes.News) {
        switch news {
        case .goAway(let goAway):
            if goAway.isReproach { mostBegun = Self.mostResets }
            retire(goAway.connection)
        case .closed(let connection): budget?.forget(connection)
        }
    }

    private func retire(_ connection: Int) {
        let left = underWay.values.count { $0.multi === multi && $0.transfer.connection == connection }
        budget?.retire(connection, underWay: left)
    }

    /// What waited for a connection that did not come about shares its fate, and so does what has waited too long.
    private func expireWaiting(after error: TransportError?) {
        let now = ContinuousClock.now
        endedAt = now
        let isHopeless = error?.departure == .notSent && underWay.isEmpty
        // The first has waited longest.
        guard let first = queue.first, isHopeless || now - first.since >= first.submission.settings.timeout else {
            return
        }
        let expired = queue.filter { isHopeless || now - $0.since >= $0.submission.settings.timeout }
        queue.removeAll { isHopeless || now - $0.since >= $0.submission.settings.timeout }
        for waiting in expired {
            let fate = TransportError(departure: .notSent, timedOut: true, detail: "no stream became free in time")
            mailbox.finish(waiting.submission, .failure(isHopeless ? error ?? fate : fate))
        }
    }

    /// The next transfers go on new connections; those under way end where they are. Not more than once a second: whoever
    /// asks a moment later finds new ones.
    private func renewConnections() {
        let now = ContinuousClock.now
        if let renewedAt, now - renewedAt < .seconds(1), begun < mostBegun { return }
        renewedAt = now
        begun = 0
        retiring.removeAll { old in !underWay.values.contains { $0.multi === old } }
        retiring.append(multi)
        multi = MultiHandle(loop)
        goAways = GoAways()
        budget?.forgetAll()
        prepare(multi)
    }

    // MARK: Ends

    func ended(_ easy: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard let ended = underWay.removeValue(forKey: easy) else { return }
        let result = ended.transfer.result(of: code)
        let connection = ended.transfer.connection
        let isHTTP2 = ended.transfer.easy.integer(CURLINFO_HTTP_VERSION) >= CURL_HTTP_VERSION_2_0
        retire(ended.transfer.easy, of: ended.multi)
        if budget != nil {
            var error: TransportError?
            switch result {
            case .success:
                if !isHTTP2 {
                    shareNoMore()
                } else if let connection, ended.multi === multi {  // another handle numbers other connections
                    budget?.noteAnswer(on: connection)
                }
            case .failure(let failure):
                error = failure
                // libcurl puts nothing more on a connection that has refused a stream.
                if let connection, failure.departure == .refusedUnprocessed, ended.multi === multi {
                    retire(connection)
                }
            }
            if let connection, ended.multi === multi { budget?.noteEnd(on: connection) }
            expireWaiting(after: error)
            growWhereNeeded(at: endedAt)
            // Not where it was noted: inside a callback libcurl takes no settings.
            if let caps, budget?.connections != allowed { set(caps, on: multi) }
            beginWaiting()
        }
        mailbox.finish(ended.submission, result)
    }

    private func retire(_ easy: EasyHandle, of multi: MultiHandle) {
        multi.remove(easy)
        guard spare.count < Self.maxSpare else { return }
        easy.reset()
        spare.append(easy)
    }

    func stop() {
        for ended in underWay.values {
            let departure = ended.transfer.departure
            ended.multi.remove(ended.transfer.easy)
            mailbox.finish(ended.submission, .failure(.stopped(departure)))
        }
        underWay = [:]
        for waiting in queue { mailbox.finish(waiting.submission, .failure(.stopped(.notSent))) }
        queue = []
    }
}
