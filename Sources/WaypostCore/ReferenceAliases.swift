/// Other spellings of a provider's id of a message, for callbacks that do not repeat the one that the answer gave: numbers
/// told in hexadecimal here and in decimal there, with or without zeros before them (SMPP's message ids come through
/// gateways in all of these).
package enum ReferenceAliases {
    /// Widths to which gateways fill up with zeros, in digits.
    private static let widths = [8, 10, 16, 20]

    /// The spellings of the same number other than `reference` itself, the likeliest first; empty for what is no number.
    package static func of(_ reference: String) -> [String] {
        let text = reference.lowercased()
        guard (1...20).contains(text.utf8.count), text.utf8.allSatisfy(isHexadecimal) else { return [] }
        var aliases: [String] = []
        func add(_ alias: String) {
            if alias != reference, !aliases.contains(alias) { aliases.append(alias) }
        }
        func addPadded(_ digits: String) {
            for width in widths where digits.utf8.count < width {
                add(String(repeating: "0", count: width - digits.utf8.count) + digits)
            }
        }
        let stripped = String(text.drop { $0 == "0" })
        let digits = stripped.isEmpty ? "0" : stripped
        add(digits)
        let isDecimal = digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let asHexadecimal = isDecimal ? UInt64(digits).map { String($0, radix: 16) } : nil
        let asDecimal = UInt64(digits, radix: 16).map { String($0) }
        for other in [asHexadecimal, asDecimal] { if let other { add(other) } }
        if let asHexadecimal { add(asHexadecimal.uppercased()) }
        add(digits.uppercased())
        addPadded(digits)
        for other in [asHexadecimal, asDecimal] { if let other { addPadded(other) } }
        return aliases
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
