import Glibc
import WaypostHTTP

/// A client on a bare socket: it sees how a connection ends, which no HTTP library tells.
final class WireClient {
    /// What comes after the last byte.
    enum End: Equatable { case finished, reset, silent }

    struct Refused: Error, Equatable {
        var code: Int32
        static let byKernel = Refused(code: ECONNREFUSED)
    }

    private let descriptor: Int32
    private var received: [UInt8] = []
    private(set) var end: End?

    init(port: Int) throws(Refused) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafeBytes(of: address) { bytes in
            connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        guard result == 0 else {
            throw Refused(code: errno)  // `deinit` closes
        }
        patience(.seconds(10))
    }

    deinit { close(descriptor) }

    /// How long a read waits before it calls the other side silent.
    func patience(_ span: Duration) {
        let (seconds, attoseconds) = span.components
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Up to and with that text; what there was where the stream ends before.
    func read(through text: String) -> String {
        let mark = Array(text.utf8)
        while true {
            if let start = received.indices.first(where: { received[$0...].starts(with: mark) }) {
                return take(start + mark.count)
            }
            guard fill() else { return take(received.count) }
        }
    }

    /// Exactly so many bytes, fewer where the stream ends before.
    func read(count: Int) -> String {
        while received.count < count, fill() {}
        return take(min(count, received.count))
    }

    /// Reads to the end and says which it was.
    func untilEnd() -> End {
        while fill() {}
        received = []
        return end ?? .silent
    }

    /// The next answer; nil where the connection ends (see `end`) before it is whole.
    func answer() -> HTTPResponse? {
        let head = read(through: "\r\n\r\n")
        let lines = head.split(separator: "\r\n")
        guard head.hasSuffix("\r\n\r\n"), let status = lines.first?.split(separator: " ").dropFirst().first else {
            return nil
        }
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            headers.add(String(line[..<colon]), String(line[line.index(colon, offsetBy: 2)...]))
        }
        let length = headers["Content-Length"].flatMap { Int($0) } ?? 0
        let body = Array(read(count: length).utf8)
        guard body.count == length, let status = Int(status) else { return nil }
        return HTTPResponse(status: status, headers: headers, body: body)
    }

    private func take(_ count: Int) -> String {
        defer { received.removeFirst(count) }
        return String(decoding: received[..<count], as: UTF8.self)
    }

    private func fill() -> Bool {
        guard end == nil || end == .silent else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            received += buffer[..<count]
            return true
        }
        end = count == 0 ? .finished : errno == ECONNRESET ? .reset : .silent
        return false
    }
}
