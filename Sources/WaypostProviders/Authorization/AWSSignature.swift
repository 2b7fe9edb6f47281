import WaypostCore
import WaypostCrypto
import WaypostHTTP

/// AWS Signature Version 4, step by step: pure functions over bytes.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
package enum AWSSignature {
    /// Where and for what a signature holds, within its day.
    package struct Scope: Equatable, Sendable {
        package var region: String
        /// The signing name, which for SES is `ses` although its host begins with `email`.
        package var service: String

        package init(region: String, service: String) {
            self.region = region
            self.service = service
        }

        /// `20250115/eu-west-1/ses/aws4_request`.
        package func credential(on date: String) -> String { "\(date)/\(region)/\(service)/aws4_request" }
    }

    /// Changed on the way or by the HTTP library, so never signed.
    private static let unsigned = ["authorization", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"]

    /// `20250115T120000Z`: what `X-Amz-Date` carries; its first eight characters are the date of the scope.
    package static func moment(_ time: Timestamp) -> String {
        let text = time.bytes  // 2025-01-15T12:00:00.000Z
        let digits = text[..<4] + text[5..<7] + text[8..<13] + text[14..<16] + text[17..<19] + text[23...]
        return String(decoding: digits, as: UTF8.self)
    }

    /// The canonical form of a request whose target is a whole URL, and the names of the headers it covers. All headers
    /// are covered but those that may change on the way; `Host` is taken from the URL.
    package static func canonicalRequest(_ request: HTTPRequest) -> (text: [UInt8], signedHeaders: String) {
        let url = SignedURL(request.target)
        var headers = [(name: "host", value: url.host)]
        for field in request.headers.fields {
            let name = field.name.lowercased()
            if name != "host", !unsigned.contains(name) { headers.append((name, trimmed(field.value))) }
        }
        headers.sort { $0.name < $1.name }
        let signedHeaders = headers.map(\.name).joined(separator: ";")

        var text: [UInt8] = []
        text.reserveCapacity(512)
        func line(_ part: String) {
            text.append(contentsOf: part.utf8)
            text.append(0x0A)
        }
        line(request.method)
        line(url.canonicalPath)
        line(url.canonicalQuery)
        for header in headers { line("\(header.name):\(header.value)") }
        line("")
        line(signedHeaders)
        text.append(contentsOf: Hex.digits(of: SHA256.hash(request.body)))
        return (text, signedHeaders)
    }

    /// What the signature is computed over.
    package static func stringToSign(_ canonicalRequest: [UInt8], at moment: String, in scope: Scope) -> [UInt8] {
        var text = Array("AWS4-HMAC-SHA256\n\(moment)\n\(scope.credential(on: date(of: moment)))\n".utf8)
        text.append(contentsOf: Hex.digits(of: SHA256.hash(canonicalRequest)))
        return text
    }

    /// The key of one day (`date` is `20250115`), region and service.
    package static func signingKey(secret: String, date: String, scope: Scope) -> [UInt8] {
        [date, scope.region, scope.service, "aws4_request"].reduce(Array("AWS4\(secret)".utf8)) { key, part in
            HMAC.sha256(key: key, Array(part.utf8))
        }
    }

    /// `20250115` of `20250115T120000Z`.
    package static func date(of moment: String) -> String { String(moment.prefix(8)) }

    /// Blanks at the ends go, runs of them become one.
    private static func trimmed(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x20 || $0 == 0x09 }) else { return value }
        return value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}

/// The parts of a request's URL in the forms that are signed.
struct SignedURL {
    /// As the `Host` header carries it: a default port is left out.
    let host: String
    private let path: Substring
    private let query: Substring

    /// `url`: absolute, as it goes on the wire.
    init(_ url: String) {
        let isSecure = url.hasPrefix("https://")
        let rest = url.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let defaultPort = isSecure ? ":443" : ":80"
        host = String(authority.hasSuffix(defaultPort) ? authority.dropLast(defaultPort.count) : authority)
        let target = rest[authority.endIndex...]
        path = target.prefix { $0 != "?" }
        query = target[path.endIndex...].dropFirst()
    }

    /// Normalised, then each segment percent-encoded once more.
    var canonicalPath: String {
        guard !path.isEmpty else { return "/" }
        guard path.utf8.contains(where: { !Self.isPlain($0) }) || path.contains("//") || path.contains("/.") else {
            return String(path)
        }
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        let encoded = segments.map(Self.encode).joined(separator: "/")
        return "/" + encoded + (path.hasSuffix("/") && !segments.isEmpty ? "/" : "")
    }

    /// The pairs as they are encoded on the wire, sorted by name, then value.
    var canonicalQuery: String {
        guard !query.isEmpty else { return "" }
        let pairs = query.split(separator: "&").map { pair in
            let name = pair.prefix { $0 != "=" }
            return (name: String(name), value: String(pair[name.endIndex...].dropFirst()))
        }
        return pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private static func encode(_ segment: Substring) -> String {
        var text: [UInt8] = []
        for byte in segment.utf8 {
            if isPlain(byte) {
                text.append(byte)
            } else {
                text.append(UInt8(ascii: "%"))
                text.append(contentsOf: Hex.encode([byte]).uppercased().utf8)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "~"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
