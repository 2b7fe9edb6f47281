import CMicrohttpd
import Glibc
import WaypostHTTP

/// libmicrohttpd's daemon: worker threads, each with an epoll set of its own, that read, parse and write.
///
/// `@unchecked Sendable` holds because libmicrohttpd allows `MHD_add_connection` from any thread, and `stop` is called once,
/// by the owner, after the only caller of `add` has ended.
final class Daemon: @unchecked Sendable {
    /// Of each connection, for request line, headers and read buffer. All of it is cleared after every request, so that a
    /// larger one is paid for each time.
    private static let connectionMemory = 32 * 1024
    /// Of each worker, beyond the limit that is kept.
    private static let spareConnections = 256
    private static let stackSize = 1024 * 1024
    /// TLS 1.2 and 1.3 with GnuTLS's usual ciphers.
    private static let tlsPriorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

    private let raw: OpaquePointer
    /// What the callbacks are handed; ours until the daemon has stopped.
    private let context: Unmanaged<ServerCore>

    init(_ settings: HTTPServer.Settings, core: ServerCore) throws(ListenError) {
        let context = Unmanaged.passRetained(core)
        let threads = max(1, min(settings.threads, core.connectionLimit))
        var flags =
            MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_USE_ITC.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
            | MHD_ALLOW_UPGRADE.rawValue | MHD_USE_NO_LISTEN_SOCKET.rawValue
        if settings.tls != nil { flags |= MHD_USE_TLS.rawValue }

        var options = waypost_daemon_options()
        options.flags = flags
        options.threads = UInt32(threads)
        // The doorkeeper keeps the limit for all workers together; each must be ready to carry whatever it is dealt. It
        // must never meet the library's own limit, which counts a connection on after telling us that it is closed, turns
        // newcomers away unheard, and in 0.9.75 may leave a mutex locked behind it, so that the worker hangs for ever.
        options.connection_limit = UInt32(clamping: (core.connectionLimit + Self.spareConnections) * threads)
        options.address_limit = UInt32(clamping: settings.maxConnectionsPerAddress)
        options.inactivity_seconds = UInt32(
            clamping: max(1, (settings.requestTimeout.nanoseconds + 999_999_999) / 1_000_000_000))
        options.connection_memory = Self.connectionMemory
        options.stack_size = Self.stackSize
        options.context = context.toOpaque()
        options.begin = { _, target, connection in Daemon.begin(target, connection) }
        options.handle = { _, connection, _, method, version, data, size, context in
            Daemon.handle(connection, method, version, data, size, context)
        }
        options.completed = { _, _, context, _ in Daemon.complete(context) }
        options.connection = { core, connection, context, event in Daemon.notify(core, connection, context, event) }
        // Targets stay as they are; the library's own decoding would cut them at %00.
        options.unescape = { _, _, text in text.map { strlen($0) } ?? 0 }

        let started =
            if let tls = settings.tls {
                tls.certificatePEM.withCString { certificate in
                    tls.privateKeyPEM.withCString { key in
                        Self.tlsPriorities.withCString { priorities in
                            options.certificate = certificate
                            options.private_key = key
                            options.priorities = priorities
                            return waypost_daemon_start(&options)
                        }
                    }
                }
            } else {
                waypost_daemon_start(&options)
            }
        guard let started else {
            context.release()
            throw ListenError(
                settings.tls == nil
                    ? "cannot start the server's threads"
                    : "cannot use the TLS certificate and private key: they must be PEM and belong together")
        }
        raw = started
        self.context = context
    }

    /// Hands a connection to a worker; the socket is closed in any case.
    /// - Returns: false when it was turned away: too many from one address, or no memory.
    func add(_ socket: AcceptedSocket) -> Bool {
        withUnsafePointer(to: socket.address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                MHD_add_connection(raw, socket.descriptor, $0, socket.addressSize) == .YES
            }
        }
    }

    /// Whether a connection is open; once no more are added and this is false, it stays so.
    var isBusy: Bool { waypost_daemon_connections(raw) > 0 }

    /// Ends the workers and closes every connection. Nothing may be suspended any more.
    func stop() {
        MHD_stop_daemon(raw)
        context.release()
    }

    // MARK: Callbacks, on the workers' threads

    private static func notify(
        _ core: UnsafeMutableRawPointer?, _ raw: OpaquePointer?,
        _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ event: MHD_ConnectionNotificationCode
    ) {
        guard let core, let raw, let context else { return }
        let server = Unmanaged<ServerCore>.fromOpaque(core).takeUnretainedValue()
        switch event {
        case .CONNECTION_NOTIFY_STARTED:
            let peer = waypost_client_address(raw).map(SocketAddress.host) ?? ""
            let connection = Connection(core: server, socket: waypost_socket(raw), peer: peer)
            server.opened(connection)
            context.pointee = Unmanaged.passRetained(connection).toOpaque()
        case .CONNECTION_NOTIFY_CLOSED:
            guard let pointer = context.pointee else { return }
            context.pointee = nil
            let connection = Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
            connection.close()
            server.closed(connection)
        @unknown default: return
        }
    }

    /// - Returns: what libmicrohttpd hands to the calls of this request: the connection itself, which its socket holds.
    private static func begin(_ target: UnsafePointer<CChar>?, _ raw: OpaquePointer?) -> UnsafeMutableRawPointer? {
        guard let raw, let context = waypost_socket_context(raw) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: target, count: target.map(strlen) ?? 0)
        Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().begin(target: bytes)
        return context
    }

    private static func handle(
        _ raw: OpaquePointer?, _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?,
        _ data: UnsafePointer<CChar>?, _ size: UnsafeMutablePointer<Int>?,
        _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> MHD_Result {
        guard let raw, let method, let version, let size, let pointer = context?.pointee else { return .NO }
        let piece = UnsafeRawBufferPointer(start: data, count: size.pointee)
        size.pointee = 0  // all of it is taken
        let connection = Unmanaged<Connection>.fromOpaque(pointer).takeUnretainedValue()
        return connection.advance(raw, method: method, version: version, piece: piece)
    }

    private static func complete(_ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) {
        guard let pointer = context?.pointee else { return }
        Unmanaged<Connection>.fromOpaque(pointer).takeUnretainedValue().end()
    }
}
