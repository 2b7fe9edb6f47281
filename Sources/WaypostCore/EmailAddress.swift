/// An address in the form of RFC 5321, with the letters beyond ASCII that RFC 6531 and IDN allow.
package struct EmailAddress: Equatable, Sendable {
    /// What stands before the `@`, quotes included.
    package let local: Substring
    /// What stands after it, as it was written.
    package let domain: Substring

    /// Why a text is no address, worded to follow the field's name: "is not an address: …".
    package struct Flaw: Error, Equatable, Sendable {
        package let complaint: String
    }

    /// Takes the address alone: no name, no angle brackets, no comment, no blank around it.
    ///
    /// At most 254 octets (RFC 3696 erratum 1690), 64 of them before the `@`; a local part of atoms and single dots or in
    /// quotes; a domain of at least two labels. Address literals (`[192.0.2.1]`) are refused: no provider sends to them.
    package init(_ text: String) throws(Flaw) {
        guard text.utf8.count <= 254 else { throw Flaw(complaint: "it is longer than 254 octets") }
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { throw Flaw(complaint: "it has no @") }
        let local = text[..<at]
        let domain = text[text.utf8.index(after: at)...]
        if let flaw = Self.flaw(inLocal: local.utf8) { throw Flaw(complaint: flaw) }
        if domain.utf8.first == UInt8(ascii: "[") {
            throw Flaw(complaint: "a domain name is needed, not an address literal")
        }
        if let flaw = DomainName.flaw(in: domain) { throw Flaw(complaint: flaw) }
        self.local = local
        self.domain = domain
    }

    /// Whether SMTP can carry it without SMTPUTF8 once the domain is written in A-labels.
    package var hasASCIILocal: Bool { local.utf8.allSatisfy { $0 < 0x80 } }

    /// The address with its domain in A-labels, as DNS and most providers want it; the local part is not touched.
    package var withASCIIDomain: String {
        domain.utf8.allSatisfy { $0 < 0x80 } ? "\(local)@\(domain)" : "\(local)@\(DomainName.ascii(domain))"
    }

    private static func flaw(inLocal local: Substring.UTF8View) -> String? {
        guard let first = local.first, let last = local.last else { return "nothing stands before its @" }
        guard local.count <= 64 else { return "more than 64 octets stand before its @" }
        if first == UInt8(ascii: "\"") { return flaw(inQuoted: local) }
        let dot = UInt8(ascii: ".")
        guard first != dot, last != dot else { return "a dot stands at an end of what is before its @" }
        var previous: UInt8 = 0
        for byte in local {
            if byte == dot, previous == dot { return "two dots stand side by side before its @" }
            guard byte == dot || isAtomText(byte) else {
                return "a character before its @ may stand only in quotes, or not at all"
            }
            previous = byte
        }
        return nil
    }

    /// Quoted-string of RFC 5321 section 4.1.2: printable ASCII and blanks, quotes and backslashes escaped.
    private static func flaw(inQuoted local: Substring.UTF8View) -> String? {
        let complaint = "the quotes before its @ do not match"
        guard local.count >= 3, local.last == UInt8(ascii: "\"") else { return complaint }
        var isEscaped = false
        for byte in local.dropFirst().dropLast() {
            guard byte >= 0x20, byte != 0x7F else { return "a control character stands before its @" }
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                return complaint
            }
        }
        return isEscaped ? complaint : nil
    }

    /// `atext` of RFC 5322 section 3.2.3, and what RFC 6531 adds.
    static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x80...: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

/// The one spelling of an address under which limits, suppressions and searches know it.
package enum NormalizedAddress {
    /// Trimmed, lower case throughout, the domain in A-labels, quotes that nothing needs taken off.
    ///
    /// RFC 5321 lets a host tell `Jane@` from `jane@`, but none of weight does, and somebody who opted out under one of the two
    /// must not be written to under the other. A text that is no address is trimmed and lowered only. The provider is always
    /// given the address as the client wrote it.
    package static func email(_ text: String) -> String {
        let trimmed = trim(text)
        guard let address = try? EmailAddress(trimmed) else { return trimmed.lowercased() }
        return "\(plain(address.local).lowercased())@\(DomainName.ascii(address.domain))"
    }

    /// By channel; what is neither an email address nor a telephone number is only trimmed.
    package static func of(_ text: String, on channel: Channel) -> String {
        switch channel {
        case .email: email(text)
        case .sms, .whatsapp, .voice: (try? PhoneNumber(text))?.text ?? trim(text)
        case .push, .realtime: trim(text)
        }
    }

    /// `"jane"@…` and `jane@…` are one mailbox (RFC 5321 section 4.1.2).
    private static func plain(_ local: Substring) -> Substring {
        guard local.utf8.first == UInt8(ascii: "\"") else { return local }
        let inner = local.utf8.dropFirst().dropLast()
        let isDotAtom = inner.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0.allSatisfy(EmailAddress.isAtomText)
        }
        return isDotAtom ? Substring(inner) : local
    }

    private static func trim(_ text: String) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let start = text.utf8.drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(Substring(start[...last]))
    }
}
