import CMicrohttpd
import Glibc

/// libmicrohttpd answering 202 to whatever comes: as fast as the front can be on this machine.
///
/// The one place beside WaypostServer that sees the library, since what it measures is the library without us.
struct BareServer {
    let port: Int
    private let daemon: OpaquePointer

    init() throws {
        var options = waypost_daemon_options()
        options.flags =
            MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_USE_ITC.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        options.threads = 2
        options.connection_limit = 8192
        options.inactivity_seconds = 30
        options.connection_memory = 32 * 1024
        options.stack_size = 1024 * 1024
        options.handle = { _, connection, _, _, _, _, size, context in BareServer.answer(connection, size, context) }
        options.unescape = { _, _, text in text.map { strlen($0) } ?? 0 }
        guard let daemon = waypost_daemon_start(&options) else { throw BenchFailure("libmicrohttpd did not start") }
        self.daemon = daemon
        port = Int(waypost_daemon_port(daemon))
    }

    func stop() { MHD_stop_daemon(daemon) }

    private static func answer(
        _ connection: OpaquePointer?, _ size: UnsafeMutablePointer<Int>?,
        _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> MHD_Result {
        guard let connection, let size, let context else { return .NO }
        if context.pointee == nil {
            context.pointee = UnsafeMutableRawPointer(connection)
            return .YES
        }
        if size.pointee > 0 {
            size.pointee = 0
            return .YES
        }
        let response = MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
        defer { MHD_destroy_response(response) }
        return MHD_queue_response(connection, 202, response)
    }
}
