/// Base 64 with the standard alphabet (RFC 4648 section 4), strict: padded, no white space, no stray bits.
///
/// Written here because OpenSSL's decoder takes white space and stray bits, and attachments are megabytes that are only
/// to be checked, never decoded.
package enum Base64 {
    /// The padded text of `bytes`.
    package static func encode(_ bytes: [UInt8]) -> String { String(decoding: text(of: bytes), as: UTF8.self) }

    /// `encode` as ASCII bytes.
    package static func text(of bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { text, count in
            alphabet.withUTF8Buffer { letters in
                bytes.withUnsafeBufferPointer { encode($0, into: text, with: letters) }
            }
            count = text.count
        }
    }

    /// The bytes of a canonical text; nil for any other (see `isCanonical`).
    package static func decode(_ text: String) -> [UInt8]? {
        guard isCanonical(text) else { return nil }
        return withBytes(of: text) { text in
            [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3) { bytes, count in
                for start in stride(from: 0, to: text.count, by: 4) {
                    var group: UInt32 = 0
                    for byte in text[start..<start + 4] { group = group << 6 | UInt32(values[Int(byte)] & 63) }
                    bytes[count] = UInt8(truncatingIfNeeded: group >> 16)
                    bytes[count + 1] = UInt8(truncatingIfNeeded: group >> 8)
                    bytes[count + 2] = UInt8(truncatingIfNeeded: group)
                    count += 3
                }
                count -= padding(of: text)
            }
        }
    }

    /// Whether `text` is exactly what `encode` writes for some bytes: whole groups of four, padding only at the end, the
    /// bits beyond the last byte zero. The empty text is. Reads each byte once, about a nanosecond.
    package static func isCanonical(_ text: String) -> Bool { withBytes(of: text, isCanonical) }

    /// How many bytes a canonical text stands for, from its length alone.
    package static func decodedSize(of text: String) -> Int {
        withBytes(of: text) { $0.count / 4 * 3 - padding(of: $0) }
    }

    // MARK: Over bytes

    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// The six bits of each letter; `invalid` for every other byte.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        alphabet.withUTF8Buffer { letters in
            for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
        }
        return values
    }()

    private static let invalid: UInt8 = 0x80
    private static let pad = UInt8(ascii: "=")

    private static func isCanonical(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count.isMultiple(of: 4) else { return false }
        let letters = text.dropLast(padding(of: text))
        return values.withUnsafeBufferPointer { values in
            var seen: UInt8 = 0  // no branch per byte: an invalid one leaves its mark
            for byte in letters { seen |= values[Int(byte)] }
            guard seen & invalid == 0 else { return false }
            // One pad leaves two bits of the last letter unused, two leave four.
            guard let last = letters.last else { return true }
            let unused: UInt8 = [0, 0b11, 0b1111][text.count - letters.count]
            return values[Int(last)] & unused == 0
        }
    }

    /// 0, 1 or 2 pads at the end; a third one stays in the text, where it is no letter.
    private static func padding(of text: UnsafeBufferPointer<UInt8>) -> Int {
        guard text.count >= 4, text[text.count - 1] == pad else { return 0 }
        return text[text.count - 2] == pad ? 2 : 1
    }

    private static func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, into text: UnsafeMutableBufferPointer<UInt8>,
        with letters: UnsafeBufferPointer<UInt8>
    ) {
        var written = 0
        func put(_ group: UInt32, letters count: Int) {
            for position in 0..<4 {
                let value = Int(group >> UInt32(18 - 6 * position) & 63)
                text[written + position] = position < count ? letters[value] : pad
            }
            written += 4
        }
        let whole = bytes.count / 3 * 3
        for start in stride(from: 0, to: whole, by: 3) {
            put(UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]), letters: 4)
        }
        switch bytes.count - whole {
        case 1: put(UInt32(bytes[whole]) << 16, letters: 2)
        case 2: put(UInt32(bytes[whole]) << 16 | UInt32(bytes[whole + 1]) << 8, letters: 3)
        default: break
        }
    }

    private static func withBytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(text.utf8).withUnsafeBufferPointer(body)
    }
}
