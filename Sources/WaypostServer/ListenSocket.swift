import CMicrohttpd
import Glibc

/// Why a server could not begin to listen, in words for an operator.
package struct ListenError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// A listening TCP socket; it is closed when its owner lets go of it.
struct ListenSocket: ~Copyable {
    let descriptor: Int32
    /// Actual: the port is filled in where 0 was asked for.
    let host: String
    let port: Int
    /// Somebody else holds it too and goes on with it.
    let isShared: Bool

    /// - Parameters:
    ///   - host: an address or name, IPv6 with or without brackets; empty for every address there is.
    ///   - port: 0 picks one.
    init(host: String, port: Int) throws(ListenError) {
        let place = "\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host):\(port)"
        guard (0...65535).contains(port) else { throw ListenError("cannot listen on \(place): a port is 0 to 65535") }
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host

        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(bare.isEmpty ? nil : bare, String(port), &hints, &found)
        guard failure == 0, let first = found else {
            throw ListenError("cannot listen on \(place): \(String(cString: gai_strerror(failure)))")
        }
        defer { freeaddrinfo(first) }

        var reason = "no such address"
        for candidate in sequence(first: first, next: \.pointee.ai_next) {
            do throws(ListenError) {
                let descriptor = try Self.open(candidate.pointee)
                (self.host, self.port) = Self.address(of: descriptor)
                self.descriptor = descriptor
                isShared = false
                return
            } catch { reason = error.description }
        }
        throw ListenError("cannot listen on \(place): \(reason)")
    }

    /// Takes a socket that listens already, as one that systemd has opened.
    init(taking descriptor: Int32) throws(ListenError) {
        guard Self.option(SO_ACCEPTCONN, of: descriptor) == 1, let family = Self.option(SO_DOMAIN, of: descriptor),
            [AF_INET, AF_INET6].contains(family), Self.option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue)
        else {
            throw ListenError("descriptor \(descriptor), which was passed to listen on, is no listening TCP socket")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        self.descriptor = descriptor
        (host, port) = Self.address(of: descriptor)
        isShared = true
    }

    deinit { close(descriptor) }

    /// nil where it is no socket.
    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    /// In fact.
    private static func address(of descriptor: Int32) -> (host: String, port: Int) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
                return (SocketAddress.host($0), SocketAddress.port($0))
            }
        }
    }

    /// Takes one connection from the queue, never waiting.
    func accept() -> Result<AcceptedSocket, Errno> {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let connection = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.accept(descriptor, $0, &size) }
        }
        guard connection >= 0 else { return .failure(Errno(code: errno)) }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        return .success(AcceptedSocket(descriptor: connection, address: address, addressSize: size))
    }

    /// From the return of this on the kernel refuses newcomers, whoever else may still hold the descriptor.
    func refuseNewcomers() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func open(_ address: addrinfo) throws(ListenError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, kind, 0)
        guard descriptor >= 0 else { throw ListenError(Errno(code: errno).description) }
        var yes: Int32 = 1, no: Int32 = 0
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        // `[::]` is every address, IPv4 too, whatever the machine's default says.
        if address.ai_family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &no, size) }
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 4096) == 0 else {
            let error = ListenError(Errno(code: errno).description)
            close(descriptor)
            throw error
        }
        return descriptor
    }
}

/// A new connection, which whoever takes it must close.
struct AcceptedSocket {
    let descriptor: Int32
    let address: sockaddr_storage
    let addressSize: socklen_t
}

/// An error number of the C library.
struct Errno: Error, Equatable {
    let code: Int32

    /// As the C library puts it, beginning in lower case: "address already in use".
    var description: String {
        let text = String(cString: strerror(code))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
