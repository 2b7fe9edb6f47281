import WaypostHTTP
import WaypostJSON

/// A refusal as Twilio words it: its number for the error, a text, and where to read about it.
///
/// https://www.twilio.com/docs/api/errors
struct TwilioError: Error, Equatable, Sendable {
    var status: Int
    var code: Int
    var message: String

    init(_ status: Int, _ code: Int, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// What Twilio numbers an answer of that status, for faults that do not say it.
    static func code(of status: Int) -> Int {
        switch status {
        case 400: 20_001
        case 401: 20_003
        case 405: 20_004
        default: 20_000 + status
        }
    }

    static func notFound(_ path: Substring) -> TwilioError {
        TwilioError(404, 20_404, "The requested resource \(path) was not found")
    }

    var response: HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            json.member("code", code)
            json.member("message", message)
            json.member("more_info", "https://www.twilio.com/docs/errors/\(code)")
            json.member("status", status)
        }
        return .json(status, json.bytes)
    }
}
