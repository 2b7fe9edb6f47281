import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

/// Firebase Cloud Messaging, HTTP v1: one POST a device, topic or condition, with the access token of a service account.
///
/// FCM knows no request id: a repeated POST is a second message. What keeps it from being shown twice is the tag on Android
/// and the collapse id at Apple's.
package struct FCM: Provider {
    package struct Settings: Equatable, Sendable {
        package var projectID: String
        package var clientEmail: String
        package var privateKeyID: String
        package var key: SigningKey
        package var tokenURL: String
        /// Without a slash at its end.
        package var baseURL: String

        package init(
            projectID: String, clientEmail: String, privateKeyID: String, key: SigningKey, tokenURL: String,
            baseURL: String = "https://fcm.googleapis.com"
        ) {
            self.projectID = projectID
            self.clientEmail = clientEmail
            self.privateKeyID = privateKeyID
            self.key = key
            self.tokenURL = tokenURL
            self.baseURL = baseURL
        }
    }

    package let name: ProviderName
    package var kind: ProviderKind { .fcm }
    package let transfer: TransferSettings
    package var authorizer: (any Authorizer)? { accessToken }
    private let settings: Settings
    private let accessToken: FCMAccessToken

    /// `old`: whose access token is taken over where it is the same account's.
    package init(name: ProviderName, settings: Settings, transfer: TransferSettings, replacing old: FCM? = nil) {
        self.name = name
        self.transfer = transfer
        self.settings = settings
        let held = old.flatMap { $0.accessToken.isOf(settings) ? $0.accessToken : nil }
        accessToken = held ?? FCMAccessToken(settings)
    }

    /// Google's words without our token.
    var redaction: Redaction { Redaction([accessToken.current].compactMap(\.self)) }

    package func objection(to message: Message, for deliveries: [Delivery]) -> String? {
        guard let push = message.content.push else { return "FCM carries only push" }
        if message.lacksWordsOfOurs { return "FCM keeps no templates" }
        for delivery in deliveries {
            guard let target = push.target(of: delivery) else { return "the message has no such device" }
            if let complaint = FCMMessage(push, of: message, to: target).complaint { return complaint }
        }
        return nil
    }

    package func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        guard let push = context.message.content.push else { throw Failure(.unsuitable, "FCM carries only push") }
        guard let delivery = context.deliveries.first, context.deliveries.count == 1,
            let target = push.target(of: delivery)
        else { throw Failure(.unsuitable, "FCM sends to one device at a time") }
        let message = FCMMessage(push, of: context.message, to: target)
        let body = message.body(for: context.attempt, at: context.startedAt)
        var request = try authorized("POST", "/messages:send", body: body)
        request.headers.add("traceparent", context.message.traceparent)
        return .http(request)
    }

    /// A request below the project. Its token was seen to by the authorizer.
    func authorized(_ method: String, _ path: String, body: [UInt8]) throws(Failure) -> HTTPRequest {
        guard let token = accessToken.current else { throw Failure(.unavailable, "there is no access token yet") }
        return request(method, path, token: token, body: body)
    }

    private func request(_ method: String, _ path: String, token: Secret, body: [UInt8]) -> HTTPRequest {
        HTTPRequest(
            method: method, target: "\(settings.baseURL)/v1/projects/\(settings.projectID)\(path)",
            headers: HTTPHeaders(["authorization": "Bearer " + token.value, "content-type": "application/json"]),
            body: body)
    }

    // MARK: Health

    /// `validate_only` checks everything and delivers nothing; that nobody listens to the topic is all the same. Without a
    /// token at hand the request for one is made in its place: it proves the account as well, and there is nobody here to
    /// wait for the answer.
    package func healthCheck(at now: Timestamp) -> TransportRequest? {
        guard let token = accessToken.token(at: now) else { return accessToken.tokenRequest(at: now) }
        let body: JSONValue = [
            "validate_only": true, "message": ["topic": "waypost-health", "data": ["check": "1"]],
        ]
        return .http(request("POST", "/messages:send", token: token, body: body.bytes))
    }

    package func ailment(in reply: TransportReply) -> String? {
        guard case .http(let response) = reply else { return Failure.foreignReply.detail }
        guard response.status == 200 else {
            let body = try? JSONValue(parsing: response.body)
            let word = body?["error"]?.codeWord ?? body?["error"]?["status"]?.codeWord
            return redaction.sentenceWithoutTokens(
                "Google answered \(response.status) \(word ?? "without a code")",
                body?["error_description"]?.string ?? body?["error"]?["message"]?.string)
        }
        guard let body = try? JSONValue(parsing: response.body),
            body["name"]?.string != nil || body["access_token"]?.string != nil
        else { return "Google's answer cannot be read" }
        return nil
    }
}
