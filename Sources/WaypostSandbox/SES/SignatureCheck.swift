import Synchronization
import WaypostHTTP

/// Proves who sent a request, as AWS does: key, scope, time, the headers that must be signed, and the signature itself.
final class SignatureCheck: Sendable {
    /// AWS allows five minutes either way.
    static let tolerance: Int64 = 300_000

    private let credentials: Sandbox.Settings.AWS
    /// The key of the last day seen: deriving one takes four HMACs.
    private let signingKey = Mutex((date: "", key: [UInt8]()))

    init(_ credentials: Sandbox.Settings.AWS) { self.credentials = credentials }

    /// nil when all is well, at that wall clock time in milliseconds.
    func problem(in request: HTTPRequest, at wall: Int64) -> AWSError? {
        guard let text = request.headers["Authorization"] else {
            return AWSError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        }
        guard let authorization = Authorization(text) else {
            return AWSError(
                403, "IncompleteSignatureException",
                "Authorization must name Credential, SignedHeaders and Signature of AWS4-HMAC-SHA256")
        }
        guard let date = request.headers["X-Amz-Date"], let time = Self.milliseconds(date) else {
            return AWSError(403, "IncompleteSignatureException", "X-Amz-Date must be YYYYMMDD'T'HHMMSS'Z'")
        }
        guard authorization.key == credentials.accessKeyID else {
            return AWSError(
                403, "UnrecognizedClientException", "The security token included in the request is invalid.")
        }
        if let problem = scopeProblem(authorization, date) ?? headerProblem(authorization, request) { return problem }
        guard abs(wall - time) <= Self.tolerance else {
            return .invalid("Signature expired or not yet current: \(date) is over 5 min. from now")
        }
        let hash = Digest.hexadecimal(Digest.sha256(request.body))
        if let claimed = request.headers["X-Amz-Content-Sha256"], claimed != hash {
            return .invalid("The provided x-amz-content-sha256 does not match what was computed.")
        }
        let canonical = SignedRequest.canonical(
            request, signedHeaders: authorization.signedHeaders, payloadHash: hash)
        let canonicalHash = Digest.hexadecimal(Digest.sha256(Array(canonical.utf8)))
        let stringToSign = "AWS4-HMAC-SHA256\n\(date)\n\(authorization.scope)\n\(canonicalHash)"
        let signature = Digest.hmacSHA256(Array(stringToSign.utf8), key: key(for: authorization.date))
        guard Digest.equal(Digest.hexadecimal(signature), authorization.signature) else {
            return .invalid(
                "The request signature we calculated does not match the signature you provided. "
                    + "The Canonical String for this request should have been '\(canonical)'")
        }
        return nil
    }

    private func scopeProblem(_ authorization: Authorization, _ date: String) -> AWSError? {
        if authorization.service != "ses" {
            return .invalid("Credential should be scoped to correct service: 'ses'.")
        }
        if authorization.region != credentials.region {
            return .invalid("Credential should be scoped to a valid region: '\(credentials.region)'.")
        }
        if !date.hasPrefix(authorization.date) || authorization.date.utf8.count != 8 {
            return .invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.")
        }
        return nil
    }

    private func headerProblem(_ authorization: Authorization, _ request: HTTPRequest) -> AWSError? {
        let signed = authorization.signedHeaders
        guard signed == signed.sorted(), signed == signed.map({ Substring($0.lowercased()) }) else {
            return .invalid("SignedHeaders must be in lower case and sorted.")
        }
        guard signed.contains("host") else { return .invalid("'Host' must be a 'SignedHeader'.") }
        for field in request.headers.fields {
            let name = field.name.lowercased()
            let mustBeSigned = name == "content-type" || (name.hasPrefix("x-amz-") && name != "x-amzn-trace-id")
            if mustBeSigned, !signed.contains(Substring(name)) {
                return .invalid("'\(field.name)' must be a 'SignedHeader'.")
            }
        }
        if let name = signed.first(where: { request.headers[String($0)] == nil }) {
            return .invalid("the signed header '\(name)' is not there.")
        }
        guard request.headers["X-Amz-Security-Token"] == credentials.sessionToken else {
            return AWSError(
                403, "UnrecognizedClientException", "The security token included in the request is invalid.")
        }
        return nil
    }

    private func key(for date: String) -> [UInt8] {
        signingKey.withLock { cached in
            if cached.date == date { return cached.key }
            var key = Array("AWS4\(credentials.secretAccessKey)".utf8)
            for part in [date, credentials.region, "ses", "aws4_request"] {
                key = Digest.hmacSHA256(Array(part.utf8), key: key)
            }
            cached = (date, key)
            return key
        }
    }

    /// `20250115T120000Z` as milliseconds since 1970.
    private static func milliseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            bytes[range].reduce(Int64?.some(0)) { value, byte in
                guard let value, (0x30...0x39).contains(byte) else { return nil }
                return value * 10 + Int64(byte - 0x30)
            }
        }
        guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8), let hour = number(9..<11),
            let minute = number(11..<13), let second = number(13..<15), (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        // Howard Hinnant's days_from_civil, for years from 1970 on.
        let shiftedYear = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = shiftedYear * 365 + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear - 719_468
        return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000
    }
}

/// The parts of `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
private struct Authorization {
    let key: String
    let date: String
    let region: String
    let service: String
    let signedHeaders: [Substring]
    let signature: String

    var scope: String { "\(date)/\(region)/\(service)/aws4_request" }

    init?(_ text: String) {
        let prefix = "AWS4-HMAC-SHA256 "
        guard text.hasPrefix(prefix) else { return nil }
        var parts: [Substring: Substring] = [:]
        for part in text.dropFirst(prefix.count).split(separator: ",") {
            let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, parts.updateValue(pair[1], forKey: pair[0]) == nil else { return nil }
        }
        guard parts.count == 3, let scope = parts["Credential"]?.split(separator: "/"), scope.count == 5,
            scope[4] == "aws4_request", let headers = parts["SignedHeaders"], let signature = parts["Signature"]
        else { return nil }
        (key, date, region, service) = (String(scope[0]), String(scope[1]), String(scope[2]), String(scope[3]))
        signedHeaders = headers.split(separator: ";")
        self.signature = String(signature)
    }
}
