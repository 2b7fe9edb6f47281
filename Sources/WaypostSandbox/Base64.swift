/// RFC 4648 section 4, strictly: the standard alphabet, padding required, no line breaks.
enum Base64 {
    /// nil when the text is not base64.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        let count = text.utf8.count
        guard count % 4 == 0 else { return nil }
        bytes.reserveCapacity(count / 4 * 3)
        var group: UInt32 = 0
        var padding = 0
        for (index, byte) in text.utf8.enumerated() {
            let value: UInt32
            switch byte {
            case 0x41...0x5A: value = UInt32(byte - 0x41)
            case 0x61...0x7A: value = UInt32(byte - 0x61) + 26
            case 0x30...0x39: value = UInt32(byte - 0x30) + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "=") where index >= count - 2:
                padding += 1
                value = 0
            default: return nil
            }
            guard padding == 0 || byte == UInt8(ascii: "=") else { return nil }
            group = group << 6 | value
            guard index % 4 == 3 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            if padding < 2 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
            if padding < 1 { bytes.append(UInt8(truncatingIfNeeded: group)) }
            group = 0
        }
        return bytes
    }

    /// RFC 4648 section 5, without padding, as tokens have it.
    static func decodeURL(_ text: some StringProtocol) -> [UInt8]? {
        var standard = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"): standard += "+"
            case UInt8(ascii: "_"): standard += "/"
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: standard.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return decode(standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4))
    }
}
