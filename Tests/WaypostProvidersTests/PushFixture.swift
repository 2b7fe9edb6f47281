import Testing
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON
import WaypostTesting

@testable import WaypostProviders

/// What the suites about push are tried with. The keys are those of the vectors and protect nothing.
enum PushFixture {
    static let fcmToken =
        "cX7aQ1bTRkS0:APA91bHPRgkF3JUikC4ENAHEeMrd41Zxv3hVZjC9KtT8OvPVGJ-hQMRKRrZuJAEcl7B338qju59zJMjw2DELjzEvxwYv7hH5"
    static let apnsToken = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"
    static let accessToken = "ya29.test-access-token"

    static let device = Push.Device(platform: nil, fcmToken: fcmToken, apnsToken: apnsToken)

    static func push(_ change: (inout Push) -> Void = { _ in }) -> Push {
        var push = Push(targets: [.device(device)])
        push.title = "Hello"
        push.body = "World"
        change(&push)
        return push
    }

    static func message(_ push: Push, _ change: (inout Message) -> Void = { _ in }) -> Message {
        var message = Message(
            id: Fixture.id, client: .local, content: .push(push), createdAt: Fixture.now,
            expiresAt: Fixture.now + .seconds(3600),
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        change(&message)
        return message
    }

    static func context(
        _ push: Push = push(), ordinal: Int = 0, at startedAt: Timestamp = Fixture.now,
        _ change: (inout Message) -> Void = { _ in }
    ) -> AttemptContext {
        let message = message(push, change)
        return AttemptContext(
            message: message, deliveries: [message.content.deliveries[ordinal]], attempt: Fixture.attempt,
            startedAt: startedAt, publicURL: "https://waypost.example.com")
    }

    // MARK: Makers

    static func fcmSettings() throws -> FCM.Settings {
        let account = try #require(Fixture.vectors("google-rs256-assertion")["service_account_json"])
        func text(_ name: String) throws -> String { try #require(account[name]?.string) }
        return FCM.Settings(
            projectID: try text("project_id"), clientEmail: try text("client_email"),
            privateKeyID: try text("private_key_id"),
            key: try SigningKey(pem: text("private_key"), algorithm: .rs256), tokenURL: try text("token_uri"))
    }

    /// With an access token at hand unless told otherwise.
    static func fcm(isReady: Bool = true) throws -> FCM {
        let fcm = FCM(name: "fcm", settings: try fcmSettings(), transfer: TransferSettings())
        if isReady {
            fcm.authorizer?.ready(
                over: ScriptedTransport(answering: .success(grant())), pool: "fcm", settings: fcm.transfer,
                at: Fixture.now
            ) { #expect($0 == nil) }
        }
        return fcm
    }

    static func grant(_ token: String = accessToken, seconds: Int = 3599) -> TransportReply {
        Fixture.response(
            200, HTTPHeaders(), #"{"access_token":"\#(token)","expires_in":\#(seconds),"token_type":"Bearer"}"#)
    }

    static func apnsKey() throws -> SigningKey {
        try SigningKey(pem: #require(Fixture.vectors("apns-es256-jwt")["p8_pem"]?.string), algorithm: .es256)
    }

    static func apns(topic: String = "com.example.app") throws -> APNs {
        APNs(
            name: "apns", settings: .init(teamID: "DEF123GHIJ", keyID: "ABC123DEFG", key: try apnsKey(), topic: topic),
            transfer: TransferSettings())
    }

    /// A push that is hard to write down, for the contract.
    static var hardTexts: [String] {
        [
            "Grüße, 你好 👩‍👩‍👧‍👦 – “quoted” = ü?", "Zeile eins\nدو 👋🏽 \\ = ende\u{7F}\u{2028}", "<p>&amp;</p>",
            "https://example.com/ü.png",
        ]
    }

    static var hardPush: Push {
        push { push in
            push.title = hardTexts[0]
            push.body = hardTexts[1]
            push.data = [.init(key: "schlüssel", value: hardTexts[2])]
            push.image = hardTexts[3]
        }
    }
}

extension JSONValue {
    /// With the members of every object in order, so that equality is JSON's.
    var sorted: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.sorted))
        case .object(let members):
            .object(members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
        default: self
        }
    }

    /// An answer of the vector files: `{"http" or "status", "headers", "body" or "body_text"}`.
    var reply: TransportReply {
        get throws {
            let status = try #require((self["http"] ?? self["status"])?.integer)
            var headers = HTTPHeaders(["content-type": "application/json; charset=UTF-8"])
            for header in self["headers"]?.members ?? [] { headers.add(header.name, header.value.string ?? "") }
            let body = self["body"]?.bytes ?? Array((self["body_text"]?.string ?? "").utf8)
            return .http(HTTPResponse(status: Int(status), headers: headers, body: body))
        }
    }
}
