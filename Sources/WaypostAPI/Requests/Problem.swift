import WaypostHTTP
import WaypostJSON

/// An answer that says no, in the form of RFC 9457.
package struct Problem: Error, Equatable, Sendable {
    package var code: ProblemCode
    /// What is wrong this time and, where there is one, the way out. Never a secret.
    package var detail: String
    /// Every bad field.
    package var errors: [Finding] = []
    /// When trying again makes sense; written as whole seconds, rounded up, at least one.
    package var retryAfter: Duration?
    /// What the resource does answer to: 405 only.
    package var allow: [String] = []

    package init(_ code: ProblemCode, _ detail: String, errors: [Finding] = [], retryAfter: Duration? = nil) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retryAfter = retryAfter
    }

    /// 405 with the methods that would do.
    package static func methodNotAllowed(_ method: String, allow: [String]) -> Problem {
        let known = allow.joined(separator: ", ")
        var problem = Problem(.methodNotAllowed, "\(method.prefix(16)) is not answered here; \(known) is.")
        problem.allow = allow
        return problem
    }

    /// One bad value and where it stands.
    package struct Finding: Equatable, Sendable {
        /// In a body: its JSON pointer (RFC 6901; "" is the whole body). Of the query: `?` and the parameter's name. Of the
        /// headers: the field's name. A pointer is empty or begins with a slash, so the three cannot be mistaken.
        package var pointer: String
        package var detail: String
        /// What this finding alone would be answered with.
        package var code: ProblemCode

        package init(_ pointer: String, _ detail: String, code: ProblemCode = .invalid) {
            self.pointer = pointer
            self.detail = detail
            self.code = code
        }
    }

    /// All findings in one answer: the gravest names the code, all are listed.
    ///
    /// - Returns: nil when there are none.
    package init?(_ findings: [Finding]) {
        guard let first = findings.min(by: { $0.code.rank < $1.code.rank }) else { return nil }
        let place = first.pointer.isEmpty ? "The body" : first.pointer
        let rest = findings.count - 1
        let more = rest == 0 ? "" : rest == 1 ? " One more is listed in errors." : " \(rest) more are listed in errors."
        self.init(first.code, "\(place) \(first.detail).\(more)", errors: findings)
    }

    /// The members of the problem as an object: the body of an answer, or one result of a batch.
    package func write(to json: inout JSONWriter, requestID: String) {
        let (status, title, isRetryable) = code.meaning
        json.object { json in
            json.member("type", code.uri)
            json.member("title", title)
            json.member("status", status)
            json.member("detail", detail)
            json.member("code", code.rawValue)
            json.member("retryable", isRetryable)
            json.member("request_id", requestID)
            guard !errors.isEmpty else { return }
            json.array("errors") { json in
                for finding in errors {
                    json.object { json in
                        json.member("pointer", finding.pointer)
                        json.member("detail", finding.detail)
                    }
                }
            }
        }
    }

    /// The whole answer: `application/problem+json`, with `Retry-After`, `WWW-Authenticate` (401) and `Allow` (405).
    package func response(requestID: String) -> HTTPResponse {
        var json = JSONWriter(capacity: 512)
        write(to: &json, requestID: requestID)
        var headers = HTTPHeaders(["Content-Type": "application/problem+json"])
        if let retryAfter { headers["Retry-After"] = String(Self.wholeSeconds(retryAfter)) }
        if code == .unauthorized { headers["WWW-Authenticate"] = "Bearer" }
        if !allow.isEmpty { headers["Allow"] = allow.joined(separator: ", ") }
        return HTTPResponse(status: code.status, headers: headers, body: json.bytes)
    }

    private static func wholeSeconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return max(1, attoseconds > 0 ? seconds + 1 : seconds)
    }
}
