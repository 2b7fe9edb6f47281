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
