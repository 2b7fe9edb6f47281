import WaypostHTTP

/// One client's HTTP/2 connection: waits for bytes and for what is due, does what the service decides stream by stream,
/// and sends all the answers of one round together. For one thread; a delayed answer holds up no other stream.
final class HTTP2Connection {
    private enum Action {
        case answer(HTTP2Stream, Conclusion)
        case end(Ending, HTTP2Stream?)
    }

    /// Answers leave in portions of about so many bytes.
    private static let portion = 65_536

    private let socket: Socket
    private let channel: TLSChannel
    private let service: ProviderService
    private let standIn: any HTTP2StandIn
    private let session: HTTP2Session
    private var memory = ConnectionMemory()
    private var timers = Timers<Action>()
    private var incoming = [UInt8](repeating: 0, count: 16_384)
    private var outgoing: [UInt8] = []
    /// Answers that the journal knows and that are not on the wire yet.
    private var unsent: [Conclusion] = []
    /// The connection is to end so, once all answers have left.
    private var ending: Ending?
    /// Nothing more is read: the end is near, and the client does not know.
    private var isDeaf = false
    /// Streams from this one on are not looked at.
    private var ignoredFrom = Int32.max

    init?(_ socket: Socket, _ channel: TLSChannel, _ standIn: any HTTP2StandIn, _ service: ProviderService) {
        guard let session = HTTP2Session(standIn.streams) else { return nil }
        self.socket = socket
        self.channel = channel
        self.standIn = standIn
        self.service = service
        self.session = session
        outgoing.reserveCapacity(Self.portion + 16_384)
    }

    /// Returns when the connection has ended.
    func serve() {
        switch converse() {
        case .reset: socket.reset()
        case .finish: socket.closeAfterAnswer()
        default: socket.close()
        }
    }

    private func converse() -> Ending {
        while true {
            guard flush() else { return .close }
            if let ending { return ending }
            guard session.isAlive else { return .finish }
            let isReady = isDeaf ? waitDeaf() : socket.wait(until: timers.next)
            if isReady {
                guard !isDeaf, takeIn() else { return .close }
            }
            let now = ContinuousClock.now
            while ending == nil, let action = timers.take(dueAt: now) { perform(action) }
        }
    }

    /// True when the client left.
    private func waitDeaf() -> Bool { !socket.pause(timers.next.map { $0 - ContinuousClock.now }) }

    /// Reads all that has come, and does what it asks for. False at the end of the stream.
    private func takeIn() -> Bool {
        guard channel.receive() else { return false }
        while true {
            let isHTTP2: Bool? = incoming.withUnsafeMutableBytes { buffer in
                switch channel.readReceived(into: buffer) {
                case nil: false
                case 0: nil
                case .some(let count): session.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            }
            for event in session.events where ending == nil && !isDeaf { take(event) }
            session.events.removeAll(keepingCapacity: true)
            guard let isHTTP2 else { return true }
            guard isHTTP2 else {
                _ = flush()  // libnghttp2 may have a GOAWAY to say why
                return false
            }
        }
    }

    private func take(_ event: HTTP2Session.Event) {
        switch event {
        case .refused(let isViolation): service.journal.refuseStream(at: standIn.provider, isViolation: isViolation)
        case .began(let stream): begin(stream)
        case .whole(let stream): conclude(stream)
        }
    }

    private func begin(_ stream: HTTP2Stream) {
        guard stream.id < ignoredFrom else { return stream.isAbandoned = true }
        let place = Journal.Place(connection: socket.number, stream: stream)
        switch service.begin(stream.request.method, stream.request.path, at: place) {
        case .readOn(let fault):
            stream.fault = fault
            if case .limitStreams(let streams)? = fault?.fault.effect { session.lowerLimit(to: streams) }
        case .stop(let ending, let delay, _):
            stream.isAbandoned = true
            if delay > .zero {
                timers.add(.end(ending, stream), at: .now + delay)
            } else {
                end(ending, stream)
            }
        }
    }

    private func conclude(_ stream: HTTP2Stream) {
        guard !stream.isAbandoned, stream.id < ignoredFrom else { return }
        let place = Journal.Place(connection: socket.number, stream: stream)
        let conclusion = service.conclude(stream.request, under: stream.fault, at: place) { operation, wall in
            standIn.verdict(on: stream.request, asking: operation, at: wall, after: &memory)
        }
        if conclusion.pause > .zero {
            timers.add(.answer(stream, conclusion), at: .now + conclusion.pause)
        } else {
            answer(stream, conclusion)
        }
    }

    private func perform(_ action: Action) {
        switch action {
        case .answer(let stream, let conclusion): answer(stream, conclusion)
        case .end(let ending, let stream): end(ending, stream)
        }
    }

    /// Nothing happens when the client has given the stream up meanwhile.
    private func answer(_ stream: HTTP2Stream, _ conclusion: Conclusion) {
        guard session.isOpen(stream) else { return }
        service.answering(conclusion)
        switch conclusion.answer {
        case .none: break
        case .whole(let response): session.answer(stream, response)
        case .truncated(let response):
            session.answer(stream, response, announcing: response.body.count + 1_024)
        case .bytes(let garbage):
            _ = flush() && channel.write(garbage)
        }
        if conclusion.receipt != nil { unsent.append(conclusion) }
        end(conclusion.ending, stream)
    }

    private func end(_ ending: Ending, _ stream: HTTP2Stream?) {
        switch ending {
        case .keep, .hang: break
        case .close, .finish, .reset: self.ending = ending
        case .closeIdle(let after):
            isDeaf = true
            timers.add(.end(.close, nil), at: .now + after)
        case .resetStream(let code):
            if let stream { session.reset(stream, code) }
        case .goAway(let debug, let isLastDone):
            // One that comes late cannot take back what has been looked at meanwhile.
            let last = isLastDone ? session.lastStream : max(0, (stream?.id ?? 1) - 2)
            ignoredFrom = min(ignoredFrom, last + 1)
            session.goAway(last: last, debug: Array(debug.utf8))
        }
    }

    /// Sends what there is to send; false when the connection is no longer there.
    private func flush() -> Bool {
        while true {
            session.send(into: &outgoing, atMost: Self.portion)
            guard !outgoing.isEmpty else { break }
            guard channel.write(outgoing) else {
                for conclusion in unsent { service.couldNotAnswer(conclusion) }
                return false
            }
            outgoing.removeAll(keepingCapacity: true)
        }
        unsent.removeAll(keepingCapacity: true)
        return true
    }
}
