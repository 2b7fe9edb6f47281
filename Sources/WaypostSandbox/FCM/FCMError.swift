import WaypostHTTP
import WaypostJSON

/// An error as Google's APIs tell it: the status by number and by name, a message, and details of several types.
struct FCMError: Error, Equatable, Sendable {
    enum Detail: Equatable, Sendable {
        /// FCM's own verdict, as `UNREGISTERED`.
        case code(String)
        case fieldViolations([Shape.Problem])
        case quota(subject: String, description: String)
        case info(reason: String, domain: String, metadata: [String: String])
    }

    var http: Int
    var message: String
    /// The canonical code, as `NOT_FOUND`.
    var status: String
    var details: [Detail]
    /// In seconds.
    var retryAfter: Int?

    init(_ http: Int, _ status: String, _ message: String, _ details: [Detail] = [], retryAfter: Int? = nil) {
        self.http = http
        self.status = status
        self.message = message
        self.details = details
        self.retryAfter = retryAfter
    }

    /// The payload is at fault, in one place.
    static func invalid(_ message: String, field: String? = nil) -> FCMError {
        var details = [Detail.code("INVALID_ARGUMENT")]
        if let field { details.append(.fieldViolations([Shape.Problem(path: field, complaint: message)])) }
        return FCMError(400, "INVALID_ARGUMENT", message, details)
    }

    static let unregistered = FCMError(
        404, "NOT_FOUND", "Requested entity was not found.", [.code("UNREGISTERED")])
    static let senderMismatch = FCMError(
        403, "PERMISSION_DENIED", "SenderId mismatch", [.code("SENDER_ID_MISMATCH")])
    static let badToken = invalid("The registration token is not a valid FCM registration token")
    static let quota = FCMError(
        429, "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Send requests' and limit 'Send requests per minute' of service "
            + "'fcm.googleapis.com'.",
        [.code("QUOTA_EXCEEDED"), .quota(subject: "project:1", description: "Message rate exceeded.")], retryAfter: 37)
    static let unauthenticated = FCMError(
        401, "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
            + "authentication credential.",
        [.info(reason: "ACCESS_TOKEN_EXPIRED", domain: "googleapis.com", metadata: ["service": "fcm.googleapis.com"])])

    /// What goes with an FCM error code; nil for a code of which nothing is known.
    static func named(_ code: String) -> FCMError? {
        switch code {
        case "UNREGISTERED": unregistered
        case "SENDER_ID_MISMATCH": senderMismatch
        case "INVALID_ARGUMENT": badToken
        case "QUOTA_EXCEEDED": quota
        case "UNAVAILABLE":
            FCMError(503, "UNAVAILABLE", "The service is currently unavailable.", [.code("UNAVAILABLE")])
        case "INTERNAL": FCMError(500, "INTERNAL", "Internal error encountered.", [.code("INTERNAL")])
        case "THIRD_PARTY_AUTH_ERROR":
            FCMError(
                401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service", [.code("THIRD_PARTY_AUTH_ERROR")])
        default: nil
        }
    }

    /// What a fault asks for: its status, with `error` as FCM's code. Without one, the code that goes with the status.
    init(_ answer: Fault.Answer) {
        let code = answer.error ?? Self.code(of: answer.status)
        self = code.flatMap(Self.named) ?? FCMError(answer.status, "", "the sandbox was told to fail", [])
        if let code, details.isEmpty { details = [.code(code)] }
        if answer.status != http || status.isEmpty { status = Self.status(of: answer.status) }
        http = answer.status
        retryAfter = nil  // a fault says so itself
        if answer.status == 401, answer.error == nil { self = .unauthenticated }
    }

    var response: HTTPResponse {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.object("error") { json in
                json.member("code", http)
                json.member("message", message)
                json.member("status", status)
                if !details.isEmpty {
                    json.array("details") { json in for detail in details { detail.write(to: &json) } }
                }
            }
        }
        var response = HTTPResponse.json(http, json.bytes)
        if let retryAfter { response.headers.add("Retry-After", String(retryAfter)) }
        return response
    }

    private static func code(of status: Int) -> String? {
        switch status {
        case 400: "INVALID_ARGUMENT"
        case 403: "SENDER_ID_MISMATCH"
        case 404: "UNREGISTERED"
        case 429: "QUOTA_EXCEEDED"
        case 500: "INTERNAL"
        case 503: "UNAVAILABLE"
        default: nil
        }
    }

    /// The canonical code of a status (google.rpc.Code).
    private static func status(of http: Int) -> String {
        switch http {
        case 400: "INVALID_ARGUMENT"
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 409: "ALREADY_EXISTS"
        case 429: "RESOURCE_EXHAUSTED"
        case 501: "UNIMPLEMENTED"
        case 503: "UNAVAILABLE"
        case 504: "DEADLINE_EXCEEDED"
        default: "INTERNAL"
        }
    }
}

extension FCMError.Detail {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            switch self {
            case .code(let code):
                json.member("@type", "type.googleapis.com/google.firebase.fcm.v1.FcmError")
                json.member("errorCode", code)
            case .fieldViolations(let problems):
                json.member("@type", "type.googleapis.com/google.rpc.BadRequest")
                json.array("fieldViolations") { json in
                    for problem in problems {
                        json.object { json in
                            json.member("field", problem.path)
                            json.member("description", problem.complaint)
                        }
                    }
                }
            case .quota(let subject, let description):
                json.member("@type", "type.googleapis.com/google.rpc.QuotaFailure")
                json.array("violations") { json in
                    json.object { json in
                        json.member("subject", subject)
                        json.member("description", description)
                    }
                }
            case .info(let reason, let domain, let metadata):
                json.member("@type", "type.googleapis.com/google.rpc.ErrorInfo")
                json.member("reason", reason)
                json.member("domain", domain)
                json.object("metadata") { json in
                    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) { json.member(name, value) }
                }
            }
        }
    }
}
