import Glibc

/// One kept connection to the router; its thread waits for each answer, and no other uses it.
struct BlockingConnection {
    private let socket: Int32
    /// The last answer, head and body; kept, so that asking again allocates nothing.
    private var answer: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var head = Head()
    /// When the first bytes of the last answer came.
    private(set) var answeredAt = ContinuousClock.now

    private struct Head {
        var status = 0
        var contentLength = 0
        /// Bytes up to the body.
        var size = 0
    }

    init(port: Int) throws { socket = try LoadGenerator.connect(to: port) }

    /// Sends a whole request; the answer's status and body.
    mutating func exchange(_ request: [UInt8]) throws -> (status: Int, body: [UInt8]) {
        let status = try ask(request)
        return (status, body)
    }

    /// Of the last answer.
    var body: [UInt8] { Array(answer[head.size..<(head.size + head.contentLength)]) }

    /// Sends a whole request and returns the status once the last byte of the answer has come.
    mutating func ask(_ request: [UInt8]) throws -> Int {
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes { bytes in
                send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw BenchFailure("a connection broke") }
            sent += count
        }
        answer.removeAll(keepingCapacity: true)
        head = Head()
        while head.size == 0 || answer.count < head.size + head.contentLength {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { throw BenchFailure("a connection was closed") }
            if answer.isEmpty { answeredAt = .now }
            answer += buffer[..<count]
            if head.size == 0 { readHead() }
        }
        return head.status
    }

    func hangUp() { close(socket) }

    /// Nothing while more of it is to come.
    private mutating func readHead() {
        guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        let lines = String(decoding: answer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
        head.status = lines.first.flatMap { Int($0.dropFirst(9).prefix(3)) } ?? 0
        head.contentLength = length.flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) } ?? 0
        head.size = end.upperBound
    }
}
