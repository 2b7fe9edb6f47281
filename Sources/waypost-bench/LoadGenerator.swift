import ArgumentParser
import Glibc

/// Posts fresh messages over a number of kept connections, each again as soon as it is answered. One thread and poll: what
/// it takes from the machine is taken from the server's share, the same for all that are compared.
struct LoadGenerator {
    struct Result {
        var accepted = 0
        var failures = 0
        var span: Duration = .zero
        var perSecond: Double { Double(accepted) / span.seconds }
    }

    private struct Connection {
        var socket: Int32
        var answer: [UInt8] = []
    }

    private var connections: [Connection] = []
    private var posted = 0
    /// Makes keys and recipients of this run differ from those of another.
    private let run: UInt32 = .random(in: .min ... .max)
    private var buffer = [UInt8](repeating: 0, count: 16_384)

    private let load: Load

    /// What is posted.
    struct Load {
        enum Channel: String, CaseIterable, ExpressibleByArgument { case email, push }

        var channel = Channel.email
        /// Messages in one request; 1: each by itself.
        var batch = 1

        fileprivate func request(named name: String) -> String {
            let messages = (0..<batch).map { message(named: batch == 1 ? name : "\(name)-\($0)") }
            let body = batch == 1 ? messages[0] : "{\"messages\":[\(messages.joined(separator: ","))]}"
            return """
                POST /v1/messages\(batch == 1 ? "" : "/batch") HTTP/1.1\r\nHost: 127.0.0.1\r\n\
                Authorization: Bearer \(Router.token)\r\nContent-Type: application/json\r\nIdempotency-Key: \(name)\r\n\
                Content-Length: \(body.utf8.count)\r\n\r\n\(body)
                """
        }

        /// A whole request.
        func bytes(named name: String) -> [UInt8] { Array(request(named: name).utf8) }

        private func message(named name: String) -> String {
            switch channel {
            case .email:
                """
                {"channel":"email","to":"u\(name)@example.org","content":{"subject":"Your order","text":"It has shipped."}}
                """
            case .push:
                """
                {"channel":"push","to":{"token":"\(Self.token(name))","service":"apns","platform":"ios"},\
                "content":{"title":"Your order","body":"It has shipped."}}
                """
            }
        }

        /// 64 hexadecimal digits, as APNs' tokens have; 1 in front, for the stand-in has words for others.
        private static func token(_ name: String) -> String {
            let digits = name.utf8.map { String($0 & 15, radix: 16) }.joined()
            return "1" + String(repeating: "0", count: max(0, 63 - digits.count)) + digits
        }
    }

    init(port: Int, connections count: Int, load: Load = Load()) throws {
        self.load = load
        for _ in 0..<count { connections.append(Connection(socket: try Self.connect(to: port))) }
    }

    static func connect(to port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw BenchFailure("cannot connect to port \(port)") }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    /// Posts for that long, then waits for the last answers.
    mutating func run(for span: Duration) throws -> Result {
        var result = Result()
        let started = ContinuousClock.now
        var waiting = connections.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
        var open = connections.count
        for index in connections.indices { try post(on: index) }
        while open > 0 {
            guard poll(&waiting, nfds_t(waiting.count), 10_000) > 0 else { throw BenchFailure("no answer within 10 s") }
            let isOver = ContinuousClock.now - started >= span
            for index in waiting.indices where waiting[index].revents != 0 {
                guard let status = try read(from: index) else { continue }
                if status == 202 { result.accepted += load.batch } else { result.failures += 1 }
                if isOver {
                    open -= 1
                    waiting[index].fd = -1
                } else {
                    try post(on: index)
                }
            }
        }
        result.span = ContinuousClock.now - started
        for connection in connections { close(connection.socket) }
        return result
    }

    private mutating func post(on index: Int) throws {
        posted += 1
        let request = load.request(named: "\(run)-\(posted)")
        let bytes = Array(request.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                send(
                    connections[index].socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw BenchFailure("a connection broke") }
            sent += count
        }
    }

    /// The status once a whole answer is there.
    private mutating func read(from index: Int) throws -> Int? {
        let count = recv(connections[index].socket, &buffer, buffer.count, 0)
        guard count > 0 else { throw BenchFailure("a connection was closed") }
        connections[index].answer.append(contentsOf: buffer[..<count])
        guard let status = Self.status(of: connections[index].answer) else { return nil }
        connections[index].answer.removeAll(keepingCapacity: true)
        return status
    }

    /// nil while more is to come.
    private static func status(of answer: [UInt8]) -> Int? {
        let text = answer.span
        var length = 0
        var index = 12
        while index + 3 < text.count {
            if text[index] == 0x0D, text[index + 1] == 0x0A {
                if text[index + 2] == 0x0D {
                    guard text.count >= index + 4 + length else { return nil }
                    return Int(text[9] & 15) * 100 + Int(text[10] & 15) * 10 + Int(text[11] & 15)
                }
                // `Content-Length` is the one header here that begins with C and has its colon there.
                if text[index + 2] == 0x43, index + 16 < text.count, text[index + 16] == 0x3A {
                    length = 0
                    var digit = index + 18
                    while digit < text.count, (0x30...0x39).contains(text[digit]) {
                        length = length * 10 + Int(text[digit] & 15)
                        digit += 1
                    }
                }
            }
            index += 1
        }
        return nil
    }
}
