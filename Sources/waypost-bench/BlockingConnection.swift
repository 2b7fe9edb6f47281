import Glibc

/// One kept connection to the router; its thread waits for each answer.
struct BlockingConnection {
    private let socket: Int32

    init(port: Int) throws { socket = try LoadGenerator.connect(to: port) }

    /// Sends a whole request; the answer's status and body.
    func exchange(_ request: [UInt8]) throws -> (status: Int, body: [UInt8]) {
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes { bytes in
                send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw BenchFailure("a connection broke") }
            sent += count
        }
        var answer: [UInt8] = []
        // Of head and body together, once the head is there.
        var (head, whole): (Head?, Int) = (nil, 0)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { throw BenchFailure("a connection was closed") }
            answer += buffer[..<count]
            if head == nil, let read = Head(answer) { (head, whole) = (read, read.size + read.contentLength) }
            if let head, answer.count >= whole { return (head.status, Array(answer[head.size..<whole])) }
        }
    }

    func hangUp() { close(socket) }

    private struct Head {
        let status: Int
        let contentLength: Int
        /// Bytes up to the body.
        let size: Int

        /// nil while more is to come.
        init?(_ answer: [UInt8]) {
            guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let lines = String(decoding: answer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            guard let status = lines.first.flatMap({ Int($0.dropFirst(9).prefix(3)) }) else { return nil }
            self.status = status
            contentLength = length.flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) } ?? 0
            size = end.upperBound
        }
    }
}
