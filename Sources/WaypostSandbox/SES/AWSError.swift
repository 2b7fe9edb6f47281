import WaypostHTTP
import WaypostJSON

/// A refusal as AWS words it: the exception's name in `x-amzn-errortype`, the message in the body.
struct AWSError: Error, Equatable, Sendable {
    var status: Int
    var name: String
    var message: String

    init(_ status: Int, _ name: String, _ message: String) {
        self.status = status
        self.name = name
        self.message = message
    }

    static func invalid(_ message: String) -> AWSError { AWSError(403, "InvalidSignatureException", message) }
    static func badRequest(_ message: String) -> AWSError { AWSError(400, "BadRequestException", message) }

    /// What SES calls an answer of that status, for faults that do not say it.
    static func name(of status: Int) -> String {
        switch status {
        case 400: "BadRequestException"
        case 403: "AccessDeniedException"
        case 404: "NotFoundException"
        case 429: "TooManyRequestsException"
        case 503: "ServiceUnavailableException"
        default: "InternalServiceErrorException"
        }
    }

    var response: HTTPResponse {
        var response = HTTPResponse.json(status, JSONValue(dictionaryLiteral: ("message", .string(message))).bytes)
        response.headers.add("x-amzn-errortype", "\(name):http://internal.amazon.com/coral/com.amazonaws.sesv2/")
        return response
    }
}
