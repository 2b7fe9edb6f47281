import WaypostHTTP

/// Request line and header fields of one HTTP/1.1 request, read as strictly as RFC 9112 allows: every doubt about where
/// the body ends is a refusal.
struct RequestHead: Equatable, Sendable {
    enum Body: Equatable, Sendable {
        /// Content-Length, or 0 without any.
        case length(Int)
        case chunked
    }

    static let maximumBody = 41_943_040

    let method: String
    /// As it stood on the request line.
    let target: String
    let headers: HTTPHeaders
    let body: Body
    /// The client waits for `100 Continue` before it sends the body.
    let expectsContinue: Bool
    /// The client asked for the end of the connection after the answer.
    let wantsClose: Bool

    var path: Substring { target.prefix { $0 != "?" } }

    /// Reads all up to and without the empty line; the bytes end with the last field's CRLF.
    init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
        var lines = HeadLines(bytes)
        guard let requestLine = try lines.next() else { throw HTTPRefusal(400, "there is no request line") }
        (method, target) = try Self.requestLine(requestLine)
        var headers = HTTPHeaders()
        while let line = try lines.next() {
            guard headers.fields.count < 100 else { throw HTTPRefusal(431, "more than 100 header fields") }
            let (name, value) = try Self.field(line)
            headers.add(name, value)
        }
        guard headers.all("Host").count == 1 else { throw HTTPRefusal(400, "exactly one Host is required") }
        body = try Self.body(headers)
        expectsContinue = headers["Expect"]?.equalsIgnoringCase("100-continue") ?? false
        wantsClose = headers["Connection"]?.equalsIgnoringCase("close") ?? false
        self.headers = headers
    }

    private static func requestLine(_ line: Slice<UnsafeBufferPointer<UInt8>>) throws(HTTPRefusal) -> (String, String) {
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isTokenByte), !parts[1].isEmpty,
            parts[1].allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw HTTPRefusal(400, "the request line must be: method, target, HTTP/1.1") }
        guard parts[2].elementsEqual("HTTP/1.1".utf8) else { throw HTTPRefusal(505, "only HTTP/1.1 is spoken here") }
        guard parts[1].first == UInt8(ascii: "/") else { throw HTTPRefusal(400, "the target must begin with /") }
        return (String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self))
    }

    private static func field(_ line: Slice<UnsafeBufferPointer<UInt8>>) throws(HTTPRefusal) -> (String, String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(\.isTokenByte)
        else { throw HTTPRefusal(400, "a header field must be: name, colon, value; folded lines are not taken") }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
        guard value.allSatisfy({ $0 == 0x09 || (0x20...0x7E).contains($0) }) else {
            throw HTTPRefusal(400, "a header value may hold printable ASCII only")
        }
        return (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    private static func body(_ headers: HTTPHeaders) throws(HTTPRefusal) -> Body {
        let lengths = headers.all("Content-Length")
        let codings = headers.all("Transfer-Encoding")
        guard lengths.count + codings.count <= 1 else {
            throw HTTPRefusal(400, "one Content-Length or one Transfer-Encoding, not both nor several")
        }
        if let coding = codings.first {
            guard coding.equalsIgnoringCase("chunked") else { throw HTTPRefusal(501, "chunked is the only coding") }
            return .chunked
        }
        guard let text = lengths.first else { return .length(0) }
        guard !text.isEmpty, text.utf8.count <= 18, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(text)
        else { throw HTTPRefusal(400, "Content-Length must be a number") }
        guard length <= maximumBody else { throw HTTPRefusal(413, "a body is at most \(maximumBody) bytes") }
        return .length(length)
    }
}

/// Cuts a head into lines; each must end with CRLF, and neither byte may stand alone.
private struct HeadLines {
    private var rest: Slice<UnsafeBufferPointer<UInt8>>

    init(_ bytes: UnsafeBufferPointer<UInt8>) { rest = bytes[...] }

    mutating func next() throws(HTTPRefusal) -> Slice<UnsafeBufferPointer<UInt8>>? {
        guard !rest.isEmpty else { return nil }
        guard let end = rest.firstIndex(of: 0x0A), end > rest.startIndex, rest[end - 1] == 0x0D else {
            throw HTTPRefusal(400, "every line of the head must end with CR LF")
        }
        let line = rest[rest.startIndex..<(end - 1)]
        guard !line.contains(0x0D) else { throw HTTPRefusal(400, "a CR must be followed by LF") }
        rest = rest[(end + 1)...]
        return line
    }
}

extension UInt8 {
    /// A letter, digit or one of ``!#$%&'*+-.^_`|~`` (RFC 9110 section 5.6.2).
    fileprivate var isTokenByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x5E...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x7C, 0x7E: true
        default: false
        }
    }
}
