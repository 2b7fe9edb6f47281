import WaypostHTTP

/// A URL of the configuration, in parts: `scheme://user:password@host:port/path`.
struct ServiceURL: Equatable, Sendable {
    /// In lower case.
    var scheme: String
    /// Percent-decoded, as is the password.
    var user: String?
    var password: String?
    /// An IPv6 address without its brackets.
    var host: String
    var port: Int?
    /// As it was written, without a slash at its end.
    var text: String
    var hasQueryOrFragment: Bool

    /// nil for what is none. The last `@` before the path ends the password, so one within it does no harm.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let separator = text.firstRange(of: "://") else {
            return nil
        }
        scheme = text[..<separator.lowerBound].lowercased()
        let rest = text[separator.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var authority = rest[..<end]
        hasQueryOrFragment = rest[end...].contains { "?#".contains($0) }
        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let user = Self.decoded(parts[0]) else { return nil }
            self.user = user
            if parts.count > 1 {
                guard let password = Self.decoded(parts[1]) else { return nil }
                self.password = password
            }
            authority = authority[authority.index(after: at)...]
        }
        guard let (host, port) = Self.hostAndPort(authority) else { return nil }
        self.host = host
        self.port = port
        var whole = text[...]
        while whole.hasSuffix("/") { whole = whole.dropLast() }
        self.text = String(whole)
    }

    private static func hostAndPort(_ authority: Substring) -> (String, Int?)? {
        var host = authority
        var port: Int?
        let afterHost = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterHost...].firstIndex(of: ":") {
            guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
                return nil
            }
            port = number
            host = authority[..<colon]
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), IPAddress(String(host.dropFirst().dropLast()))?.bytes.count == 16 else {
                return nil
            }
            return (String(host.dropFirst().dropLast()), port)
        }
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                    default: false
                    }
                }
        }
        return isName && host.utf8.count <= 253 ? (String(host), port) : nil
    }

    /// nil where a percent sign is not followed by two digits, or the result is not UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-"),
                let value = UInt8(Substring(digits), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
