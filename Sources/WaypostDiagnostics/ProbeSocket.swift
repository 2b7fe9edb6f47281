import Glibc

/// A TCP connection for a look at the other side. Nothing it does takes longer than its timeouts. For one thread.
struct ProbeSocket: ~Copyable {
    let descriptor: Int32

    /// An address that a name stands for, as the system's calls want it.
    struct Address {
        /// Numeric.
        var text: String
        fileprivate var storage: sockaddr_storage
        fileprivate var size: socklen_t
        fileprivate var family: Int32
    }

    /// What a name stands for, by the system's own means; it takes as long as they do.
    static func addresses(of host: String, port: Int) throws(ProbeFailure) -> [Address] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else { throw ProbeFailure(.resolve, String(cString: gai_strerror(status)).lowercased()) }
        var found: [Address] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let raw = entry.ai_addr, Int(entry.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size else {
                continue
            }
            var storage = sockaddr_storage()
            withUnsafeMutableBytes(of: &storage) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: Int(entry.ai_addrlen)))
            }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            getnameinfo(raw, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            found.append(Address(text: name, storage: storage, size: entry.ai_addrlen, family: entry.ai_family))
        }
        guard !found.isEmpty else { throw ProbeFailure(.resolve, "the name has no address") }
        return found
    }

    /// Connects within `patience` milliseconds; later reads and writes wait as long each.
    init(to address: Address, patience: Int32) throws(ProbeFailure) {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw ProbeFailure(.connect, Self.word(errno)) }
        var span = timeval(tv_sec: Int(patience / 1000), tv_usec: Int(patience % 1000) * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // Linux bounds connect by the sending timeout too (socket(7)).
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &span, size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &span, size)
        let result = withUnsafePointer(to: address.storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, address.size) }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw ProbeFailure(.connect, code == EINPROGRESS ? "it took too long" : Self.word(code))
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    borrowing func write(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Empty at the end, or when nothing came in time.
    borrowing func read(atMost limit: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = max(0, recv(descriptor, buffer.baseAddress, limit, 0))
        }
    }

    private static func word(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}

/// Where a look at a host came to its end, and why.
package struct ProbeFailure: Error, Equatable, Sendable {
    package enum Stage: String, Sendable { case resolve, connect, handshake, answer, deadline }
    package var stage: Stage
    package var detail: String

    package init(_ stage: Stage, _ detail: String) {
        self.stage = stage
        self.detail = detail
    }
}
