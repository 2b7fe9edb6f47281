import Glibc
import Synchronization
import WaypostHTTP

/// What the connections of one server share.
final class ServerCore: Sendable {
    let requestTimeout: Duration
    let bodies: BodyBounds
    let isSecure: Bool
    /// Connections at once.
    let connectionLimit: Int
    let refusal: @Sendable (Refusal) -> HTTPResponse
    let handler: @Sendable (HTTPRequest) -> HTTPAnswer
    /// Requests suspended at present.
    let suspended = Atomic(0)
    /// Connections accepted and not yet closed.
    let accepted = Atomic(0)

    private let draining = Atomic(false)
    private let stopping = Atomic(false)
    private let farewell = Mutex<HTTPResponse?>(nil)
    private let open = Mutex<[ObjectIdentifier: Connection]>([:])
    /// On their way to the doorkeeper.
    private let lingering = Mutex<[Int32]>([])
    /// Wakes the doorkeeper.
    let bell: Bell

    init(
        settings: HTTPServer.Settings, connectionLimit: Int, bell: Bell,
        refusal: @escaping @Sendable (Refusal) -> HTTPResponse,
        handler: @escaping @Sendable (HTTPRequest) -> HTTPAnswer
    ) {
        requestTimeout = settings.requestTimeout
        bodies = BodyBounds(settings)
        isSecure = settings.tls != nil
        self.connectionLimit = connectionLimit
        self.bell = bell
        self.refusal = refusal
        self.handler = handler
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }
    func drain() { draining.store(true, ordering: .relaxed) }

    /// What requests are answered that would have to wait, once the server stops.
    var abandoned: HTTPResponse? {
        stopping.load(ordering: .sequentiallyConsistent) ? farewell.withLock { $0 } : nil
    }

    /// From now on nothing is suspended, and what is suspended is answered.
    func abandon(with response: HTTPResponse) {
        farewell.withLock { $0 = response }
        stopping.store(true, ordering: .sequentiallyConsistent)
        connections.forEach { $0.abandon(with: response) }
    }

    // MARK: Connections

    var connections: [Connection] { open.withLock { Array($0.values) } }
    var openConnections: Int { open.withLock { $0.count } }

    func opened(_ connection: Connection) { open.withLock { $0[ObjectIdentifier(connection)] = connection } }

    func closed(_ connection: Connection) {
        open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(connection)) }
        released()
    }

    var hasRoom: Bool { accepted.load(ordering: .relaxed) < connectionLimit }

    /// One connection fewer.
    func released() {
        let before = accepted.subtract(1, ordering: .relaxed).oldValue
        if before >= connectionLimit { bell.ring() }  // the doorkeeper waits for room
    }

    // MARK: Lingering

    /// Keeps a socket open that libmicrohttpd is about to close, for the doorkeeper to see its client off.
    func linger(_ socket: Int32) {
        guard abandoned == nil else { return }
        let copy = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return }
        lingering.withLock { $0.append(copy) }
        bell.ring()
    }

    func takeLingering() -> [Int32] {
        lingering.withLock { sockets in
            defer { sockets = [] }
            return sockets
        }
    }
}
