import WaypostHTTP
import WaypostJSON

/// Apple Push Notification service: `POST /3/device/<token>`, with Apple's checks in the order of pushy's mock server.
///
/// What becomes of a push depends on how its device token begins: `dead` has been unregistered just now (410), `0410` was
/// in 2020, `bad0` belongs to nobody (400), `a429` has had too many (429). All others are taken.
/// https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
final class APNsStandIn: HTTP2StandIn {
    let provider = StandIn.apns
    let streams: StreamLimit.Rules
    private let topic: String
    private let tokens: ProviderTokens
    private let ids = ReferenceMaker()

    init(_ settings: Sandbox.Settings.APNs, key: PrivateKey) {
        streams = StreamLimit.Rules(
            first: 1, usual: settings.maximumStreams, fallsAfterRefusal: settings.slowsAfterRefusal)
        topic = settings.topic
        tokens = ProviderTokens(team: settings.teamID, keyID: settings.keyID, key: key)
    }

    func operation(_ method: String, _ path: Substring) -> Operation {
        method == "POST" && path.hasPrefix(APNsPush.path)
            ? Operation(name: "push", sends: true) : Operation(name: "other")
    }

    func verdict(on request: HTTPRequest, asking operation: Operation, at wall: Int64) -> Verdict {
        var memory = ConnectionMemory()
        return verdict(on: request, asking: operation, at: wall, after: &memory)
    }

    func verdict(
        on request: HTTPRequest, asking operation: Operation, at wall: Int64, after memory: inout ConnectionMemory
    ) -> Verdict {
        let push = APNsPush(request)
        let body = try? JSONValue(parsing: request.body)
        let id = push.echo ?? ids.nextUUID()
        var verdict = Verdict(response: HTTPResponse(status: 200), reference: id)
        if operation.sends {
            let recipient = push.token.map { [String($0)] } ?? []
            verdict.takes = [
                Take(
                    message: body?["waypost_message"]?.string, attempt: body?["waypost_attempt"]?.string,
                    recipients: recipient)
            ]
        }
        do throws(APNsRefusal) {
            try push.check(topic: topic, at: wall)
            try tokens.check(push.authorization, after: &memory.providerToken, at: wall / 1000)
            try push.checkPayload(request.body, body)
            verdict.isAccepted = true
        } catch {
            verdict.response = error.response
        }
        verdict.response.headers.add("apns-id", id)
        return verdict
    }

    func failure(_ answer: Fault.Answer) -> HTTPResponse {
        if let body = answer.body { return .json(answer.status, Array(body.utf8)) }
        let reason = answer.error ?? APNsRefusal.reason(of: answer.status)
        return APNsRefusal(answer.status, reason, timestamp: answer.status == 410 ? WallClock.milliseconds : nil)
            .response
    }

    func finish(_ response: inout HTTPResponse, at wall: Int64) {
        if response.headers["apns-id"] == nil { response.headers.add("apns-id", ids.nextUUID()) }
    }
}

/// What APNs answers to a push that it does not take.
struct APNsRefusal: Error, Equatable, Sendable {
    var status: Int
    var reason: String
    /// 410 only: milliseconds since 1970 of when the token was last found dead.
    var timestamp: Int64?

    init(_ status: Int, _ reason: String, timestamp: Int64? = nil) {
        self.status = status
        self.reason = reason
        self.timestamp = timestamp
    }

    var response: HTTPResponse {
        var json = JSONWriter(capacity: 64)
        json.object { json in
            json.member("reason", reason)
            if let timestamp { json.member("timestamp", timestamp) }
        }
        return .json(status, json.bytes)
    }

    /// What goes with a status when a fault names no reason.
    static func reason(of status: Int) -> String {
        switch status {
        case 400: "BadDeviceToken"
        case 403: "InvalidProviderToken"
        case 404: "BadPath"
        case 405: "MethodNotAllowed"
        case 410: "Unregistered"
        case 413: "PayloadTooLarge"
        case 429: "TooManyRequests"
        case 503: "ServiceUnavailable"
        default: "InternalServerError"
        }
    }
}
