import Synchronization
import WaypostHTTP
import WaypostJSON

/// SendGrid v3: `POST /v3/mail/send` and `GET /v3/scopes`, with the rate headers on every answer.
///
/// https://www.twilio.com/docs/sendgrid/api-reference
final class SendGridStandIn: HTTPStandIn {
    /// Requests a second that the headers speak of; nothing is refused for them unless a fault says so.
    private static let rateLimit = 10_000

    private static let maximumBody = 30 * 1_024 * 1_024

    let provider = StandIn.sendgrid
    private let authorization: String
    private let ids = ReferenceMaker()
    private let window = Mutex((second: Int64(0), requests: 0))

    init(key: String) { authorization = "Bearer \(key)" }

    func operation(_ method: String, _ path: Substring) -> Operation {
        switch (method, path) {
        case ("POST", "/v3/mail/send"): Operation(name: "mail.send", sends: true)
        case ("GET", "/v3/scopes"): Operation(name: "scopes")
        default: Operation(name: "other")
        }
    }

    func verdict(on request: HTTPRequest, asking operation: Operation, at wall: Int64) -> Verdict {
        guard let given = request.headers["Authorization"] else { return .refused(401, "authorization required") }
        guard given == authorization else {
            return .refused(401, "The provided authorization grant is invalid, expired, or revoked")
        }
        switch operation.name {
        case "scopes":
            return Verdict(response: .json(200, JSONValue(dictionaryLiteral: ("scopes", ["mail.send"])).bytes))
        case "mail.send": return send(request, at: wall)
        default:
            let isKnown = request.path == "/v3/mail/send" || request.path == "/v3/scopes"
            return isKnown ? .refused(405, "method not allowed") : .refused(404, "not found")
        }
    }

    func failure(_ answer: Fault.Answer) -> HTTPResponse {
        if let body = answer.body { return .json(answer.status, Array(body.utf8)) }
        let message = answer.error ?? (answer.status == 429 ? "too many requests" : "the sandbox was told to fail")
        return Verdict.refused(answer.status, message).response
    }

    func finish(_ response: inout HTTPResponse, at wall: Int64) {
        let second = wall / 1000
        let used = window.withLock { window in
            if window.second != second { window = (second, 0) }
            window.requests += 1
            return window.requests
        }
        response.headers.add("X-RateLimit-Limit", String(Self.rateLimit))
        response.headers.add("X-RateLimit-Remaining", String(max(0, Self.rateLimit - used)))
        response.headers.add("X-RateLimit-Reset", String(second + 1))
    }

    private func send(_ request: HTTPRequest, at wall: Int64) -> Verdict {
        let type = request.headers["Content-Type"]?.prefix { $0 != ";" }
        guard let type, String(type).equalsIgnoringCase("application/json") else {
            return .refused(415, "Content-Type should be application/json.")
        }
        guard request.body.count <= Self.maximumBody else { return .refused(413, "the message is over 30 MB") }
        let mail: JSONValue
        do throws(JSONError) { mail = try JSONValue(parsing: request.body) } catch {
            return .refused(400, "Bad Request: \(error.complaint)")
        }
        var check = SendGridMailCheck(at: wall / 1000)
        check.check(mail)
        guard check.shape.problems.isEmpty else { return .refused(400, check.shape.problems, takes: check.takes) }
        if check.isSandboxMode { return Verdict(response: HTTPResponse(status: 200), takes: check.takes) }
        let id = ids.next()
        let headers = HTTPHeaders(["X-Message-Id": id])
        return Verdict(
            response: HTTPResponse(status: 202, headers: headers), isAccepted: true, takes: check.takes, reference: id,
            order: .sendGrid(mail, id: id))
    }
}

extension Verdict {
    /// SendGrid's form of an error, for the request as a whole.
    fileprivate static func refused(_ status: Int, _ message: String) -> Verdict {
        refused(status, [(nil, message)], takes: [])
    }

    fileprivate static func refused(_ status: Int, _ problems: [Shape.Problem], takes: [Take]) -> Verdict {
        refused(status, problems.map { ($0.path, "\($0.path) \($0.complaint)") }, takes: takes)
    }

    private static func refused(_ status: Int, _ errors: [(field: String?, message: String)], takes: [Take]) -> Verdict
    {
        var json = JSONWriter()
        json.object { json in
            json.array("errors") { json in
                for error in errors {
                    json.object { json in
                        json.member("message", error.message)
                        if let field = error.field { json.member("field", field) } else { json.null("field") }
                        json.null("help")
                    }
                }
            }
        }
        return Verdict(response: .json(status, json.bytes), takes: takes)
    }
}
