import CMicrohttpd
import Glibc

/// Sockets that are done answering but whose clients may still be sending.
///
/// Closing a socket with unread input makes the kernel reset the connection, and a reset may erase the answer (a 413, say)
/// before the client has read it. So the last descriptor stays open here, and what comes is thrown away, until the client
/// closes, falls silent or has had its time.
struct LingeringSockets {
    /// More at once are closed the short way.
    static let most = 256
    private static let quiet = Duration.seconds(2)
    private static let total = Duration.seconds(10)

    private struct Entry {
        let socket: Int32
        let end: Moment
        var quietEnd: Moment
    }
    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }
    var descriptors: [Int32] { entries.map(\.socket) }

    /// Takes over the descriptor.
    mutating func add(_ socket: Int32, at now: Moment) {
        guard entries.count < Self.most else {
            close(socket)
            return
        }
        entries.append(Entry(socket: socket, end: now + Self.total, quietEnd: now + Self.quiet))
    }

    /// Reads away what is there and closes those that are over.
    mutating func drain(at now: Moment) {
        entries = entries.compactMap { entry in
            var entry = entry
            let isOver: Bool
            switch Self.discard(from: entry.socket) {
            case .ended: isOver = true
            case .silent: isOver = now >= entry.quietEnd || now >= entry.end
            case .sent:
                entry.quietEnd = now + Self.quiet
                isOver = now >= entry.end
            }
            if isOver { close(entry.socket) }
            return isOver ? nil : entry
        }
    }

    mutating func closeAll() {
        entries.forEach { close($0.socket) }
        entries = []
    }

    private enum Input { case ended, silent, sent }

    private static func discard(from socket: Int32) -> Input {
        // On TCP, MSG_TRUNC throws the bytes away without copying them.
        let count = recv(socket, nil, 1 << 20, Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC))
        if count > 0 { return .sent }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .silent : .ended
    }
}
