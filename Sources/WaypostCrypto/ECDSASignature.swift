/// The two forms of an ECDSA signature with P-256: OpenSSL's DER (RFC 3279 section 2.2.3), and r and s side by side, 32
/// bytes each, as JSON Web Signatures want it (RFC 7518 section 3.4).
package enum ECDSASignature {
    /// In bytes, of the form without DER.
    static let rawSize = 64
    private static let half = 32

    /// r and s, padded with zeros on the left; nil for anything but DER without a byte too many or too few.
    static func raw(fromDER der: [UInt8]) -> [UInt8]? {
        // Both integers take at most 35 bytes, so the length is one byte that is below 128.
        guard der.count >= 2, der[0] == 0x30, der[1] < 0x80, Int(der[1]) == der.count - 2 else { return nil }
        var rest = der[2...]
        guard let r = integer(&rest), let s = integer(&rest), rest.isEmpty else { return nil }
        return padded(r) + padded(s)
    }

    /// nil where `raw` has another size.
    package static func der(fromRaw raw: [UInt8]) -> [UInt8]? {
        guard raw.count == rawSize else { return nil }
        let integers = encoded(raw[..<half]) + encoded(raw[half...])
        return [0x30, UInt8(integers.count)] + integers
    }

    /// Takes a positive INTEGER of at most 256 bits off the front, written as short as can be; without its leading zero.
    private static func integer(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.popFirst() == 0x02, let length = rest.popFirst().map(Int.init), (1...half + 1).contains(length),
            rest.count >= length
        else { return nil }
        let bytes = rest.prefix(length)
        rest = rest.dropFirst(length)
        guard let first = bytes.first, first < 0x80 else { return nil }  // negative
        guard first == 0 else { return length <= half ? bytes : nil }
        let value = bytes.dropFirst()
        guard let second = value.first, second >= 0x80 else { return nil }  // zero, or a zero too many
        return value
    }

    private static func padded(_ value: ArraySlice<UInt8>) -> [UInt8] {
        [UInt8](repeating: 0, count: half - value.count) + value
    }

    private static func encoded(_ half: ArraySlice<UInt8>) -> [UInt8] {
        var value = Array(half.drop { $0 == 0 })
        if value.first.map({ $0 >= 0x80 }) ?? true { value.insert(0, at: 0) }
        return [0x02, UInt8(value.count)] + value
    }
}
