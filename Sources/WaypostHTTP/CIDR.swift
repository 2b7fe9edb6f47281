import Glibc

/// An IP address as its bytes: four, or sixteen. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is IPv4 here, since
/// a socket for both shows it so.
package struct IPAddress: Hashable, Sendable {
    package let bytes: [UInt8]

    /// nil for what is no address: a name, a port or a zone beside it.
    package init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = withUnsafeBytes(of: v4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            let all = withUnsafeBytes(of: v6) { Array($0) }
            let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
            bytes = isMapped ? Array(all.suffix(4)) : all
        } else {
            return nil
        }
    }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// 0.0.0.0 or ::, which a listener takes for all its addresses.
    package var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }
}

/// A block of IP addresses, `10.0.0.0/8` or `2001:db8::/32`; an address alone is a block of one.
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    private let network: IPAddress
    /// In bits.
    private let prefix: Int
    /// As it was written.
    package let description: String

    /// Why a text is no block, worded to follow it: `"10.0.0.1/8" has bits beyond its prefix`.
    package struct Flaw: Error, Equatable, Sendable {
        package let complaint: String
    }

    package init(_ text: String) throws(Flaw) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let network = IPAddress(String(parts[0])) else {
            throw Flaw(complaint: "is not an address block")
        }
        let width = network.bytes.count * 8
        var prefix = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(parts[1]), bits <= width
            else {
                throw Flaw(complaint: "has no prefix length from 0 to \(width)")
            }
            prefix = bits
        }
        self.network = network
        self.prefix = prefix
        description = text
        for (index, byte) in network.bytes.enumerated() where byte & ~mask(at: index) != 0 {
            throw Flaw(complaint: "has bits beyond its prefix")
        }
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == network.bytes.count else { return false }
        return address.bytes.indices.allSatisfy { address.bytes[$0] & mask(at: $0) == network.bytes[$0] }
    }

    /// false for what is no address.
    package func contains(_ addressText: String) -> Bool { IPAddress(addressText).map(contains) ?? false }

    /// The bits of that byte which the prefix covers.
    private func mask(at index: Int) -> UInt8 {
        let bits = min(8, max(0, prefix - index * 8))
        return bits == 0 ? 0 : ~UInt8(0) << UInt8(8 - bits)
    }
}
