/// A host name as people write it, letters beyond ASCII included (IDN, RFC 5890), checked and turned into what DNS knows.
package enum DomainName {
    /// Why `text` is not a fully qualified domain name; nil when it is one.
    ///
    /// Labels hold 1 to 63 octets of letters, digits and inner hyphens (RFC 1123 section 2.1), measured in the form that DNS
    /// sees; the whole at most 253. The last one is not all digits (RFC 3696 section 2), so an IP address is none.
    package static func flaw(in text: Substring) -> String? {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2 else { return "its domain needs at least two labels, like example.com" }
        var length = labels.count - 1
        for label in labels {
            guard let octets = octets(of: label) else {
                return "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"
            }
            length += octets
        }
        guard length <= 253 else { return "its domain is longer than 253 octets" }
        if let last = labels.last, last.allSatisfy({ (0x30...0x39).contains($0) }) {
            return "its domain is an IP address or ends in a number"
        }
        return nil
    }

    /// The name in lower case with every label beyond ASCII as its A-label (`xn--…`, RFC 5891); a name that cannot be written
    /// so stays as it is.
    ///
    /// Lower-casing is the only mapping of UTS 46 that is done: compatibility forms and normalization are the caller's.
    package static func ascii(_ text: some StringProtocol) -> String {
        let lower = text.lowercased()
        if lower.utf8.allSatisfy({ $0 < 0x80 }) { return lower }
        // By bytes: a dot that a combining mark follows is still a dot.
        return lower.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { label in
            aLabel(Substring(label)) ?? String(Substring(label))
        }.joined(separator: ".")
    }

    private static func aLabel(_ label: Substring) -> String? {
        if label.utf8.allSatisfy({ $0 < 0x80 }) { return String(label) }
        return Punycode.encode(String(label)).map { "xn--" + $0 }
    }

    /// The length of the label in DNS; nil when it is not one.
    private static func octets(of label: Substring.UTF8View) -> Int? {
        guard let first = label.first, let last = label.last, first != UInt8(ascii: "-"), last != UInt8(ascii: "-")
        else {
            return nil
        }
        var isASCII = true
        for byte in label {
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D: break
            case 0x80...: isASCII = false
            default: return nil
            }
        }
        if isASCII { return label.count <= 63 ? label.count : nil }
        // Punycode costs the square of the length, and no label of this size fits 63 octets.
        guard label.count <= 252 else { return nil }
        let lower = Substring(label).lowercased()
        guard lower.unicodeScalars.allSatisfy(isLetter), lower.unicodeScalars.first.map(isMark) != true,
            let count = aLabel(Substring(lower))?.utf8.count,
            count <= 63
        else { return nil }
        return count
    }

    /// No label begins with one (RFC 5891 section 4.2.3.2).
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    /// Near enough to what IDNA 2008 calls PVALID (RFC 5892): letters, marks and decimal digits.
    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber: true
        default: scalar == "-"
        }
    }
}
