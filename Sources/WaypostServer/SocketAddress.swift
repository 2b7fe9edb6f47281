import Glibc

/// The text of a peer's or our own socket address.
enum SocketAddress {
    /// The numeric host, without port, brackets or scope. IPv4 that came in by an IPv6 socket is shown as IPv4; anything but
    /// IP is the empty string.
    static func host(_ address: UnsafePointer<sockaddr>) -> String {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return withUnsafeBytes(of: raw.load(as: sockaddr_in.self).sin_addr) { text(AF_INET, $0[...]) }
        case AF_INET6:
            return withUnsafeBytes(of: raw.load(as: sockaddr_in6.self).sin6_addr) { bytes in
                let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10..<12].allSatisfy { $0 == 0xFF }
                return isMapped ? text(AF_INET, bytes[12...]) : text(AF_INET6, bytes[...])
            }
        default: return ""
        }
    }

    static func port(_ address: UnsafePointer<sockaddr>) -> Int {
        // It stands at the same place in both families.
        Int(UInt16(bigEndian: UnsafeRawPointer(address).load(as: sockaddr_in.self).sin_port))
    }

    private static func text(_ family: Int32, _ address: Slice<UnsafeRawBufferPointer>) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let bytes = UnsafeRawBufferPointer(rebasing: address)
        guard inet_ntop(family, bytes.baseAddress, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
