import Glibc

/// Which addresses lie out in the open Internet: the others are ours, our host's or nobody's, and whoever gives us a URL
/// shall not reach them through us (server-side request forgery).
///
/// The blocks are those of the IANA registries of special-purpose addresses (RFC 6890) that are not globally reachable.
package enum PublicAddress {
    /// Of four or sixteen bytes; false for any other length.
    package static func isPublic(_ bytes: [UInt8]) -> Bool {
        switch bytes.count {
        case 4: !private4.contains { $0.contains(bytes) }
        case 16: isPublic6(bytes)
        default: false
        }
    }

    /// A `sockaddr` as the kernel takes it; false for what is neither IPv4 nor IPv6.
    package static func isPublic(socketAddress: UnsafeRawBufferPointer) -> Bool {
        guard socketAddress.count >= MemoryLayout<sa_family_t>.size else { return false }
        switch Int32(socketAddress.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET where socketAddress.count >= MemoryLayout<sockaddr_in>.size:
            return isPublic(Array(socketAddress[4..<8]))
        case AF_INET6 where socketAddress.count >= MemoryLayout<sockaddr_in6>.size:
            return isPublic(Array(socketAddress[8..<24]))
        default: return false
        }
    }

    /// Forms that carry an IPv4 address are what that one is; of the rest only 2000::/3 is given out.
    private static func isPublic6(_ bytes: [UInt8]) -> Bool {
        if let place = carriers6.first(where: { $0.block.contains(bytes) })?.place {
            return isPublic(Array(bytes[place..<place + 4]))
        }
        return global6.contains(bytes) && !private6.contains { $0.contains(bytes) }
    }

    private struct Block: Sendable {
        var network: [UInt8]
        /// In bits.
        var prefix: Int

        func contains(_ address: [UInt8]) -> Bool {
            for index in 0..<(prefix + 7) / 8 {
                let bits = min(8, prefix - index * 8)
                let mask = ~UInt8(0) << UInt8(8 - bits)
                if address[index] & mask != byte(index) & mask { return false }
            }
            return true
        }

        /// Zero where the network is written shorter.
        private func byte(_ index: Int) -> UInt8 { network.indices.contains(index) ? network[index] : 0 }
    }

    private static let private4: [Block] = [
        Block(network: [0], prefix: 8),  // this network, unspecified
        Block(network: [10], prefix: 8),
        Block(network: [100, 64], prefix: 10),  // carriers' NAT
        Block(network: [127], prefix: 8),
        Block(network: [169, 254], prefix: 16),  // link-local: clouds tell their hosts' credentials there
        Block(network: [172, 16], prefix: 12),
        Block(network: [192, 0, 0], prefix: 24),
        Block(network: [192, 0, 2], prefix: 24),  // documentation
        Block(network: [192, 88, 99], prefix: 24),  // 6to4 relays, given up
        Block(network: [192, 168], prefix: 16),
        Block(network: [198, 18], prefix: 15),  // benchmarks
        Block(network: [198, 51, 100], prefix: 24),  // documentation
        Block(network: [203, 0, 113], prefix: 24),  // documentation
        Block(network: [224], prefix: 4),  // multicast
        Block(network: [240], prefix: 4),  // reserved, broadcast
    ]

    private static let carriers6: [(block: Block, place: Int)] = [
        (Block(network: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], prefix: 96), 12),  // mapped
        (Block(network: [0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], prefix: 96), 12),  // translated (RFC 2765)
        (Block(network: [0], prefix: 96), 12),  // compatible; also :: and ::1, which then are of 0.0.0.0/8
        (Block(network: [0, 0x64, 0xFF, 0x9B], prefix: 96), 12),  // NAT64
        (Block(network: [0x20, 0x02], prefix: 16), 2),  // 6to4
    ]

    private static let global6 = Block(network: [0x20], prefix: 3)

    private static let private6: [Block] = [
        Block(network: [0x20, 0x01], prefix: 23),  // protocols: Teredo, benchmarks, ORCHID
        Block(network: [0x20, 0x01, 0x0D, 0xB8], prefix: 32),  // documentation
        Block(network: [0x3F, 0xFF], prefix: 20),  // documentation
    ]
}
