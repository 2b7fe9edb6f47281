/// A parameter of a MIME header with any text as its value (RFC 2231).
enum MIMEParameter {
    /// The tokens of `name`: one for a short plain value, else numbered pieces with percent-encoded UTF-8. None cuts a
    /// character. Each but the last ends in a semicolon.
    static func tokens(_ name: String, _ value: String) -> [String] {
        let value = String(
            String.UnicodeScalarView(value.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
        if value.utf8.count <= 60, value.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }),
            !value.contains("=?")  // readers take an encoded word (RFC 2047) for one even within quotes
        {
            return ["\(name)=\"\(value)\""]
        }
        var pieces = pieces(of: value)
        if pieces.count == 1 { return ["\(name)*=UTF-8''\(pieces[0])"] }
        pieces[0] = "UTF-8''" + pieces[0]
        return pieces.enumerated().map { index, piece in
            "\(name)*\(index)*=\(piece)" + (index < pieces.count - 1 ? ";" : "")
        }
    }

    /// Percent-encoded pieces that fit on a line of 76 with the parameter's name before them.
    private static func pieces(of value: String) -> [String] {
        var pieces = [""]
        for scalar in value.unicodeScalars {
            var encoded: [UInt8] = []
            for byte in String(scalar).utf8 {
                if isPlain(byte) { encoded.append(byte) } else { encoded.appendEscape(UInt8(ascii: "%"), byte) }
            }
            if pieces[pieces.count - 1].utf8.count + encoded.count > 48 { pieces.append("") }
            pieces[pieces.count - 1] += String(decoding: encoded, as: UTF8.self)
        }
        return pieces
    }

    /// RFC 2231 section 7, `attribute-char`, kept to what no reader gets wrong.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
