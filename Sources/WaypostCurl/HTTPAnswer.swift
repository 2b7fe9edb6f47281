import WaypostHTTP

/// An HTTP answer as it comes in, line by line and piece by piece; bounded, and never taken for whole when it is not.
struct HTTPAnswer {
    /// What was too large.
    enum Overflow: Equatable { case headers, body }

    private var status = 0
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var headersAreComplete = false
    private(set) var overflow: Overflow?
    /// Bytes of the body after which nothing more of it is wanted; nil: all of it is.
    var ignoresBodyBeyond: Int?
    /// So much has come.
    private(set) var isEnough = false

    static let maxHeaderBytes = 64 * 1024
    static let maxBodyBytes = 1024 * 1024

    /// A line as libcurl gives it: status line, field, or the empty line at the end. False when there are too many.
    mutating func take(header line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Self.maxHeaderBytes else {
            overflow = .headers
            return false
        }
        let text = line.trimming { $0 == 13 || $0 == 10 }
        if text.starts(with: "HTTP/".utf8) {  // a new answer: what stood before was a 1xx
            let code = text.drop { $0 != 32 }.dropFirst().prefix(3)
            status = Int(String(decoding: code, as: UTF8.self)) ?? 0
            headers = HTTPHeaders()
            headersAreComplete = false
        } else if text.isEmpty {
            headersAreComplete = true
        } else if !headersAreComplete, let colon = text.firstIndex(of: UInt8(ascii: ":")) {  // later ones are trailers
            let value = text[(colon + 1)...].trimming { $0 == 32 || $0 == 9 }
            headers.add(String(decoding: text[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return true
    }

    /// False when the answer has grown too large, or is enough.
    mutating func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        if let ignoresBodyBeyond, body.count + bytes.count > ignoresBodyBeyond {
            isEnough = true
            return false
        }
        guard body.count + bytes.count <= Self.maxBodyBytes else {
            overflow = .body
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    private var announcedLength: Int? { headers["content-length"].flatMap { Int($0) } }

    /// Whether it is whole by its own account, however the connection ended.
    var isSelfContained: Bool {
        headersAreComplete && status >= 200 && (announcedLength == body.count || [204, 304].contains(status))
    }

    /// The answer, if there is one and nothing of it is missing. libcurl 7.88 can take a cut-off HTTP/2 answer for
    /// complete (fixed in 8.0), so its length is checked here once more.
    func response(toHEAD: Bool) -> HTTPResponse? {
        guard headersAreComplete, status >= 200 else { return nil }
        let carriesBody = !toHEAD && !isEnough && ![204, 304].contains(status)
        if carriesBody, let announcedLength, announcedLength != body.count { return nil }
        return HTTPResponse(status: status, headers: headers, body: body)
    }
}

extension BidirectionalCollection<UInt8> {
    fileprivate func trimming(_ isBlank: (UInt8) -> Bool) -> SubSequence {
        let start = firstIndex { !isBlank($0) } ?? endIndex
        let end = lastIndex { !isBlank($0) }.map { index(after: $0) } ?? start
        return self[start..<end]
    }
}
