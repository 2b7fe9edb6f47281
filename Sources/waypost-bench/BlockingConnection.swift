import Glibc

/// One kept connection to the router; its thread waits for each answer.
struct BlockingConnection {
    private let socket: Int32

    init(port: Int) throws { socket = try LoadGenerator.connect(to: port) }

    /// Sends a whole request; the answer's status and body.
    func exchange(_ request: [UInt8]) throws -> (status: Int, body: String) {
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes { bytes in
                send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw BenchFailure("a connection broke") }
            sent += count
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { throw BenchFailure("a connection was closed") }
            answer += buffer[..<count]
            if let whole = Self.read(String(decoding: answer, as: UTF8.self)) { return whole }
        }
    }

    func hangUp() { close(socket) }

    /// nil while more is to come.
    private static func read(_ answer: String) -> (status: Int, body: String)? {
        guard let head = answer.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = answer[..<head.lowerBound].split(separator: "\r\n")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
        let count = length.flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) } ?? 0
        let body = answer[head.upperBound...]
        guard body.utf8.count >= count, let status = lines.first.flatMap({ Int($0.dropFirst(9).prefix(3)) }) else {
            return nil
        }
        return (status, String(body))
    }
}
