extension String {
    /// Whether it has the shape of one bare address, `local@domain`, with RFC 5321's lengths; no display name, no quotes.
    var looksLikeAddress: Bool {
        let parts = utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count), (1...255).contains(parts[1].count) else {
            return false
        }
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return !utf8.contains { $0 <= 0x20 || $0 == 0x7F || "\"(),:;<>[\\]".utf8.contains($0) }
            && parts[0].first != UInt8(ascii: ".") && parts[0].last != UInt8(ascii: ".")
            && labels.allSatisfy { (1...63).contains($0.count) && $0.first != UInt8(ascii: "-") }
    }

    /// The address in `Name <address>`, or the whole text.
    var bareAddress: String {
        guard hasSuffix(">"), let open = lastIndex(of: "<") else { return self }
        return String(self[index(after: open)...].dropLast())
    }

    var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
