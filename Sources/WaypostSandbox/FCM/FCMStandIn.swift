import WaypostHTTP
import WaypostJSON

/// Firebase Cloud Messaging, HTTP v1, together with Google's token service: messages, topic subscriptions and `/token`.
///
/// What becomes of a message depends on how its registration token begins: `unregistered`, `mismatch`, `invalid` and
/// `quota` are answered with the error of that name. All others are taken.
/// https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
final class FCMStandIn: HTTP2StandIn {
    let provider = StandIn.fcm
    let streams: StreamLimit.Rules
    let account: ServiceAccount
    let accessTokens: AccessTokens
    private let subscriptions: TopicSubscriptions
    private let project: String
    private let sendPath: String
    private let registrationsPath: String
    private let ids = ReferenceMaker()

    init(_ settings: Sandbox.Settings.FCM) throws(TLSFailure) {
        project = settings.project
        sendPath = "/v1/projects/\(project)/messages:send"
        registrationsPath = "/v1/projects/\(project)/registrations/"
        streams = StreamLimit.Rules(first: settings.maximumStreams, usual: settings.maximumStreams)
        account = try ServiceAccount(project: settings.project)
        accessTokens = AccessTokens(account, lifetime: settings.tokenLifetime)
        subscriptions = TopicSubscriptions(project: settings.project)
    }

    func operation(_ method: String, _ path: Substring) -> Operation {
        if method == "POST", path.hasSuffix("/messages:send") { return Operation(name: "messages.send", sends: true) }
        if path == "/token" { return Operation(name: "token") }
        return Operation(name: path.contains("/topicSubscriptions") ? "topicSubscriptions" : "other")
    }

    func verdict(on request: HTTPRequest, asking operation: Operation, at wall: Int64) -> Verdict {
        if operation.name == "token" { return token(request, at: wall) }
        var takes: [Take] = []
        do throws(FCMError) {
            guard accessTokens.admits(request.headers["authorization"], at: wall / 1000) else {
                throw .unauthenticated
            }
            if operation.sends { return try send(request, at: wall, &takes) }
            guard operation.name == "topicSubscriptions", let call = try call(request) else {
                throw FCMError(404, "NOT_FOUND", "Requested entity was not found.")
            }
            return Verdict(response: try subscriptions.answer(call, at: wall))
        } catch {
            return Verdict(response: error.response, takes: takes)
        }
    }

    func failure(_ answer: Fault.Answer) -> HTTPResponse {
        if let body = answer.body { return .json(answer.status, Array(body.utf8)) }
        return FCMError(answer).response
    }

    func finish(_ response: inout HTTPResponse, at wall: Int64) {
        if response.headers["Content-Type"] == "application/json" {
            response.headers["Content-Type"] = "application/json; charset=UTF-8"
        }
    }

    private func token(_ request: HTTPRequest, at wall: Int64) -> Verdict {
        guard request.method == "POST" else { return Verdict(response: HTTPResponse(status: 405)) }
        do throws(AccessTokens.Refusal) {
            let audience = "https://\(request.headers["host"] ?? "")/token"
            return Verdict(response: try accessTokens.issue(for: request, audience: audience, at: wall / 1000))
        } catch {
            return Verdict(response: error.response)
        }
    }

    private func send(_ request: HTTPRequest, at wall: Int64, _ takes: inout [Take]) throws(FCMError) -> Verdict {
        try checkProject(request, sendPath)
        let type = request.headers["content-type"]?.prefix { $0 != ";" } ?? ""
        guard String(type).equalsIgnoringCase("application/json") else {
            throw .invalid("Content-Type must be application/json")
        }
        let body: JSONValue
        do throws(JSONError) { body = try JSONValue(parsing: request.body) } catch {
            throw .invalid("Invalid JSON payload received. \(error.complaint)")
        }
        var check = FCMMessageCheck()
        check.check(body)
        takes = [check.take]
        if let problem = check.problem { throw problem }
        let isFake = body["validate_only"]?.bool == true
        let id = isFake ? "fake_message_id" : "0:\(wall)000%\(Digest.hexadecimal(Array(ids.next().utf8.prefix(8))))"
        let name = "projects/\(project)/messages/\(id)"
        var json = JSONWriter(capacity: 128)
        json.object { $0.member("name", name) }
        return Verdict(
            response: .json(200, json.bytes), isAccepted: !isFake, takes: takes, reference: isFake ? nil : name)
    }

    /// nil where the path is not one of a registration's subscriptions.
    private func call(_ request: HTTPRequest) throws(FCMError) -> TopicSubscriptions.Call? {
        try checkProject(request, registrationsPath)
        let parts = request.path.dropFirst(registrationsPath.count).split(
            separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, parts[1] == "topicSubscriptions",
            let registration = PercentEncoding.decode(parts[0]), !registration.isEmpty,
            let query = PercentEncoding.fields(request.query)
        else { return nil }
        let topic = parts.count == 3 ? PercentEncoding.decode(parts[2]) : nil
        return .init(method: request.method, registration: registration, topic: topic, query: query)
    }

    /// A path of another project is forbidden rather than unknown.
    private func checkProject(_ request: HTTPRequest, _ expected: String) throws(FCMError) {
        guard request.target.hasPrefix(expected) else {
            let permission = "cloudmessaging.messages.create"
            throw FCMError(
                403, "PERMISSION_DENIED",
                "Permission '\(permission)' denied on resource '\(request.path)' (or it may not exist).",
                [
                    .info(
                        reason: "IAM_PERMISSION_DENIED", domain: "cloudresourcemanager.googleapis.com",
                        metadata: ["permission": permission])
                ])
        }
    }
}
