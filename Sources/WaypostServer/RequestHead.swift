import WaypostHTTP

/// Gathers header fields one by one and judges whether they frame exactly one request.
///
/// libmicrohttpd 0.9.75 lets through what two servers in a row may read differently (request smuggling), so every field is
/// checked here before its body is taken. Three things the library hides from every caller, and they are not refused: a
/// bare LF as line end, a NUL byte (it ends the name or value it stands in), and a folded line whose continuation only
/// lengthens the *name* of its field with token characters. Folds that carry a blank, a colon or the like into the name
/// are refused with it.
struct RequestHead {
    /// More fields are refused with 431.
    static let maxFields = 100
    /// Names and values together; more is refused with 431.
    static let maxBytes = 16 * 1024

    private(set) var headers = HTTPHeaders()
    private(set) var contentLength: Int?
    private var isChunked = false
    private var hasHost = false
    private var byteCount = 0
    private var fault: Refusal?

    /// Takes one field.
    /// - Returns: false when the head is to be refused whatever follows.
    mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
        fault = flaw(name: name, value: value)
        return fault == nil
    }

    /// Judges the whole head.
    /// - Parameter version: as on the request line, `HTTP/1.1`.
    func refusal(method: String, target: String, version: String, maxBody: Int) -> Refusal? {
        if let fault { return fault }
        let isVersion1_0 = version == "HTTP/1.0"
        if method.isEmpty || !method.utf8.allSatisfy(FieldSyntax.isToken) {
            return .malformed("The method is not a token.")
        }
        if target == "*" && method != "OPTIONS" { return .malformed("Only OPTIONS may ask for *.") }
        if !hasHost && !isVersion1_0 { return .malformed("HTTP/1.1 requires a Host header.") }
        if isChunked && isVersion1_0 { return .malformed("HTTP/1.0 knows no Transfer-Encoding.") }
        if isChunked && contentLength != nil {
            return .malformed("Content-Length and Transfer-Encoding must not stand together.")
        }
        if let contentLength, contentLength > maxBody { return .bodyTooLarge }
        return nil
    }

    private mutating func flaw(name: UnsafeRawBufferPointer, value rawValue: UnsafeRawBufferPointer) -> Refusal? {
        byteCount += name.count + rawValue.count
        guard headers.fields.count < Self.maxFields, byteCount <= Self.maxBytes else { return .headersTooLarge }
        guard !name.isEmpty, name.allSatisfy(FieldSyntax.isToken) else {
            return .malformed("A header name is not a token.")
        }
        guard rawValue.allSatisfy(FieldSyntax.isValueByte) else {
            return .malformed("A header value holds a control character.")
        }
        let value = FieldSyntax.withoutTrailingBlanks(rawValue)
        let found =
            switch name.count {
            case 4 where name.equalsIgnoringCase("host"): host(value)
            case 6 where name.equalsIgnoringCase("expect"): expectation(value)
            case 14 where name.equalsIgnoringCase("content-length"): length(value)
            // Not trimmed: the parser ahead knows only the exact word, and our view must be its view.
            case 17 where name.equalsIgnoringCase("transfer-encoding"): transferCoding(rawValue)
            default: nil as Refusal?
            }
        headers.add(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
        return found
    }

    private mutating func host(_ value: UnsafeRawBufferPointer) -> Refusal? {
        guard !hasHost else { return .malformed("Host stands twice.") }
        hasHost = true
        return value.allSatisfy(FieldSyntax.isHostByte) ? nil : .malformed("Host is not a host and port.")
    }

    private func expectation(_ value: UnsafeRawBufferPointer) -> Refusal? {
        value.equalsIgnoringCase("100-continue") ? nil : .unknownExpectation
    }

    private mutating func length(_ value: UnsafeRawBufferPointer) -> Refusal? {
        guard contentLength == nil else { return .malformed("Content-Length stands twice.") }
        guard (1...18).contains(value.count), value.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return .malformed("Content-Length is not a number.")
        }
        contentLength = value.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return nil
    }

    private mutating func transferCoding(_ value: UnsafeRawBufferPointer) -> Refusal? {
        guard !isChunked else { return .malformed("Transfer-Encoding stands twice.") }
        isChunked = true
        if value.equalsIgnoringCase("chunked") { return nil }
        // RFC 9112: 501 for a coding we lack (section 6.1), 400 where chunked is not the last one (section 6.3).
        let codings = String(decoding: value, as: UTF8.self).lowercased().split(
            separator: ",", omittingEmptySubsequences: false)
        let names = codings.map { $0.filter { $0 != " " && $0 != "\t" } }
        let isUnknown = names.count > 1 && names.last == "chunked" && !names.dropLast().contains("chunked")
        return isUnknown ? .unknownCoding : .malformed("The transfer coding is not chunked.")
    }
}
