import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostTesting

@testable import WaypostProviders

@Suite struct FCMTests {
    private static let name = "projects/example-project/messages/0:1760000000000000%31bd1c9631bd1c96"
    /// When the answers of the file were given.
    private static let then = Timestamp(milliseconds: 1_760_000_000_000)
    private static let caseCount = 31

    private static func item(_ index: Int) throws -> JSONValue {
        try #require(Fixture.vectors("fcm-errors")["cases"]?[index])
    }

    /// What the answer is given to: a payload that is too big where the answer says so.
    private static func context(of item: JSONValue) -> AttemptContext {
        let size = item["name"] == "too_big" ? 5000 : 10
        return PushFixture.context(PushFixture.push { $0.body = String(repeating: "x", count: size) }, at: then)
    }

    private func failure(_ body: JSONValue, _ status: Int, of push: Push = PushFixture.push()) throws -> Failure {
        let reply = TransportReply.http(HTTPResponse(status: status, body: body.bytes))
        return try #require(try PushFixture.fcm().result(of: reply, for: PushFixture.context(push)).outcome.failure)
    }

    private static func error(_ status: String, _ details: JSONValue..., message: String = "no") -> JSONValue {
        ["error": ["status": .string(status), "message": .string(message), "details": .array(details)]]
    }

    private static func detail(_ code: String) -> JSONValue {
        ["@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": .string(code)]
    }

    private static func apnsDetail(_ status: Int64, _ reason: String) -> JSONValue {
        [
            "@type": "type.googleapis.com/google.firebase.fcm.v1.ApnsError", "statusCode": .integer(status),
            "reason": .string(reason),
        ]
    }

    @Test(arguments: ProviderContract.Clause.allCases)
    func `it keeps the contract`(clause: ProviderContract.Clause) throws {
        var contract = ProviderContract(
            provider: try PushFixture.fcm(), secrets: [PushFixture.accessToken],
            cases: [.init("200", Fixture.response(200, HTTPHeaders(), #"{"name":"\#(Self.name)"}"#), nil)],
            healthy: Fixture.response(200, HTTPHeaders(), #"{"name":"projects/p/messages/fake_message_id"}"#),
            ailing: [
                Fixture.response(403, HTTPHeaders(), #"{"error":{"status":"PERMISSION_DENIED","message":"no"}}"#),
                Fixture.response(400, HTTPHeaders(), #"{"error":"invalid_grant"}"#),
                Fixture.response(200, HTTPHeaders(), "<html>"), Fixture.response(503),
            ],
            echo: { words in
                .http(HTTPResponse(status: 400, body: Self.error("INVALID_ARGUMENT", message: words).bytes))
            },
            texts: { $0.json.strings })
        contract.sample = .init(
            .push(PushFixture.hardPush), texts: PushFixture.hardTexts + [PushFixture.fcmToken],
            addresses: [PushFixture.fcmToken])
        #expect(contract.violations(of: clause) == [])
    }

    @Test func `a dump shows neither key nor token`() throws {
        var dumped = ""
        dump(try PushFixture.fcm(), to: &dumped)
        for secret in ["PRIVATE KEY", "MIIEv", PushFixture.accessToken, "eyJ"] { #expect(!dumped.contains(secret)) }
    }

    // MARK: Answers

    @Test func `all cases of the file are tried`() throws {
        #expect(try Fixture.vectors("fcm-errors")["cases"]?.array?.count == Self.caseCount)
    }

    @Test(arguments: 0..<caseCount)
    func `every answer of the file is what the file says`(index: Int) throws {
        let item = try Self.item(index)
        let name = try #require(item["name"]?.string)
        let expected = try #require(item["expect"])
        let fcm = try PushFixture.fcm()
        let reply = try item.reply
        let result = fcm.result(of: reply, for: Self.context(of: item))

        let wantsCredential = expected["refresh_credential"] == true
        #expect(fcm.repetition(after: reply) == (wantsCredential ? .newCredential : nil), "\(name)")
        guard let kind = Failure.Kind(taxonomy: expected["class"]?.string) else {
            #expect(result.outcome == .accepted(reference: Self.name), "\(name)")
            return
        }
        let failure = try #require(result.outcome.failure)
        if wantsCredential {  // the second time it is the account's fault
            #expect(failure.kind == .misconfigured && failure.breaker == .open, "\(name)")
            return
        }
        #expect(failure.kind == kind, "\(name)")
        #expect(failure.breaker == BreakerEffect(taxonomy: expected["breaker"]?.string), "\(name)")
        #expect((failure.kind == .refusedRecipient) == (expected["remove_endpoint"] != "no"), "\(name)")
        if failure.kind == .refusedRecipient { #expect(failure.scope == .endpoint, "\(name)") }
        if expected["throttle_scope"] == "endpoint" { #expect(failure.scope == .endpoint, "\(name)") }
        if let wait = expected["wait_s"]?.integer {
            #expect(failure.resumeAt == Self.then + .seconds(wait), "\(name)")
        }
        #expect(!failure.detail.isEmpty && result.detail == failure.detail)
    }

    @Test func `an INVALID_ARGUMENT that names nothing is the token's fault only where the payload is surely good`()
        throws
    {
        let body = Self.error("INVALID_ARGUMENT", Self.detail("INVALID_ARGUMENT"))
        #expect(try failure(body, 400).kind == .refusedRecipient)
        #expect(try failure(body, 400, of: PushFixture.push { $0.android = ["bogus": 1] }).kind == .refusedMessage)
        #expect(try failure(body, 400, of: PushFixture.push { $0.webpush = [:] }).kind == .refusedMessage)
        #expect(try failure(body, 400, of: PushFixture.push { $0.apns = .init() }).kind == .refusedMessage)
        let quotes = PushFixture.push { $0.body = String(repeating: "\"", count: 3900) }  // twice as long in JSON
        #expect(try failure(body, 400, of: quotes).kind == .refusedMessage)
        #expect(try failure(body, 400, of: PushFixture.push { $0.targets = [.topic("news")] }).kind == .refusedMessage)
    }

    @Test(arguments: [
        (410, "ExpiredToken", Failure.Kind.refusedRecipient), (400, "BadDeviceToken", .refusedRecipient),
        (413, "PayloadTooLarge", .refusedMessage), (400, "TopicDisallowed", .unsuitable),
        (403, "InvalidProviderToken", .unsuitable), (400, "SomethingNew", .refusedMessage),
    ])
    func `what APNs said to FCM decides`(status: Int64, reason: String, kind: Failure.Kind) throws {
        let body = Self.error(
            "INVALID_ARGUMENT", Self.detail("INVALID_ARGUMENT"), Self.apnsDetail(status, reason))
        let failure = try failure(body, 400)
        #expect(failure.kind == kind)
        #expect(failure.detail.contains("(APNs: \(status) \(reason))"))
    }

    @Test(arguments: ["SENDER_ID_MISMATCH", "UNREGISTERED"])
    func `a topic is never a dead device`(code: String) throws {
        let push = PushFixture.push { $0.targets = [.topic("news")] }
        #expect(try failure(Self.error("NOT_FOUND", Self.detail(code)), 404, of: push).kind == .refusedMessage)
    }

    @Test(arguments: [
        (401, Failure.Kind.misconfigured), (403, .misconfigured), (404, .unsuitable), (408, .ambiguous),
        (429, .throttled), (500, .unavailable), (502, .unavailable), (503, .unavailable), (504, .ambiguous),
        (307, .unavailable), (201, .ambiguous), (0, .ambiguous),
    ])
    func `a page in the place of an answer goes by its status`(status: Int, kind: Failure.Kind) throws {
        let result = try PushFixture.fcm().result(
            of: Fixture.response(status, HTTPHeaders(["content-type": "text/html"]), "<html>"),
            for: PushFixture.context())
        #expect(result.outcome.failure?.kind == kind)
        #expect(result.httpStatus == status)
    }

    @Test(arguments: [#"{"name":""}"#, "{}", "", "<html>", #"{"name":7}"#])
    func `a success that cannot be read is none`(body: String) throws {
        let result = try PushFixture.fcm().result(
            of: Fixture.response(200, HTTPHeaders(), body), for: PushFixture.context())
        #expect(result.outcome.failure?.kind == .ambiguous)
    }

    @Test func `a device token that Google repeats is not passed on`() throws {
        let failure = try failure(
            Self.error("INVALID_ARGUMENT", message: "token \(PushFixture.fcmToken) of a@example.com is bad"), 400)
        #expect(failure.detail == "FCM answered 400 INVALID_ARGUMENT: token <token> of <address> is bad")
    }

    // MARK: Requests

    @Test func `a send goes to the project under the access token`() throws {
        let request = try #require(try PushFixture.fcm().request(for: PushFixture.context()).http)
        #expect(request.method == "POST")
        #expect(request.target == "https://fcm.googleapis.com/v1/projects/example-project/messages:send")
        #expect(request.headers["authorization"] == "Bearer ya29.test-access-token")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["traceparent"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    }

    @Test func `without an access token there is no request`() throws {
        let fcm = try PushFixture.fcm(isReady: false)
        #expect(throws: Failure(.unavailable, "there is no access token yet")) {
            try fcm.request(for: PushFixture.context())
        }
    }

    @Test func `an adapter that takes another's place keeps the access token of the same account`() throws {
        var settings = try PushFixture.fcmSettings()
        settings.baseURL = "https://127.0.0.1:1"
        func request(_ settings: FCM.Settings) throws -> HTTPRequest? {
            let maker = ProviderSettings(name: "fcm", maker: .fcm(settings))
            return try ProviderCatalog.make(maker, replacing: PushFixture.fcm()).request(for: PushFixture.context())
                .http
        }
        #expect(try request(settings)?.headers["authorization"] == "Bearer ya29.test-access-token")
        #expect(try request(settings)?.target.hasPrefix("https://127.0.0.1:1/") == true)
        settings.clientEmail = "other@example.com"
        #expect(throws: Failure.self) { try request(settings) }
    }

    @Test func `an email is not for FCM`() throws {
        let fcm = try PushFixture.fcm()
        let context = Fixture.context(Fixture.email(to: "a@example.com"))
        #expect(fcm.objection(to: context.message, for: context.deliveries) == "FCM carries only push")
        #expect(throws: Failure.self) { try fcm.request(for: context) }
    }

    // MARK: Health

    @Test func `the health check delivers nothing`() throws {
        let request = try #require(try PushFixture.fcm().healthCheck(at: Fixture.now)?.http)
        #expect(request.target == "https://fcm.googleapis.com/v1/projects/example-project/messages:send")
        #expect(TransportRequest.http(request).json["validate_only"] == true)
        #expect(TransportRequest.http(request).json.at("message.topic")?.string == "waypost-health")
    }

    @Test func `without a token at hand the check asks for one`() throws {
        let url = "https://oauth2.googleapis.com/token"
        #expect(try PushFixture.fcm(isReady: false).healthCheck(at: Fixture.now)?.http?.target == url)
        let fcm = try PushFixture.fcm()
        #expect(fcm.healthCheck(at: Fixture.now + .seconds(4000))?.http?.target == url)
        #expect(fcm.ailment(in: PushFixture.grant()) == nil)
    }
}
