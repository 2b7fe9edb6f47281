/// A 128-bit, time-sortable identifier: 48 bits of Unix milliseconds, then 80 random bits.
///
/// Written as 26 characters of Crockford's base 32 (https://github.com/ulid/spec).
package struct ULID: Hashable, Comparable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
        high =
            UInt64(truncatingIfNeeded: time.milliseconds) << 16
            | UInt64(UInt16.random(in: .min ... .max, using: &generator))
        low = generator.next()
    }

    package init(at time: Timestamp) {
        var generator = SystemRandomNumberGenerator()
        self.init(at: time, using: &generator)
    }

    /// The moment of creation, to the millisecond.
    package var createdAt: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    package static func < (left: ULID, right: ULID) -> Bool { (left.high, left.low) < (right.high, right.low) }

    private static let alphabet: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    /// Appends the 26 characters.
    package func write(to text: inout [UInt8]) {
        Self.alphabet.withUTF8Buffer { letters in
            // 128 bits in 26 groups of five: the first group holds only three bits.
            for position in 0..<26 {
                let shift = 125 - position * 5
                let group: UInt64
                if shift >= 64 {
                    group = high >> UInt64(shift - 64)
                } else if shift > 59 {
                    group = high << UInt64(64 - shift) | low >> UInt64(shift)
                } else {
                    group = low >> UInt64(shift)
                }
                text.append(letters[Int(group & 31)])
            }
        }
    }

    /// Reads the 26 characters; upper or lower case, nothing else is accepted.
    package init?(_ text: some Collection<UInt8>) {
        guard text.count == 26 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (position, byte) in text.enumerated() {
            guard let value = Self.value(of: byte), position > 0 || value < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        self.init(high: high, low: low)
    }

    private static func value(of byte: UInt8) -> UInt8? {
        if (0x30...0x39).contains(byte) { return byte - 0x30 }
        return switch byte | 0x20 {
        case UInt8(ascii: "a")...UInt8(ascii: "h"): (byte | 0x20) - UInt8(ascii: "a") + 10
        case UInt8(ascii: "j"), UInt8(ascii: "k"): (byte | 0x20) - UInt8(ascii: "j") + 18
        case UInt8(ascii: "m"), UInt8(ascii: "n"): (byte | 0x20) - UInt8(ascii: "m") + 20
        case UInt8(ascii: "p")...UInt8(ascii: "t"): (byte | 0x20) - UInt8(ascii: "p") + 22
        case UInt8(ascii: "v")...UInt8(ascii: "z"): (byte | 0x20) - UInt8(ascii: "v") + 27
        default: nil
        }
    }
}
