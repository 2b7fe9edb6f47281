import Synchronization

/// Makes ids as providers hand them out: letters and digits, different at every call and between two runs.
struct ReferenceMaker: ~Copyable, Sendable {
    private let generator = Mutex(SplitMix64(state: .random(in: 0 ... .max)))

    /// 22 characters, as long as SendGrid's.
    func next() -> String {
        let (high, low) = generator.withLock { ($0.next(), $0.next()) }
        return String(unsafeUninitializedCapacity: 22) { text in
            var bits = high
            for index in 0..<22 {
                if index == 11 { bits = low }
                text[index] = Self.alphabet[Int(bits & 31)]
                bits >>= 5
            }
            return 22
        }
    }

    /// A random UUID (RFC 9562 section 5.4) in lower case, as APNs writes them.
    func nextUUID() -> String {
        let (high, low) = generator.withLock { ($0.next(), $0.next()) }
        let first = high & ~0xF000 | 0x4000
        let second = low & ~(3 << 62) | 2 << 62
        return String(unsafeUninitializedCapacity: 36) { text in
            var digit = 0
            for index in 0..<36 {
                if index == 8 || index == 13 || index == 18 || index == 23 {
                    text[index] = UInt8(ascii: "-")
                    continue
                }
                let nibble = UInt8((digit < 16 ? first >> (60 - digit * 4) : second >> (124 - digit * 4)) & 15)
                text[index] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
                digit += 1
            }
            return 36
        }
    }

    /// 32 lower-case hexadecimal digits.
    func hexadecimal() -> String {
        let (high, low) = generator.withLock { ($0.next(), $0.next()) }
        return [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
}
