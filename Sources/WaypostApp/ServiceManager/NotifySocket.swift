import Foundation

/// The socket that `NOTIFY_SOCKET` names: of a file, or where it begins with `@` in Linux's abstract name space.
final class NotifySocket: Sendable {
    private let descriptor: Int32
    private let name: [UInt8]
    /// How long a datagram may take where the other side does not read, in seconds.
    private static let patience = 1

    /// nil where the address is none.
    init?(_ address: String) {
        guard let name = Self.name(of: address) else { return nil }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.name = name
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// What stands in `sun_path`; nil where it is neither a path nor an abstract name, or too long for one.
    static func name(of address: String) -> [UInt8]? {
        var name = Array(address.utf8)
        guard name.count > 1, name.count <= MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1 else { return nil }
        switch name[0] {
        case UInt8(ascii: "@"): name[0] = 0
        case UInt8(ascii: "/"): break
        default: return nil
        }
        return name
    }

    /// Nobody is told when it cannot be sent: whoever would listen is not there.
    func send(_ text: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(text.utf8)
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, size)
            }
        }
    }
}
