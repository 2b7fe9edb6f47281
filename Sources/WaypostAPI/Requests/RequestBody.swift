import WaypostHTTP
import WaypostJSON

/// The JSON body of a request.
package enum RequestBody {
    /// The body as a tree.
    ///
    /// - Throws: `length_required` where the request has no body and does not say that it has none (RFC 9110 section
    ///   15.5.12); `unsupported_media_type` where it does not say that it is JSON, so that no web page can make a browser
    ///   send it unasked; `malformed` where it is none.
    package static func json(of request: HTTPRequest) throws(Problem) -> JSONValue {
        if request.body.isEmpty, request.headers["Content-Length"] == nil, request.headers["Transfer-Encoding"] == nil {
            throw Problem(.lengthRequired, "Send a body, with Content-Length or Transfer-Encoding: chunked.")
        }
        guard let type = request.headers["Content-Type"], isJSON(type) else {
            throw Problem(.unsupportedMediaType, "Send the body as JSON, with Content-Type: application/json.")
        }
        do throws(JSONError) {
            return try JSONValue(parsing: request.body)
        } catch {
            let detail = "is not JSON: \(error.complaint), at byte \(error.offset)"
            throw Problem(.malformed, "The body \(detail).", errors: [.init("", detail, code: .malformed)])
        }
    }

    /// The same where a body is optional: nothing at all counts as `{}`.
    package static func jsonOrNothing(of request: HTTPRequest) throws(Problem) -> JSONValue {
        request.body.isEmpty ? .object([]) : try json(of: request)
    }

    /// Reads a body that may say nothing (`POST …/cancel`, `…/resend`).
    package static func nothing(in body: JSONValue) -> Result<Void, Problem> {
        FieldReader.read(body) { _ in () }
    }

    /// `application/json` or a type built on it (RFC 6839), in UTF-8.
    private static func isJSON(_ type: String) -> Bool {
        let parts = type.lowercased().split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
        guard let name = parts.first,
            name == "application/json" || name.hasPrefix("application/") && name.hasSuffix("+json")
        else { return false }
        return parts.dropFirst().allSatisfy { parameter in
            !parameter.hasPrefix("charset") || parameter == "charset=utf-8" || parameter == "charset=\"utf-8\""
        }
    }
}
