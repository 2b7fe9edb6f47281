import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

/// Apple's push service by provider token: one POST a device.
///
/// Nothing promises that a second POST with the same `apns-id` is dropped, so that id is a label for tracing only; what
/// keeps a repeat from being shown twice is the `apns-collapse-id`. A 200 says that APNs took it, not that it was shown, and
/// nothing comes back later.
package struct APNs: Provider {
    package struct Settings: Equatable, Sendable {
        /// Which of Apple's two services holds the devices' tokens.
        package enum Environment: String, CaseIterable, Sendable { case production, sandbox }

        package var teamID: String
        package var keyID: String
        package var key: SigningKey
        /// The app's bundle identifier.
        package var topic: String
        /// Without a slash at its end.
        package var baseURL: String

        /// `baseURL` nil is Apple's own of that environment.
        package init(
            teamID: String, keyID: String, key: SigningKey, topic: String, environment: Environment = .production,
            baseURL: String? = nil
        ) {
            self.teamID = teamID
            self.keyID = keyID
            self.key = key
            self.topic = topic
            let host = environment == .production ? "api.push.apple.com" : "api.sandbox.push.apple.com"
            self.baseURL = baseURL ?? "https://\(host)"
        }
    }

    package let name: ProviderName
    package var kind: ProviderKind { .apns }
    package let transfer: TransferSettings
    package var authorizer: (any Authorizer)? { token }
    private let settings: Settings
    private let token: APNsProviderToken

    /// `old`: whose provider token is taken over where it is the same key's, for the connections stay and Apple would
    /// refuse a second on them.
    package init(name: ProviderName, settings: Settings, transfer: TransferSettings, replacing old: APNs? = nil) {
        self.name = name
        self.transfer = transfer
        self.settings = settings
        let held = old.flatMap { $0.token.isOf(settings) ? $0.token : nil }
        token = held ?? APNsProviderToken(teamID: settings.teamID, keyID: settings.keyID, key: settings.key)
    }

    package func objection(to message: Message, for deliveries: [Delivery]) -> String? {
        guard let push = message.content.push else { return "APNs carries only push" }
        if message.lacksWordsOfOurs { return "APNs keeps no templates" }
        for delivery in deliveries {
            guard let device = push.target(of: delivery)?.device else { return "APNs knows no topics of devices" }
            guard let token = device.apnsToken else { return "the device has no APNs token" }
            if !APNsRequest.isToken(token) { return "the device's APNs token is not hexadecimal" }
        }
        return APNsRequest(push, of: message, topic: settings.topic).complaint
    }

    package func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        guard let push = context.message.content.push else { throw Failure(.unsuitable, "APNs carries only push") }
        guard let delivery = context.deliveries.first, context.deliveries.count == 1,
            let device = push.target(of: delivery)?.device?.apnsToken
        else { throw Failure(.unsuitable, "APNs sends to one device at a time") }
        let request = APNsRequest(push, of: context.message, topic: settings.topic)
        // In lower case, as HTTP/2 carries them.
        var headers = HTTPHeaders([
            "authorization": "bearer " + token.token(at: context.startedAt), "content-type": "application/json",
            "apns-id": APNsRequest.id(of: context.attempt), "apns-topic": request.topic,
        ])
        for header in request.headers { headers.add(header.key, header.value) }
        headers.add("traceparent", context.message.traceparent)
        return .http(
            HTTPRequest(
                method: "POST", target: "\(settings.baseURL)/3/device/\(device)", headers: headers,
                body: request.payload(for: context.attempt)))
    }

    /// There is none: Apple has no call that proves the key without a push. One to a device that does not exist would, but
    /// counts as an error, and Apple slows down and closes the connections of whom it refuses often. A key that is refused
    /// opens the breaker with the first push.
    package func healthCheck(at now: Timestamp) -> TransportRequest? { nil }

    package func ailment(in reply: TransportReply) -> String? {
        guard case .http(let response) = reply else { return Failure.foreignReply.detail }
        return response.status == 200 ? nil : "APNs answered \(response.status)"
    }
}
