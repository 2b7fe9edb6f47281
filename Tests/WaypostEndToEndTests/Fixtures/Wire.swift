import Glibc
import WaypostJSON

/// A blocking HTTP/1.1 client on one kept connection, no more than the tests need. Confined to one thread.
final class Wire {
    /// Why no answer came.
    struct Broken: Error, CustomStringConvertible {
        var description: String
        /// Whether a part of the request may have arrived.
        var hasLeft = true
    }

    private let port: Int
    private let token: String?
    private var descriptor: CInt = -1
    private var buffer: [UInt8] = []
    private let patience: Int

    /// `patience`: seconds until an answer is given up.
    init(port: Int, token: String? = nil, patience: Int = 30) {
        self.port = port
        self.token = token
        self.patience = patience
    }

    deinit { hangUp() }

    func hangUp() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        buffer = []
    }

    /// Asks, and waits for the answer. Nothing is ever sent twice: a connection that breaks is an error.
    func ask(_ method: String, _ target: String, _ body: String? = nil, _ headers: [String: String] = [:]) throws
        -> Reply
    {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        if let token, headers["Authorization"] == nil { text += "Authorization: Bearer \(token)\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body {
            if headers["Content-Type"] == nil { text += "Content-Type: application/json\r\n" }
            text += "Content-Length: \(body.utf8.count)\r\n"
        } else if method == "POST" {
            text += "Content-Length: 0\r\n"
        }
        do {
            try connect()
            try write(Array((text + "\r\n" + (body ?? "")).utf8))
            return try reply(hasBody: method != "HEAD")
        } catch {
            hangUp()
            throw error
        }
    }

    func get(_ target: String) throws -> Reply { try ask("GET", target) }
    func post(_ target: String, _ body: String? = nil, _ headers: [String: String] = [:]) throws -> Reply {
        try ask("POST", target, body, headers)
    }

    // MARK: Bytes

    private func connect() throws {
        guard descriptor < 0 else { return }
        let fresh = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard fresh >= 0 else { throw Broken(description: "no socket") }
        descriptor = fresh
        var patience = timeval(tv_sec: self.patience, tv_usec: 0)
        setsockopt(fresh, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(fresh, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(fresh, $0, size) }
        }
        guard result == 0 else {
            throw Broken(description: "cannot connect: \(String(cString: strerror(errno)))", hasLeft: false)
        }
    }

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Broken(description: "cannot send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else {
            throw Broken(description: count == 0 ? "closed without an answer" : String(cString: strerror(errno)))
        }
        buffer.append(contentsOf: chunk[..<count])
    }

    private func line() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                return line.last == "\r" || line.hasSuffix("\r\n") ? String(line.dropLast()) : line
            }
            try fill()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        defer { buffer.removeSubrange(..<count) }
        return Array(buffer[..<count])
    }

    private func reply(hasBody: Bool) throws -> Reply {
        let start = try line().split(separator: " ")
        guard start.count >= 2, let status = Int(start[1]) else { throw Broken(description: "not HTTP: \(start)") }
        var headers: [String: String] = [:]
        while case let line = try line(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { throw Broken(description: "not a header: \(line)") }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        var body: [UInt8] = []
        if hasBody, headers["transfer-encoding"]?.lowercased() == "chunked" {
            while true {
                let size = try line()
                guard let count = Int(size, radix: 16) else { throw Broken(description: "not a chunk: \(size)") }
                body += try take(count)
                _ = try line()
                if count == 0 { break }
            }
        } else if hasBody {
            body = try take(Int(headers["content-length"] ?? "0") ?? 0)
        }
        if headers["connection"]?.lowercased() == "close" { hangUp() }
        return Reply(status: status, headers: headers, body: body)
    }
}

/// What the router answered.
struct Reply: CustomStringConvertible {
    var status: Int
    /// By lower-case name.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    subscript(name: String) -> JSONValue? { json[name] }
    var description: String { "\(status) \(text)" }
}
