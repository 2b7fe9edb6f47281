import WaypostCrypto

/// How a text part travels: whichever of the two encodings is the smaller (RFC 2045 section 6).
enum TransferEncoding: String {
    case quotedPrintable = "quoted-printable"
    case base64

    /// The better one for a text.
    init(for text: String) {
        let escaped = text.utf8.reduce(0) { $0 + ($1 >= 0x7F || $1 == UInt8(ascii: "=") ? 1 : 0) }
        self = escaped * 6 > text.utf8.count ? .base64 : .quotedPrintable
    }

    /// Appends the text, its line ends (CR LF, LF or CR) written as CRLF. Nothing is added at its end.
    func append(_ text: String, to bytes: inout [UInt8]) {
        switch self {
        case .quotedPrintable: Self.appendQuotedPrintable(text, to: &bytes)
        case .base64:
            Base64.text(of: Self.canonical(text)).withUnsafeBufferPointer { Self.appendLines(of: $0, to: &bytes) }
        }
    }

    /// Appends text that is base 64 already, broken into lines of 76 (RFC 2045 section 6.8), without a line end after the last.
    static func appendLines(ofBase64 text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { appendLines(of: $0, to: &bytes) }
    }

    private static func appendLines(of base64: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        for start in stride(from: 0, to: base64.count, by: 76) {
            if start > 0 { bytes.append(contentsOf: "\r\n".utf8) }
            bytes.append(contentsOf: base64[start..<min(start + 76, base64.count)])
        }
    }

    private static func canonical(_ text: String) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(text.utf8.count + 64)
        forEachByte(of: text) { byte in
            if let byte { lines.append(byte) } else { lines.append(contentsOf: "\r\n".utf8) }
        }
        return lines
    }

    /// RFC 2045 section 6.7: lines of at most 76, a blank never last on one.
    private static func appendQuotedPrintable(_ text: String, to bytes: inout [UInt8]) {
        var column = 0
        var blank: UInt8?  // held back until it is known what follows
        func put(_ byte: UInt8, escaped: Bool) {
            let width = escaped ? 3 : 1
            if column + width > 75 {  // the 76th column is the soft break's
                bytes.append(contentsOf: "=\r\n".utf8)
                column = 0
            }
            if escaped { bytes.appendEscape(UInt8(ascii: "="), byte) } else { bytes.append(byte) }
            column += width
        }
        func release(escaped: Bool) {
            if let held = blank { put(held, escaped: escaped) }
            blank = nil
        }
        forEachByte(of: text) { byte in
            guard let byte else {
                release(escaped: true)
                bytes.append(contentsOf: "\r\n".utf8)
                column = 0
                return
            }
            release(escaped: false)
            switch byte {
            case 0x20, 0x09: blank = byte
            // A dot or "From " that begins a line meets software that changes it; some guards cost nothing.
            case UInt8(ascii: "."), UInt8(ascii: "F"): put(byte, escaped: column == 0)
            case UInt8(ascii: "="): put(byte, escaped: true)
            case 0x21...0x7E: put(byte, escaped: false)
            default: put(byte, escaped: true)
            }
        }
        release(escaped: true)
    }

    /// Each byte, and nil for each line end of whatever form.
    private static func forEachByte(of text: String, _ body: (UInt8?) -> Void) {
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x0A where previous == 0x0D: break  // the second half of one
            case 0x0A, 0x0D: body(nil)
            default: body(byte)
            }
            previous = byte
        }
    }
}
