import CMicrohttpd
import Glibc
import Synchronization
import WaypostHTTP

/// One client's socket: gathers its requests one after the other and carries the answers back.
///
/// `@unchecked Sendable` holds because the plain variables are touched only by the libmicrohttpd worker that owns the
/// connection; all that other threads reach lies in `state`.
final class Connection: @unchecked Sendable {
    private struct State {
        var phase: Phase
        /// Ours to shut down while it stands here: libmicrohttpd closes it only after `close()` has returned.
        var socket: Int32?
        var turn = 0
    }
    private enum Stage { case head, body, answer }

    private let core: ServerCore
    private let peer: String
    private let state: Mutex<State>

    private var stage = Stage.head
    private var target: Result<String, Refusal> = .failure(.malformed("There is no request target."))
    private var method = ""
    private var headers = HTTPHeaders()
    private var body = RequestBody(limit: 0, expected: nil)
    /// Room that was taken for it, where it is over the usual size.
    private var largeBody = 0
    /// Whether the client may still be sending when we close and has an answer to read; nil: if there is unread input.
    private var lingers: Bool?

    init(core: ServerCore, socket: Int32, peer: String) {
        self.core = core
        self.peer = peer
        state = Mutex(State(phase: .receiving(until: .now + core.requestTimeout), socket: socket))
    }

    // MARK: On the worker's thread

    /// The request line has come.
    func begin(target bytes: UnsafeRawBufferPointer) {
        target = RequestTarget.read(bytes)
        state.withLock { $0.phase.begin(at: .now, limit: core.requestTimeout) }
    }

    /// One call of libmicrohttpd's handler: the first when the headers are whole, then one for each piece of body, one when
    /// all is there, and one more after a suspension.
    func advance(
        _ raw: OpaquePointer, method: UnsafePointer<CChar>, version: UnsafePointer<CChar>, piece: UnsafeRawBufferPointer
    ) -> MHD_Result {
        switch stage {
        case .head: return readHead(raw, method: String(cString: method), version: String(cString: version))
        case .body where !piece.isEmpty: return take(piece)
        case .body: return handle(raw)
        case .answer: return reply(raw)
        }
    }

    /// The exchange is over, answered or broken off.
    func end() {
        stage = .head
        headers = HTTPHeaders()
        body = RequestBody(limit: 0, expected: nil)
        giveRoom()
        state.withLock { $0.phase.end(at: .now) }
    }

    private func giveRoom() {
        if largeBody > 0 { core.bodies.give(largeBody) }
        largeBody = 0
    }

    /// The socket is about to be closed.
    func close() {
        giveRoom()
        state.withLock { state in
            defer { state.socket = nil }
            guard let socket = state.socket else { return }
            if case .cut = state.phase { return }
            if lingers ?? Self.hasUnreadInput(socket) { core.linger(socket) }
        }
    }

    private func readHead(_ raw: OpaquePointer, method: String, version: String) -> MHD_Result {
        let target: String
        switch self.target {
        case .success(let text): target = text
        case .failure(let refusal): return refuse(refusal, raw)
        }
        let head = RequestHead(of: raw)
        let limit = core.bodies.limit(for: target)
        if let refusal = head.refusal(method: method, target: target, version: version, maxBody: limit) {
            return refuse(refusal, raw)
        }
        // A chunked body does not say how long it will be, so it is let run as far as it may.
        let expected = head.contentLength ?? (head.headers["Transfer-Encoding"] == nil ? 0 : limit)
        if expected > core.bodies.usual {
            guard core.bodies.take(expected) else { return refuse(.noRoomForBody, raw) }
            largeBody = expected
        }
        self.method = method
        headers = head.headers
        body = RequestBody(limit: limit, expected: head.contentLength)
        stage = .body
        // Nothing is answered here: libmicrohttpd would close the connection after it.
        return .YES
    }

    private func take(_ piece: UnsafeRawBufferPointer) -> MHD_Result {
        if body.append(piece) { return .YES }
        lingers = false  // there is no answer that a reset could take away
        return .NO
    }

    private func refuse(_ refusal: Refusal, _ raw: OpaquePointer) -> MHD_Result {
        stage = .answer
        return send(core.refusal(refusal), raw, closing: true)
    }

    private func handle(_ raw: OpaquePointer) -> MHD_Result {
        stage = .answer
        guard state.withLock({ $0.phase.complete() }), case .success(let target) = target else { return .NO }
        if body.isTooLarge { return send(core.refusal(.bodyTooLarge), raw, closing: true) }
        var request = HTTPRequest(method: method, target: target, headers: headers, body: body.bytes)
        request.peer = peer
        request.isSecure = core.isSecure
        switch core.handler(request) {
        case .now(let response): return send(response, raw, closing: core.isDraining)
        case .later(let start): return suspend(raw, start)
        }
    }

    private func suspend(_ raw: OpaquePointer, _ start: (PendingResponse) -> Void) -> MHD_Result {
        // Under the lock, so that a stopping server either finds the suspension or is seen here: it must leave none behind.
        let turn = state.withLock { state -> Int? in
            guard core.abandoned == nil else { return nil }
            MHD_suspend_connection(raw)
            state.turn += 1
            state.phase = .awaiting(SuspendedConnection(raw: raw), turn: state.turn)
            return state.turn
        }
        guard let turn else { return send(core.abandoned ?? core.refusal(.dropped), raw, closing: true) }
        core.suspended.add(1, ordering: .relaxed)
        start(PendingResponse(connection: self, turn: turn))
        return .YES
    }

    private func reply(_ raw: OpaquePointer) -> MHD_Result {
        let response = state.withLock { state -> HTTPResponse? in
            if case .answered(let response) = state.phase { response } else { nil }
        }
        guard let response else { return .NO }
        return send(response, raw, closing: core.isDraining)
    }

    private func send(_ response: HTTPResponse, _ raw: OpaquePointer, closing: Bool) -> MHD_Result {
        if closing { lingers = true }
        state.withLock { $0.phase.send(bytes: response.body.count, at: .now, limit: core.requestTimeout) }
        return response.queue(on: raw, closing: closing)
    }

    private static func hasUnreadInput(_ socket: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    // MARK: On any thread

    /// Answers a suspension; later and stale calls do nothing.
    func answer(_ response: @autoclosure () -> HTTPResponse, turn: Int) {
        let isFirst = state.withLock { state in
            guard case .awaiting(let suspended, turn) = state.phase else { return false }
            state.phase = .answered(response())
            // Under the lock: libmicrohttpd must not be stopped between these two.
            MHD_resume_connection(suspended.raw)
            return true
        }
        if isFirst { core.suspended.subtract(1, ordering: .relaxed) }
    }

    func answerDropped(turn: Int) { answer(core.refusal(.dropped), turn: turn) }

    /// Answers whatever suspension there is.
    func abandon(with response: HTTPResponse) {
        guard case .awaiting(_, let turn) = state.withLock({ $0.phase }) else { return }
        answer(response, turn: turn)
    }

    var isIdle: Bool { state.withLock { $0.phase.isIdle } }
    var isFinishing: Bool { state.withLock { $0.phase.isFinishing } }

    /// Shuts the socket down if its time is up.
    func sweep(at now: Moment) {
        state.withLock { state in
            guard let socket = state.socket else { return }
            if state.phase.isIdle, let moment = Self.lastReceived(socket, at: now) {
                state.phase.heard(at: moment, limit: core.requestTimeout)
            }
            if state.phase.expire(at: now) { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// When the kernel last took in data for the socket.
    private static func lastReceived(_ socket: Int32, at now: Moment) -> Moment? {
        var info = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0 else { return nil }
        return now - .milliseconds(Int(info.tcpi_last_data_recv))
    }
}
