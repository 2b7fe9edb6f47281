import Glibc
import Synchronization
import WaypostHTTP

/// An HTTP/1.1 server on libmicrohttpd that has never heard of messages or JSON.
///
/// Requests reach the handler whole and checked; what is malformed, too large or too slow never does. The handler runs on a
/// worker thread that serves other connections too, so it must not block: what takes time answers `.later`.
package final class HTTPServer: Sendable {
    /// A certificate chain and its key, as PEM text.
    package struct TLS: Sendable {
        package var certificatePEM: String
        package var privateKeyPEM: String

        package init(certificatePEM: String, privateKeyPEM: String) {
            self.certificatePEM = certificatePEM
            self.privateKeyPEM = privateKeyPEM
        }
    }

    /// Where bodies may be larger than elsewhere.
    package struct LargerBodies: Sendable {
        /// What the path begins with, as it stands on the request line.
        package var prefix: String
        /// Bytes; of no effect where `maxBody` is more.
        package var bytes: Int

        package init(prefix: String, bytes: Int) {
            self.prefix = prefix
            self.bytes = bytes
        }
    }

    package struct Settings: Sendable {
        /// An address or name, IPv6 with or without brackets; empty for every address of the machine.
        package var host: String
        /// 0 picks a free one.
        package var port: Int
        /// A socket that listens already, in place of `host` and `port`. The server takes it for its own, and leaves those who
        /// wait in its queue at the end to whoever else holds it.
        package var passed: Int32?
        /// Bytes; a larger body is refused with 413.
        package var maxBody: Int
        /// The first that fits counts.
        package var largerBodies: [LargerBodies]
        /// Bytes of all bodies over `maxBody` that are held at once; what would go beyond it is refused with 503.
        package var largerBodyRoom: Int
        /// At once; newcomers beyond it wait in the kernel's queue.
        package var maxConnections: Int
        /// At once from one IP address; newcomers beyond it are closed unheard. 0 for no such limit.
        package var maxConnectionsPerAddress: Int
        /// For a request from its first byte (of the first one: from the connection's start) to its last; for a client to
        /// take an answer, with what a slow line needs for its length added; and for keeping an idle connection.
        package var requestTimeout: Duration
        /// TLS 1.2 and up, when set.
        package var tls: TLS?
        /// Worker threads.
        package var threads: Int

        package init(
            host: String, port: Int, passed: Int32? = nil, maxBody: Int, maxConnections: Int = 4096,
            maxConnectionsPerAddress: Int = 0,
            requestTimeout: Duration = .seconds(30), tls: TLS? = nil, threads: Int = 2,
            largerBodies: [LargerBodies] = [], largerBodyRoom: Int = 256 << 20
        ) {
            self.host = host
            self.port = port
            self.passed = passed
            self.maxBody = maxBody
            self.largerBodies = largerBodies
            self.largerBodyRoom = largerBodyRoom
            self.maxConnections = maxConnections
            self.maxConnectionsPerAddress = maxConnectionsPerAddress
            self.requestTimeout = requestTimeout
            self.tls = tls
            self.threads = threads
        }
    }

    /// How long `stop` waits for answers to leave.
    private static let farewellTime = Duration.milliseconds(500)

    /// Where it listens in fact.
    package let address: (host: String, port: Int)
    /// Set where fewer connections are possible than asked for, because of the process's file limit: a sentence for an
    /// operator.
    package let limitNote: String?

    private let core: ServerCore
    private let settings: Settings
    /// The last one is dealt newcomers; the others only keep the connections they have.
    private let daemons: Mutex<[Daemon]>
    private let doorkeeper: Doorkeeper
    private let connectionLimit: Int
    /// The doorkeeper's thread, until `stop` has ended it.
    private let thread: Mutex<NativeThread?>

    /// Listens and serves from the moment it returns.
    ///
    /// Sets SIGPIPE to be ignored, for the whole process, and raises the soft limit on open files as far as
    /// `maxConnections` needs.
    /// - Parameters:
    ///   - refusal: makes the answer to a request the server turns away by itself. Some malformed requests never get that far
    ///     and are answered in libmicrohttpd's own words.
    ///   - handler: answers everything else, `HEAD` as if it were `GET`: its body is not sent.
    package init(
        _ settings: Settings, refusal: @escaping @Sendable (Refusal) -> HTTPResponse,
        handler: @escaping @Sendable (HTTPRequest) -> HTTPAnswer
    ) throws(ListenError) {
        signal(SIGPIPE, SIG_IGN)
        let listener =
            if let passed = settings.passed { try ListenSocket(taking: passed) } else {
                try ListenSocket(host: settings.host, port: settings.port)
            }
        address = (listener.host, listener.port)
        let bell = try Bell()
        let budget = DescriptorBudget.claim(max(1, settings.maxConnections))
        let daemon: Daemon
        do throws(ListenError) {
            core = ServerCore(
                settings: settings, connectionLimit: budget.granted, bell: bell, refusal: refusal, handler: handler)
            daemon = try Daemon(settings, core: core)
        } catch {
            DescriptorBudget.release(budget.granted)
            throw error
        }
        self.settings = settings
        daemons = Mutex([daemon])
        limitNote = budget.note
        connectionLimit = budget.granted
        let doorkeeper = Doorkeeper(core: core, daemon: daemon, listener: consume listener)
        self.doorkeeper = doorkeeper
        guard let started = NativeThread({ doorkeeper.run() }) else {
            daemon.stop()
            DescriptorBudget.release(budget.granted)
            throw ListenError("cannot start the server's threads")
        }
        thread = Mutex(started)
    }

    deinit { stop(abandoned: HTTPResponse(status: 503)) }

    /// Connections open now, idle ones among them.
    package var openConnections: Int { core.openConnections }
    /// Requests whose answer is promised and not yet given.
    package var suspendedConnections: Int { core.suspended.load(ordering: .relaxed) }

    /// Connections with a request under way, or that are to bring their first.
    package var busyConnections: Int {
        core.accepted.load(ordering: .relaxed) - core.connections.count(where: \.isIdle)
    }
    /// Whether it listens on a socket that others hold, too: who waits there is left to them.
    package var isPassed: Bool { settings.passed != nil }

    /// Newcomers are shown another certificate from now on; open connections go on under the one they know. For a server that
    /// speaks TLS, and not to be called beside `stop`.
    package func replace(tls: TLS) throws(ListenError) {
        var settings = settings
        settings.tls = tls
        let fresh = try Daemon(settings, core: core)
        _ = doorkeeper.deal(to: fresh)
        let idle = daemons.withLock { daemons in
            // The one before may have been dealt somebody whom it does not count yet; it goes at the next change.
            let idle = daemons.dropLast().filter { !$0.isBusy }
            daemons.removeAll { daemon in idle.contains { $0 === daemon } }
            daemons.append(fresh)
            return idle
        }
        for daemon in idle { daemon.stop() }
    }

    /// Stops accepting; from now on answers carry `Connection: close`. Open connections go on.
    package func quiesce() {
        core.drain()
        doorkeeper.closeDoor()
    }

    /// Answers every pending request with `abandoned`, waits half a second at most for answers to leave, then closes
    /// whatever is still open.
    ///
    /// Returns when all threads of the server have ended; a second call returns after the first, having done nothing. Not to
    /// be called from a handler.
    package func stop(abandoned: HTTPResponse) {
        thread.withLock { thread in
            guard let running = thread else { return }
            thread = nil
            quiesce()
            core.abandon(with: abandoned)
            let end = Moment.now + Self.farewellTime
            while Moment.now < end, core.connections.contains(where: \.isFinishing) { poll(nil, 0, 2) }
            doorkeeper.dismiss()
            running.join()
            for daemon in daemons.withLock({ $0 }) { daemon.stop() }
            DescriptorBudget.release(connectionLimit)
        }
    }
}
