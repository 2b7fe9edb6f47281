/// Percent-encoding of RFC 3986 section 2.1, read.
package enum PercentEncoding {
    /// The text behind a percent-encoded one; `+` stays a plus.
    /// - Returns: nil when an escape is broken or is `%00`, or when the bytes are not UTF-8.
    package static func decode(_ text: some StringProtocol) -> String? { decode(text, plusIsBlank: false) }

    static func decode(_ text: some StringProtocol, plusIsBlank: Bool) -> String? {
        let needsWork = text.utf8.contains { $0 == UInt8(ascii: "%") || plusIsBlank && $0 == UInt8(ascii: "+") }
        guard needsWork else { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
                let decoded = high << 4 | low
                guard decoded != 0 else { return nil }
                bytes.append(decoded)
            case UInt8(ascii: "+") where plusIsBlank: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
