import WaypostHTTP

/// Where a connection stands in its exchange, and until when it may stand there.
///
/// libmicrohttpd's own time limit counts inactivity only, so a byte a second would hold a connection for ever; here the
/// whole of a request has one deadline. A request that is being answered has none: that is its handler's business.
enum Phase: Sendable {
    /// Between requests, nothing of the next one seen. libmicrohttpd's inactivity limit ends it.
    case idle(since: Moment)
    /// Being received: headers and body must be whole by then.
    case receiving(until: Moment)
    /// With its handler, on the worker's own thread.
    case answering
    /// Suspended, waiting for `PendingResponse`.
    case awaiting(SuspendedConnection, turn: Int)
    /// Resumed; the worker will pick the answer up.
    case answered(HTTPResponse)
    /// The answer is on its way out.
    case sending(until: Moment)
    /// Its time was up; the socket is shut down.
    case cut

    /// A client that reads its answer more slowly than this (bytes a second) is cut once the time limit is up as well.
    static let slowestReader = 4096
    /// The kernel's word on when data came and our clock differ by some milliseconds.
    static let clockSlack = Duration.milliseconds(16)

    /// A request line is there.
    mutating func begin(at now: Moment, limit: Duration) {
        if case .idle = self { self = .receiving(until: now + limit) }
    }

    /// The request is whole.
    /// - Returns: false when it came too late and the connection is already cut.
    mutating func complete() -> Bool {
        if case .cut = self { return false }
        self = .answering
        return true
    }

    /// An answer of so many bytes begins to leave.
    mutating func send(bytes: Int, at now: Moment, limit: Duration) {
        if case .cut = self { return }
        self = .sending(until: now + limit + .seconds(bytes / Self.slowestReader))
    }

    /// The exchange is over, well or not.
    mutating func end(at now: Moment) {
        if case .cut = self { return }
        self = .idle(since: now)
    }

    /// Whether an idle connection is worth asking the kernel when it last received something.
    var isIdle: Bool { if case .idle = self { true } else { false } }

    /// Whether an answer is under way that a stopping server should let finish.
    var isFinishing: Bool {
        switch self {
        case .answering, .answered, .sending: true
        case .idle, .receiving, .awaiting, .cut: false
        }
    }

    /// Data came while idle: the next request has begun, though no line of it is whole yet.
    mutating func heard(at moment: Moment, limit: Duration) {
        if case .idle(let since) = self, moment > since + Self.clockSlack { self = .receiving(until: moment + limit) }
    }

    /// - Returns: true when the socket is to be shut down, once.
    mutating func expire(at now: Moment) -> Bool {
        switch self {
        case .receiving(let until) where until <= now, .sending(let until) where until <= now:
            self = .cut
            return true
        default: return false
        }
    }
}

/// A connection that libmicrohttpd keeps aside until it is resumed.
///
/// It is safe to hand about because the pointer stays valid until `resume`, which may be called from any thread.
struct SuspendedConnection: @unchecked Sendable {
    let raw: OpaquePointer
}
