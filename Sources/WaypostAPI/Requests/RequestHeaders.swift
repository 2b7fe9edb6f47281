import WaypostCore
import WaypostHTTP

/// The id under which a request is known to its caller and in the log.
package enum RequestName {
    /// The caller's `X-Request-Id` where it is 1 to 64 of `[A-Za-z0-9_-]`, else a fresh `req_…`.
    package static func of(_ headers: HTTPHeaders, at now: Timestamp) -> String {
        guard let text = headers["X-Request-Id"], isTakenOver(text) else { return RequestID(at: now).description }
        return text
    }

    private static func isTakenOver(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}

/// `Prefer: wait=N` (RFC 7240 section 4.3): hold the answer until the first attempt is over.
package enum WaitPreference {
    /// At most this long, whatever the client prefers.
    package static let limit = Duration.seconds(30)

    /// nil where nothing is asked for, or nothing that can be read: RFC 7240 section 2 has such preferences ignored. Of
    /// several `wait`s the first counts.
    package static func of(_ headers: HTTPHeaders) -> Duration? {
        for field in headers.all("Prefer") {
            for preference in field.split(separator: ",") {
                let token = preference.prefix { $0 != ";" }
                let parts = token.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
                guard parts.count == 2, parts[0].lowercased() == "wait" else { continue }
                let digits = parts[1].hasPrefix("\"") ? parts[1].dropFirst().dropLast() : parts[1]
                guard (1...9).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                    let seconds = Int(digits), seconds > 0
                else { return nil }
                return min(.seconds(seconds), limit)
            }
        }
        return nil
    }
}

/// The `Idempotency-Key` of a request.
package struct IdempotencyKey: Hashable, Sendable {
    package let text: String

    /// - Returns: nil where the request has none.
    /// - Throws: `malformed` where it is not 1 to 255 printable ASCII characters, or stands twice.
    package static func of(_ headers: HTTPHeaders) throws(Problem) -> IdempotencyKey? {
        let fields = headers.all("Idempotency-Key")
        guard let text = fields.first else { return nil }
        if fields.count > 1 { throw problem("stands twice") }
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw problem("must be 1 to 255 printable ASCII characters")
        }
        return IdempotencyKey(text: text)
    }

    private static func problem(_ detail: String) -> Problem {
        Problem(
            .malformed, "Idempotency-Key \(detail).", errors: [.init("Idempotency-Key", detail, code: .malformed)])
    }

    /// What makes two requests the same one: method, path, query and body, each after its length so that no two differ only in
    /// where one ends. To be hashed with SHA-256.
    package static func fingerprintInput(of request: HTTPRequest) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(request.body.count + request.target.utf8.count + 48)
        func append(_ part: some Collection<UInt8>) {
            withUnsafeBytes(of: UInt64(part.count).bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: part)
        }
        append(request.method.utf8)
        append(request.path.utf8)
        append(request.query.utf8)
        append(request.body)
        return bytes
    }
}

extension Substring {
    /// Without the optional white space of RFC 9110 section 5.6.3 at its ends.
    var trimmed: Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: isBlank)
        guard let end = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return start[...end]
    }
}
