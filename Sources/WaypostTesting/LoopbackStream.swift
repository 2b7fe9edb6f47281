import Foundation
import Glibc
import WaypostHTTP

/// One TCP connection on loopback, for raw bytes. Every wait ends after `patience`, so that no test hangs. For one thread.
package final class LoopbackStream {
    /// How a connection went on when nothing more could be read.
    package enum End: Equatable, Sendable { case closed, reset, silent }

    /// What goes wrong with the connection itself; a test that meets it has failed.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Long, for a busy machine; a test that passes does not wait for it.
    package static let patience = 20
    private var descriptor: Int32
    /// Read and not yet handed out.
    private var unread: [UInt8] = []
    /// How long a read waits, in milliseconds.
    private var patience = LoopbackStream.patience * 1000
    /// Asked while a read waits; true ends it.
    var isCalledOff: () -> Bool = { false }

    /// Takes over a connected socket.
    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var time = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// - Parameter receiveBuffer: the kernel's, in bytes, to be a client that takes little at a time.
    package convenience init(to host: String = "127.0.0.1", port: Int, receiveBuffer: Int32? = nil) throws {
        let address = try LoopbackAddress(host: host, port: port)
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.with({ connect(descriptor, $0, $1) }) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw Failure(description: "cannot connect: \(reason)")
        }
        self.init(descriptor)
    }

    deinit { close() }

    /// - Returns: false when the other side is gone.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Everything up to and including `mark`, which must come.
    package func read(through mark: String) throws -> String {
        let wanted = Array(mark.utf8)
        var start = 0
        while true {
            if let range = unread[start...].firstRange(of: wanted) { return text(take(range.upperBound)) }
            start = max(0, unread.count - wanted.count)
            if let end = receive() { throw Failure(description: "\(end) before \(mark.debugDescription)") }
        }
    }

    package func read(count: Int) throws -> [UInt8] {
        while unread.count < count {
            if let end = receive() { throw Failure(description: "\(end) after \(unread.count) of \(count) bytes") }
        }
        return take(count)
    }

    /// All that still comes, and how it ended.
    package func readToEnd() -> (text: String, end: End) {
        while true {
            if let end = receive() { return (text(take(unread.count)), end) }
        }
    }

    /// A request or an answer: first line, fields, and the body that Content-Length announces.
    package func readMessage(isBodyless: Bool = false) throws -> LoopbackMessage {
        let head = try read(through: "\r\n\r\n").components(separatedBy: "\r\n")
        var message = LoopbackMessage(firstLine: head[0], headers: HTTPHeaders(), body: [])
        for line in head.dropFirst() where !line.isEmpty {
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            message.headers.add(String(line[..<colon]), String(line[colon...].dropFirst().drop { $0 == " " }))
        }
        guard !isBodyless, let length = message.headers["Content-Length"].flatMap({ Int($0) }) else { return message }
        message.body = try read(count: length)
        return message
    }

    /// Whether nothing comes within that time, and the connection stands.
    package func isSilent(milliseconds: Int) -> Bool {
        patience = milliseconds
        defer { patience = Self.patience * 1000 }
        return unread.isEmpty && receive() == .silent
    }

    /// Says that nothing more will be sent.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    package func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Ends the connection with a TCP reset.
    package func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    private func receive() -> End? {
        guard waitForInput() else { return .silent }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            unread += buffer[..<count]
            return nil
        }
        return count == 0 ? .closed : .reset
    }

    private func waitForInput() -> Bool {
        let end = ContinuousClock.now + .milliseconds(patience)
        repeat {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, Int32(min(patience, 20))) != 0 { return true }
        } while !isCalledOff() && ContinuousClock.now < end
        return false
    }

    private func take(_ count: Int) -> [UInt8] {
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// An HTTP/1.1 message as it went over the wire.
package struct LoopbackMessage: Equatable, Sendable {
    package var firstLine: String
    package var headers: HTTPHeaders
    package var body: [UInt8]

    /// Of an answer; 0 where the first line is none.
    package var status: Int { Int(firstLine.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    package var text: String { String(decoding: body, as: UTF8.self) }
}
