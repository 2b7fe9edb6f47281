import WaypostCrypto

/// Text beyond ASCII in a header, as a run of encoded words (RFC 2047).
enum EncodedWord {
    /// The RFC allows 75, and 76 for the whole line; staying at 64 lets the first word stand on the line of its name.
    static let longest = 64

    private static let overhead = "=?UTF-8?Q??=".utf8.count

    /// The words, to be joined by single blanks, which a reader drops again. None cuts a character.
    static func encode(_ text: String) -> [String] {
        let quoted = text.utf8.reduce(0) { $0 + quotedSize($1) }
        return quoted <= (text.utf8.count + 2) / 3 * 4
            ? words(of: text, unit: { $0.reduce(0) { $0 + quotedSize($1) } }, capacity: longest - overhead) {
                "=?UTF-8?Q?\(quote($0))?="
            }
            : words(of: text, unit: \.count, capacity: (longest - overhead) / 4 * 3) {
                "=?UTF-8?B?\(Base64.encode($0))?="
            }
    }

    /// Fills words up to `capacity`, counted by `unit`, with whole characters; one that is too large for any word (letters
    /// with dozens of marks) is cut between scalars, as the RFC allows.
    private static func words(
        of text: String, unit: ([UInt8]) -> Int, capacity: Int, write: ([UInt8]) -> String
    ) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var size = 0
        func add(_ piece: [UInt8]) {
            let added = unit(piece)
            if size + added > capacity, !word.isEmpty {
                words.append(write(word))
                word.removeAll(keepingCapacity: true)
                size = 0
            }
            word += piece
            size += added
        }
        for character in text {
            let bytes = Array(character.utf8)
            if unit(bytes) <= capacity {
                add(bytes)
            } else {
                for scalar in character.unicodeScalars { add(Array(String(scalar).utf8)) }
            }
        }
        if !word.isEmpty { words.append(write(word)) }
        return words
    }

    /// RFC 2047 section 5 (3): what may stand unescaped even in a phrase.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    private static func quotedSize(_ byte: UInt8) -> Int { byte == 0x20 || isPlain(byte) ? 1 : 3 }

    private static func quote(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            if byte == 0x20 {
                text.append(UInt8(ascii: "_"))
            } else if isPlain(byte) {
                text.append(byte)
            } else {
                text.appendEscape(UInt8(ascii: "="), byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension [UInt8] {
    /// `mark` and the byte's two upper-case hexadecimal digits: `=C3`, `%C3`.
    mutating func appendEscape(_ mark: UInt8, _ byte: UInt8) {
        append(mark)
        for digit in [byte >> 4, byte & 15] { append(digit < 10 ? 0x30 + digit : 0x37 + digit) }
    }
}
