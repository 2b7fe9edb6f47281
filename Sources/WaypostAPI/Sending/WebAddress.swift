/// An absolute URL as it may stand in a message's header, or be fetched by a provider.
enum WebAddress {
    /// Octets; longer ones do not survive all mail software.
    private static let limit = 2000

    enum Scheme: String { case https, http }

    /// Why `text` is none; nil when it is one. The schemes are those that will do.
    static func flaw(in text: String, schemes: [Scheme] = [.https]) -> String? {
        guard text.utf8.count <= limit else { return "must be at most \(limit) bytes long" }
        guard text.utf8.allSatisfy(isURLByte), hasWholeEscapes(text.utf8) else {
            return "must be a URL: printable ASCII, everything else as %XX"
        }
        let beginnings = schemes.map { "\($0.rawValue)://" }
        guard
            let scheme = beginnings.first(where: {
                text.utf8.count > $0.utf8.count && text.prefix($0.count).lowercased() == $0
            })
        else { return "must begin with \(beginnings.joined(separator: " or "))" }
        let authority = text.utf8.dropFirst(scheme.utf8.count).prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        return isHostAndPort(authority) ? nil : "must name a host, and no user"
    }

    /// RFC 3986 sections 2.2 and 2.3, and the percent sign.
    private static func isURLByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"),
            UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "@"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"),
            UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","),
            UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "%"):
            true
        default: false
        }
    }

    private static func hasWholeEscapes(_ bytes: String.UTF8View) -> Bool {
        var missing = 0
        for byte in bytes {
            if missing > 0 {
                guard isHexadecimal(byte) else { return false }
                missing -= 1
            } else if byte == UInt8(ascii: "%") {
                missing = 2
            }
        }
        return missing == 0
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x66, 0x41...0x46: true
        default: false
        }
    }

    private static func isHostAndPort(_ authority: Substring.UTF8View) -> Bool {
        if authority.first == UInt8(ascii: "[") {
            guard let end = authority.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = authority[..<end].dropFirst()
            return address.contains(UInt8(ascii: ":"))
                && address.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
                && isPort(authority[end...].dropFirst())
        }
        let host = authority.prefix { $0 != UInt8(ascii: ":") }
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return host.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy {
                        switch $0 {
                        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                        default: false
                        }
                    }
            } && isPort(authority[host.endIndex...])
    }

    /// Nothing, or a colon and a number up to 65535.
    private static func isPort(_ bytes: Substring.UTF8View) -> Bool {
        if bytes.isEmpty { return true }
        let digits = bytes.dropFirst()
        guard bytes.first == UInt8(ascii: ":"), (1...5).contains(digits.count),
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return false }
        return (1...65_535).contains(Int(Substring(digits)) ?? 0)
    }
}
