/// Takes telephone numbers out of a text. Letters and digits that hang together (`SM0123…`, `msg_01J…`, a UUID) are an
/// identifier and stay whole, as do codes, which are short.
struct PhoneNumberMask {
    /// Whether digits without a plus sign are numbers too, from nine on.
    let hidesDigits: Bool

    /// With `<number>` in the place of each.
    func masked(_ text: String) -> String {
        let bytes = Array(text.replacing("%2B", with: "+").utf8)
        var clean: [UInt8] = []
        clean.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if let end = endOfNumber(in: bytes, from: position) {
                clean.append(contentsOf: "<number>".utf8)
                position = end
            } else {
                clean.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: clean, as: UTF8.self)
    }

    /// Where the number that begins there ends; nil when none does.
    private func endOfNumber(in bytes: [UInt8], from start: Int) -> Int? {
        let isInternational = bytes[start] == UInt8(ascii: "+")
        guard isInternational || hidesDigits && Self.isDigit(bytes[start]) else { return nil }
        if start > 0, Self.isToken(bytes[start - 1]) { return nil }
        let first = isInternational ? start + 1 : start
        var end = first
        while end < bytes.count, Self.isDigit(bytes[end]) { end += 1 }
        guard isInternational ? (7...15).contains(end - first) : end - first >= 9 else { return nil }
        if end < bytes.count, Self.isToken(bytes[end]) {
            // A hyphen at the end of it is punctuation; one before more of a token is not.
            guard bytes[end] == UInt8(ascii: "-"), end + 1 == bytes.count || !Self.isToken(bytes[end + 1]) else {
                return nil
            }
        }
        return end
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// What identifiers are made of.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
