/// Writes header fields with CRLF line ends, folded between tokens at 76 columns (RFC 5322 section 2.2.3).
struct HeaderWriter {
    /// RFC 2047 section 2 for lines with encoded words; RFC 5322 advises 78 for others.
    static let width = 76

    private(set) var bytes: [UInt8] = []

    /// `tokens` hold no line break and are joined by single blanks.
    mutating func add(_ name: String, _ tokens: [String]) {
        bytes.append(contentsOf: "\(name):".utf8)
        var column = name.utf8.count + 1
        for (index, token) in tokens.enumerated() {
            let fits = column + 1 + token.utf8.count <= Self.width
            // Some software stumbles over a name with nothing on its line; encoded words leave no choice.
            if !fits, index > 0 || token.hasPrefix("=?") {
                bytes.append(contentsOf: "\r\n".utf8)
                column = 0
            }
            bytes.append(0x20)
            bytes.append(contentsOf: token.utf8)
            column += 1 + token.utf8.count
        }
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// A value that is one token.
    mutating func add(_ name: String, _ value: String) { add(name, [value]) }
}
