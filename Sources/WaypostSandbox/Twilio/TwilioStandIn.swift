import WaypostHTTP
import WaypostJSON

/// Twilio's 2010-04-01 API: messages and calls, look-ups among the last ten thousand of them, the account.
///
/// https://www.twilio.com/docs/messaging/api, https://www.twilio.com/docs/voice/api
final class TwilioStandIn: HTTPStandIn {
    private enum Caller { case account, key }

    let provider = StandIn.twilio
    private let settings: Sandbox.Settings.Twilio
    private let ids = ReferenceMaker()
    private let shelf = Shelf()

    init(_ settings: Sandbox.Settings.Twilio) { self.settings = settings }

    func operation(_ method: String, _ path: Substring) -> Operation {
        switch (method, TwilioPath(path)?.resource) {
        case ("POST", .messages): Operation(name: "Messages", sends: true)
        case ("POST", .calls): Operation(name: "Calls", sends: true)
        case ("GET", .messages): Operation(name: "Messages.list")
        case ("GET", .calls): Operation(name: "Calls.list")
        case ("GET", .message): Operation(name: "Messages.fetch")
        case ("GET", .call): Operation(name: "Calls.fetch")
        case ("GET", .account): Operation(name: "Account")
        case ("GET", .balance): Operation(name: "Balance")
        default: Operation(name: "other")
        }
    }

    func verdict(on request: HTTPRequest, asking operation: Operation, at wall: Int64) -> Verdict {
        guard let caller = caller(request.headers) else {
            return .refused(TwilioError(401, 20_003, "Authenticate"))
        }
        guard let path = TwilioPath(request.path), path.account == settings.accountSID else {
            return .refused(.notFound(request.path))
        }
        switch operation.name {
        case "Messages": return message(request, at: wall)
        case "Calls": return call(request, at: wall)
        case "Messages.list": return list(request, "messages", time: "DateSent")
        case "Calls.list": return list(request, "calls", time: "StartTime")
        case "Messages.fetch", "Calls.fetch": return fetch(path.resource, request.path)
        case "Account":
            // A standard API key may not read accounts.
            guard caller == .account else { return .refused(TwilioError(401, 20_003, "Authenticate")) }
            return Verdict(response: .json(200, TwilioResource.account(settings, at: wall).bytes))
        case "Balance":
            let balance: JSONValue = [
                "account_sid": .string(settings.accountSID), "balance": "100.00", "currency": "USD",
            ]
            return Verdict(response: .json(200, balance.bytes))
        default: return .refused(TwilioError(405, 20_004, "Method not allowed"))
        }
    }

    /// A number in the fault's error is Twilio's code; any other text is the message.
    func failure(_ answer: Fault.Answer) -> HTTPResponse {
        if let body = answer.body { return .json(answer.status, Array(body.utf8)) }
        let code = answer.error.flatMap { Int($0) }
        let message = code == nil ? answer.error : nil
        return TwilioError(
            answer.status, code ?? TwilioError.code(of: answer.status), message ?? "the sandbox was told to fail"
        ).response
    }

    func finish(_ response: inout HTTPResponse, at wall: Int64) {
        response.headers.add("Twilio-Request-Id", "RQ\(ids.hexadecimal())")
        response.headers.add("Twilio-Concurrent-Requests", "1")
    }

    func keep(_ resource: JSONValue, as reference: String, at wall: Int64) {
        shelf.put(resource, as: reference, kind: reference.hasPrefix("CA") ? "calls" : "messages", at: wall)
    }

    /// Who asks: the account with its token, or an API key with its secret; nil for anybody else.
    private func caller(_ headers: HTTPHeaders) -> Caller? {
        guard let given = headers["Authorization"], given.hasPrefix("Basic "),
            let bytes = Base64.decode(given.dropFirst(6))
        else { return nil }
        switch String(decoding: bytes, as: UTF8.self) {
        case "\(settings.accountSID):\(settings.authToken)": return .account
        case "\(settings.apiKeySID):\(settings.apiKeySecret)": return .key
        default: return nil
        }
    }

    private func form(_ request: HTTPRequest) throws(TwilioError) -> FormFields {
        let type = request.headers["Content-Type"]?.prefix { $0 != ";" }
        guard let type, String(type).equalsIgnoringCase("application/x-www-form-urlencoded") else {
            throw TwilioError(415, 20_415, "Content-Type must be application/x-www-form-urlencoded")
        }
        guard let fields = FormFields(request.body) else {
            throw TwilioError(400, 20_001, "The body is not a form in UTF-8")
        }
        return fields
    }

    private func message(_ request: HTTPRequest, at wall: Int64) -> Verdict {
        do throws(TwilioError) {
            var check = TwilioMessageCheck(try form(request), at: wall)
            check.check()
            if let problem = check.form.problem { return .refused(problem, takes: [check.take]) }
            let isMedia = check.form.has("MediaUrl") || check.form["SendAsMms"] == "true"
            let sid = (isMedia ? "MM" : "SM") + ids.hexadecimal()
            let resource = TwilioResource(account: settings.accountSID, sid: sid, wall: wall)
            let answer = resource.message(check.form, isSent: false)
            let first = answer["status"]?.string ?? ""
            return Verdict(
                response: .json(201, answer.bytes), isAccepted: true, takes: [check.take], reference: sid,
                resource: resource.message(check.form, isSent: true),
                // What is scheduled stays so here: nothing is told of it.
                order: first == "scheduled" ? nil : .twilio(check.form.fields, sid: sid, first: first))
        } catch { return .refused(error) }
    }

    private func call(_ request: HTTPRequest, at wall: Int64) -> Verdict {
        do throws(TwilioError) {
            var check = TwilioCallCheck(try form(request))
            check.check()
            if let problem = check.form.problem { return .refused(problem, takes: [check.take]) }
            let sid = "CA" + ids.hexadecimal()
            let resource = TwilioResource(account: settings.accountSID, sid: sid, wall: wall)
            return Verdict(
                response: .json(201, resource.call(check.form, isOver: false).bytes), isAccepted: true,
                takes: [check.take], reference: sid, resource: resource.call(check.form, isOver: true),
                order: .twilio(check.form.fields, sid: sid, first: "queued"))
        } catch { return .refused(error) }
    }

    private func list(_ request: HTTPRequest, _ name: String, time: String) -> Verdict {
        guard let query = FormFields(request.query.utf8) else {
            return .refused(TwilioError(400, 20_001, "The query is not a form in UTF-8"))
        }
        do throws(TwilioError) {
            let list = try TwilioList(query, time: time)
            let found = shelf.resources(kind: name) { list.includes($0, at: $1) }
            return Verdict(response: .json(200, list.json(found, name: name, path: request.path).bytes))
        } catch { return .refused(error) }
    }

    private func fetch(_ resource: TwilioPath.Resource, _ path: Substring) -> Verdict {
        let found =
            switch resource {
            case .message(let sid): shelf.resource(sid, kind: "messages")
            case .call(let sid): shelf.resource(sid, kind: "calls")
            default: JSONValue?.none
            }
        guard let found else { return .refused(.notFound(path)) }
        return Verdict(response: .json(200, found.bytes))
    }
}

extension Verdict {
    fileprivate static func refused(_ error: TwilioError, takes: [Take] = []) -> Verdict {
        Verdict(response: error.response, takes: takes)
    }
}
