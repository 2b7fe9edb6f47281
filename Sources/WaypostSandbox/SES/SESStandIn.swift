import WaypostHTTP
import WaypostJSON

/// Amazon SES API v2: SendEmail and GetAccount, both with a fully checked signature.
///
/// https://docs.aws.amazon.com/ses/latest/APIReference-V2/
final class SESStandIn: HTTPStandIn {
    let provider = StandIn.ses
    private let signature: SignatureCheck
    private let ids = ReferenceMaker()

    init(_ credentials: Sandbox.Settings.AWS) { signature = SignatureCheck(credentials) }

    func operation(_ method: String, _ path: Substring) -> Operation {
        switch (method, path) {
        case ("POST", "/v2/email/outbound-emails"): Operation(name: "SendEmail", sends: true)
        case ("GET", "/v2/email/account"): Operation(name: "GetAccount")
        default: Operation(name: "other")
        }
    }

    func verdict(on request: HTTPRequest, asking operation: Operation, at wall: Int64) -> Verdict {
        if let problem = signature.problem(in: request, at: wall) { return Verdict(response: problem.response) }
        switch operation.name {
        case "SendEmail": return send(request)
        case "GetAccount": return Verdict(response: .json(200, Self.account))
        default:
            return Verdict(response: AWSError(404, "UnknownOperationException", "no such operation").response)
        }
    }

    func failure(_ answer: Fault.Answer) -> HTTPResponse {
        let name = answer.error ?? AWSError.name(of: answer.status)
        var response = AWSError(answer.status, name, "the sandbox was told to fail").response
        if let body = answer.body { response.body = Array(body.utf8) }
        return response
    }

    func finish(_ response: inout HTTPResponse, at wall: Int64) { response.headers.add("x-amzn-RequestId", ids.next()) }

    private func send(_ request: HTTPRequest) -> Verdict {
        guard request.headers["Content-Type"]?.hasPrefix("application/json") == true else {
            return Verdict(response: AWSError.badRequest("Content-Type must be application/json").response)
        }
        let body: JSONValue
        do throws(JSONError) { body = try JSONValue(parsing: request.body) } catch {
            return Verdict(response: AWSError(400, "SerializationException", error.complaint).response)
        }
        var check = SESEmailCheck()
        check.check(body)
        if let problem = check.shape.problems.first {
            let error = AWSError.badRequest("\(problem.path) \(problem.complaint)")
            return Verdict(response: error.response, takes: [check.take])
        }
        let id = "0100\(ids.next())-000000"
        return Verdict(
            response: .json(200, JSONValue(dictionaryLiteral: ("MessageId", .string(id))).bytes), isAccepted: true,
            takes: [check.take], reference: id, order: .ses(body, recipients: check.take.recipients, id: id))
    }

    private static let account =
        Array(
            #"{"DedicatedIpAutoWarmupEnabled":false,"EnforcementStatus":"HEALTHY","ProductionAccessEnabled":true,"#.utf8
        )
        + Array(
            #""SendQuota":{"Max24HourSend":-1,"MaxSendRate":10000,"SentLast24Hours":0},"SendingEnabled":true}"#.utf8)
}
