/// Reads the target of a request line: bytes as they came, nothing decoded.
///
/// The parser ahead of us skips blanks before the target and after the version and ends the target at a NUL byte; these
/// three cannot be seen from here.
enum RequestTarget {
    /// Longer ones are refused with 414.
    static let maxBytes = 8 * 1024

    /// - Returns: the origin form (`/path?query`), or `*`. An absolute form (RFC 9112 section 3.2.2) loses its scheme and
    ///   authority, since every name that leads here is served alike.
    static func read(_ bytes: UnsafeRawBufferPointer) -> Result<String, Refusal> {
        guard bytes.count <= maxBytes else { return .failure(.targetTooLong) }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            return .failure(.malformed("The request target holds a character that must be percent-encoded."))
        }
        guard !holdsEncodedNUL(bytes) else { return .failure(.malformed("The request target holds %00.")) }
        let text = String(decoding: bytes, as: UTF8.self)
        if bytes.first == UInt8(ascii: "/") || text == "*" { return .success(text) }
        guard let origin = originForm(ofAbsolute: text) else {
            return .failure(.malformed("The request target is neither a path nor an http URL."))
        }
        return .success(origin)
    }

    private static func holdsEncodedNUL(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let zero = UInt8(ascii: "0")
        return bytes.indices.dropLast(2).contains {
            bytes[$0] == UInt8(ascii: "%") && bytes[$0 + 1] == zero && bytes[$0 + 2] == zero
        }
    }

    private static func originForm(ofAbsolute text: String) -> String? {
        let scheme = text.prefix { $0 != ":" }
        guard ["http", "https"].contains(scheme.lowercased()) else { return nil }
        let rest = text.dropFirst(scheme.count)
        guard rest.hasPrefix("://") else { return nil }
        let afterScheme = rest.dropFirst(3)
        let authority = afterScheme.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        let path = afterScheme[authority.endIndex...]
        return path.hasPrefix("/") ? String(path) : "/" + path
    }
}

extension Refusal: Error {}
