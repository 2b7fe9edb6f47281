/// A request the server turns away by itself, before any handler sees it. The connection is closed after the answer.
///
/// Nothing is refused with 411: a request with neither Content-Length nor Transfer-Encoding has no body (RFC 9112
/// section 6.3), and whether it should have had one only its handler knows.
package struct Refusal: Equatable, Sendable {
    /// 400, 413, 414, 417, 431, 501 or 503; 500 for an answer that was promised and never came.
    package let status: Int
    /// Stable, in snake_case: `malformed`, `too_large`, `uri_too_long`, `expectation_failed`, `headers_too_large`,
    /// `not_implemented`, `queue_full`, `internal`.
    package let code: String
    /// One sentence for the client's author; repeats nothing of the request.
    package let detail: String

    package init(status: Int, code: String, detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    static func malformed(_ detail: String) -> Refusal { Refusal(status: 400, code: "malformed", detail: detail) }
    static let bodyTooLarge = Refusal(
        status: 413, code: "too_large", detail: "The body is larger than this server takes.")
    static let noRoomForBody = Refusal(
        status: 503, code: "queue_full", detail: "Too many large bodies are under way; send this one again later.")
    static let targetTooLong = Refusal(
        status: 414, code: "uri_too_long", detail: "The request target is longer than \(RequestTarget.maxBytes) bytes.")
    static let headersTooLarge = Refusal(
        status: 431, code: "headers_too_large",
        detail: "More than \(RequestHead.maxFields) header fields or \(RequestHead.maxBytes) bytes of them.")
    static let unknownExpectation = Refusal(
        status: 417, code: "expectation_failed", detail: "The only expectation known here is 100-continue.")
    static let unknownCoding = Refusal(
        status: 501, code: "not_implemented", detail: "The only transfer coding known here is chunked.")
    static let dropped = Refusal(status: 500, code: "internal", detail: "The request was given up without an answer.")
}
