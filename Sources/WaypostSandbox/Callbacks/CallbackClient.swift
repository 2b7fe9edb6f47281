import Synchronization
import WaypostHTTP

/// Posts to loopback over connections that stay open, one request at a time: for one thread, but for `drop()`.
final class CallbackClient {
    /// What came of a post.
    enum Reply: Equatable {
        case answer(Int)
        /// No connection, or no answer on it.
        case none
        /// Not on loopback, or not plain HTTP: the sandbox calls nobody else.
        case stranger
    }

    /// Between a request and its answer, as long as Twilio waits.
    private static let patience: Duration = .seconds(15)

    private let numbers: Numbers
    private var connections: [String: Connection] = [:]
    private let current: CurrentSocket

    init(_ numbers: Numbers, _ current: CurrentSocket) {
        self.numbers = numbers
        self.current = current
    }

    func reply(to request: HTTPRequest) -> Reply {
        guard let url = LoopbackURL(request.target) else { return .stranger }
        let bytes = url.bytes(of: request)
        // A kept connection may have been closed meanwhile; then nobody has read the request, and it goes out again.
        if let kept = connections[url.origin] {
            switch exchange(bytes, on: kept, url.origin) {
            case .status(let status): return .answer(status)
            case .silent: return .none
            case .closedUnread: break
            }
        }
        guard let fresh = connect(url) else { return .none }
        if case .status(let status) = exchange(bytes, on: fresh, url.origin) { return .answer(status) }
        return .none
    }

    private enum Outcome {
        case status(Int)
        case silent
        case closedUnread
    }

    private func exchange(_ bytes: [UInt8], on connection: Connection, _ origin: String) -> Outcome {
        guard current.set(connection.socket) else { return .silent }
        defer { current.clear() }
        guard connection.socket.write(bytes) else {
            connections[origin] = nil
            return .closedUnread
        }
        guard let answer = connection.answer(until: .now + Self.patience) else {
            connections[origin] = nil
            return connection.hasReadNothing ? .closedUnread : .silent
        }
        connections[origin] = answer.keeps ? connection : nil
        return .status(answer.status)
    }

    private func connect(_ url: LoopbackURL) -> Connection? {
        guard let address = try? Address(host: url.host, port: url.port), let descriptor = address.connected() else {
            return nil
        }
        if connections.count >= 16 { connections = [:] }
        return Connection(Socket(descriptor, number: numbers.next()))
    }
}

/// The socket that a thread is reading from, so that another can end that.
final class CurrentSocket: Sendable {
    private let state = Mutex((socket: Socket?.none, isStopped: false))

    /// False once it was stopped.
    fileprivate func set(_ socket: Socket) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            state.socket = socket
            return true
        }
    }

    fileprivate func clear() { state.withLock { $0.socket = nil } }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.socket?.drop()
        }
    }
}

/// One kept connection and what is still unread of it.
private final class Connection {
    let socket: Socket
    private var buffer: [UInt8] = []
    /// Of the answer that is being read.
    private(set) var hasReadNothing = true

    init(_ socket: Socket) { self.socket = socket }

    deinit { socket.close() }

    /// The next final answer; nil when the connection ends or the time is up before it. The body is passed over.
    func answer(until deadline: ContinuousClock.Instant) -> (status: Int, keeps: Bool)? {
        hasReadNothing = true
        while true {
            guard let end = headEnd(until: deadline) else { return nil }
            let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
            buffer.removeFirst(end + 4)
            guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
                return nil
            }
            if (100...199).contains(status) { continue }
            func field(_ name: String) -> Substring? {
                lines.dropFirst().first { $0.lowercased().hasPrefix("\(name):") }
                    .map { $0.dropFirst(name.utf8.count + 1).drop { $0 == " " } }
            }
            var keeps = field("connection")?.lowercased() != "close"
            if status != 204, status != 304 {
                if let length = field("content-length").flatMap({ Int($0) }), length <= 1_048_576 {
                    keeps = skip(length, until: deadline) && keeps
                } else {
                    keeps = false  // in chunks or to the end: a new connection is simpler
                }
            }
            return (status, keeps)
        }
    }

    private func headEnd(until deadline: ContinuousClock.Instant) -> Int? {
        let mark: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        while true {
            if buffer.count >= 4, let end = (0...buffer.count - 4).first(where: { buffer[$0...].starts(with: mark) }) {
                return end
            }
            guard buffer.count < 32_768, fill(until: deadline) else { return nil }
        }
    }

    private func skip(_ count: Int, until deadline: ContinuousClock.Instant) -> Bool {
        while buffer.count < count { guard fill(until: deadline) else { return false } }
        buffer.removeFirst(count)
        return true
    }

    private func fill(until deadline: ContinuousClock.Instant) -> Bool {
        guard socket.wait(until: deadline) else {
            hasReadNothing = false  // silence is no sign that nobody has read
            return false
        }
        return withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { scratch in
            let count = socket.read(into: scratch)
            if count > 0 {
                hasReadNothing = false
                buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: scratch[..<count]))
            }
            return count > 0
        }
    }
}

/// A plain HTTP URL on this machine.
struct LoopbackURL: Equatable, Sendable {
    let host: String
    let port: Int
    /// What follows the authority, with a slash at its start.
    let target: String
    private let authority: String

    var origin: String { authority }

    /// nil for any other URL.
    init?(_ text: String) {
        guard text.lowercased().hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(7).prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count)
        self.authority = String(authority)
        target = path.hasPrefix("/") ? String(path) : "/\(path)"
        var name = authority
        var port: Int? = 80
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            name = authority[..<colon]
            port = Int(authority[authority.index(after: colon)...])
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        let isLoopback =
            name == "localhost" || name == "::1"
            || name.hasPrefix("127.") && name.allSatisfy { $0.isNumber || $0 == "." }
        guard isLoopback, let port, (1...65_535).contains(port) else { return nil }
        host = String(name)
        self.port = port
    }

    func bytes(of request: HTTPRequest) -> [UInt8] {
        var text = "\(request.method) \(target) HTTP/1.1\r\nHost: \(authority)\r\nAccept: */*\r\n"
        for field in request.headers.fields { text += "\(field.name): \(field.value)\r\n" }
        if request.method != "GET" { text += "Content-Length: \(request.body.count)\r\n" }
        return Array("\(text)\r\n".utf8) + request.body
    }
}
