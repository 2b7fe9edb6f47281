import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

@Suite struct FCMStandInTests {
    private let standIn: FCMStandIn
    private let signer: TokenSigner
    private static let now: Int64 = 1_795_693_304
    private static let host = "127.0.0.1:9907"

    init() throws {
        standIn = try FCMStandIn(.init())
        let account = try JSONValue(parsing: Array(standIn.account.json(tokenURL: "https://\(Self.host)/token").utf8))
        signer = try TokenSigner(pem: #require(account["private_key"]?.string))
    }

    private func ask(
        _ method: String, _ target: String, _ body: String = "", type: String = "application/json",
        bearer: String? = nil,
        at now: Int64 = Self.now
    ) -> Verdict {
        var request = HTTPRequest(method: method, target: target, body: Array(body.utf8))
        request.headers.add("host", Self.host)
        request.headers.add("content-type", type)
        if let bearer { request.headers.add("authorization", "Bearer \(bearer)") }
        return standIn.verdict(on: request, asking: standIn.operation(method, request.path), at: now * 1000)
    }

    private func assertion(
        issuer: String = "waypost@waypost-sandbox.iam.gserviceaccount.com",
        audience: String = "https://\(Self.host)/token", age: Int64 = 0, lifetime: Int64 = 3_600,
        scope: String = "https://www.googleapis.com/auth/firebase.messaging", kid: String = ServiceAccount.keyID
    ) -> String {
        let issued = Self.now - age
        return signer.token(
            header: #"{"alg":"RS256","typ":"JWT","kid":"\#(kid)"}"#,
            claims:
                #"{"iss":"\#(issuer)","scope":"\#(scope)","aud":"\#(audience)","iat":\#(issued),"exp":\#(issued + lifetime)}"#
        )
    }

    private func grant(
        _ assertion: String, type: String = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
    ) -> HTTPResponse {
        ask(
            "POST", "/token", "grant_type=\(type)&assertion=\(assertion)", type: "application/x-www-form-urlencoded"
        ).response
    }

    private func bearer() throws -> String { try #require(grant(assertion()).json["access_token"]?.string) }

    @Test func `a signed assertion gets an access token, which opens the API until its end`() throws {
        let answer = grant(assertion())
        #expect(answer.status == 200)
        #expect(answer.json["expires_in"]?.integer == 3_599 && answer.json["token_type"]?.string == "Bearer")
        let token = try #require(answer.json["access_token"]?.string)
        let path = "/v1/projects/waypost-sandbox/messages:send"
        let body = #"{"message":{"token":"t","data":{"waypost_message":"msg_1","waypost_attempt":"att_1"}}}"#
        let verdict = ask("POST", path, body, bearer: token)
        #expect(verdict.isAccepted && verdict.response.status == 200)
        #expect(verdict.takes == [Take(message: "msg_1", attempt: "att_1", recipients: ["t"])])
        let name = try #require(verdict.response.json["name"]?.string)
        #expect(name.hasPrefix("projects/waypost-sandbox/messages/0:") && name.contains("%"))
        #expect(verdict.reference == name)
        #expect(ask("POST", path, body, bearer: token, at: Self.now + 3_599).response.status == 401)
        #expect(
            ask("POST", path, body, bearer: "ya29.other").response.json["error"]?["details"]?[0]?["errorCode"] == nil)
        #expect(ask("POST", "/v1/projects/other/messages:send", body, bearer: token).response.status == 403)
        #expect(standIn.accessTokens.revoke() >= 1)
        #expect(ask("POST", path, body, bearer: token).response.status == 401)
    }

    @Test func `Google's own audience and the wider scope are taken as well`() {
        #expect(grant(assertion(audience: "https://oauth2.googleapis.com/token")).status == 200)
        #expect(grant(assertion(scope: "a https://www.googleapis.com/auth/cloud-platform")).status == 200)
    }

    @Test func `what is wrong with an assertion is told as Google tells it`() {
        for (assertion, error) in [
            (assertion(lifetime: 3_601), "invalid_grant"), (assertion(lifetime: -1), "invalid_grant"),
            (assertion(age: 3_700), "invalid_grant"), (assertion(age: -120), "invalid_grant"),
            (assertion(audience: "https://fcm.googleapis.com/"), "invalid_grant"),
            (assertion(issuer: "nobody@example.com"), "invalid_grant"), (assertion(kid: "other"), "invalid_grant"),
            (assertion(scope: "openid"), "invalid_scope"), ("x.y.z", "invalid_grant"),
            (String(assertion().dropLast(6)) + "AAAAAA", "invalid_grant"),
        ] {
            let answer = grant(assertion)
            #expect(answer.status == 400 && answer.json["error"]?.string == error, "\(assertion)")
        }
        #expect(grant(assertion(), type: "password").json["error"]?.string == "unsupported_grant_type")
        #expect(ask("POST", "/token", "{}").response.json["error"]?.string == "invalid_request")
    }

    @Test func `every request of the vectors is taken or refused as they say`() throws {
        let cases = try #require(Fixture.vectors("fcm-requests")["cases"]?.array)
        let token = try bearer()
        for vector in cases where vector["name"]?.string != "camel_case_accepted_too" {
            guard let body = vector["body"], let isGood = vector["ok"]?.bool else { continue }
            let text = String(decoding: body.bytes, as: UTF8.self)
            let answer = ask("POST", "/v1/projects/waypost-sandbox/messages:send", text, bearer: token).response
            #expect(answer.status == (isGood ? 200 : 400), "\(vector["name"]?.string ?? ""): \(answer.json)")
            if !isGood { #expect(answer.json["error"]?["status"]?.string == "INVALID_ARGUMENT") }
        }
    }

    @Test(arguments: [
        ("unregistered-1", "unregistered"), ("mismatch-1", "sender_mismatch"), ("invalid-1", "bad_token_format"),
        ("quota-1", "quota"),
    ])
    func `a token tells by its beginning what becomes of it`(token: String, name: String) throws {
        let cases = try #require(Fixture.vectors("fcm-errors")["cases"]?.array)
        let vector = try #require(cases.first { $0["name"]?.string == name })
        let body = #"{"message":{"token":"\#(token)","data":{"k":"v"}}}"#
        let verdict = ask("POST", "/v1/projects/waypost-sandbox/messages:send", body, bearer: try bearer())
        #expect(verdict.response.status == vector["http"]?.integer.map { Int($0) })
        #expect(verdict.response.json == vector["body"])
        #expect(verdict.response.headers["Retry-After"] == (name == "quota" ? "37" : nil))
    }

    @Test(arguments: [
        ("token", 4_096, 200), ("token", 4_097, 400), ("topic", 2_048, 200), ("topic", 2_049, 400),
    ])
    func `a payload has its limit`(target: String, count: Int, status: Int) throws {
        let body = #"{"message":{"\#(target)":"t","data":{"k":"\#(String(repeating: "x", count: count - 1))"}}}"#
        let answer = ask("POST", "/v1/projects/waypost-sandbox/messages:send", body, bearer: try bearer()).response
        #expect(answer.status == status)
        if status == 400 { #expect(answer.json["error"]?["message"]?.string == "Message is too big") }
    }

    @Test func `a message to validate is checked and not taken`() throws {
        let body = #"{"validate_only":true,"message":{"token":"t","data":{"k":"v"}}}"#
        let verdict = ask("POST", "/v1/projects/waypost-sandbox/messages:send", body, bearer: try bearer())
        #expect(verdict.response.status == 200 && !verdict.isAccepted)
        #expect(verdict.response.json["name"]?.string?.hasSuffix("/fake_message_id") == true)
    }

    @Test(arguments: [
        ("'a' in topics", true), ("!('a' in topics) && ('b' in topics || 'c' in topics)", true),
        ("'a' in topics &&", false), ("a in topics", false), ("('a' in topics", false), ("'a b' in topics", false),
        ("", false), (String(repeating: "(", count: 100) + "'a' in topics", false),
    ])
    func `a condition is read as Firebase reads it`(text: String, isGood: Bool) {
        #expect(FCMCondition.isWellFormed(text) == isGood)
    }

    @Test func `subscriptions come, stay and go`() throws {
        let token = try bearer()
        let base = "/v1/projects/waypost-sandbox/registrations/a%3Ab/topicSubscriptions"
        func status(_ method: String, _ target: String) -> Int {
            ask(method, target, "{}", bearer: token).response.status
        }
        let made = ask("POST", "\(base)?topic_name=news", "{}", bearer: token).response
        #expect(made.status == 200 && made.json["topic_name"]?.string == "news")
        #expect(made.json["create_time"]?.string == "2026-11-26T11:41:44.000Z")
        #expect(status("POST", "\(base)?topic_name=news") == 409)
        #expect(status("GET", "\(base)/news") == 200 && status("GET", "\(base)/other") == 404)
        #expect(
            ask("GET", base, bearer: token).response.json["topicSubscriptions"]?.array?.count == 1)
        #expect(status("DELETE", "\(base)/news") == 200)
        #expect(status("DELETE", "\(base)/news") == 404 && status("DELETE", "\(base)/news?allow_missing=true") == 200)
        #expect(status("POST", "\(base)?topic_name=a%20b") == 400)
        let dead = "/v1/projects/waypost-sandbox/registrations/unregistered/topicSubscriptions?topic_name=news"
        #expect(status("POST", dead) == 404)
        #expect(ask("POST", dead, "{}").response.status == 401)
    }

    @Test func `a fault's word becomes FCM's error code`() {
        var answer = Fault.Answer(503)
        #expect(standIn.failure(answer).json["error"]?["details"]?[0]?["errorCode"]?.string == "UNAVAILABLE")
        answer.error = "SOME_FUTURE_CODE"
        let response = standIn.failure(answer)
        #expect(response.json["error"]?["details"]?[0]?["errorCode"]?.string == "SOME_FUTURE_CODE")
        #expect(response.json["error"]?["status"]?.string == "UNAVAILABLE" && response.status == 503)
        #expect(standIn.failure(.init(401)).json["error"]?["details"]?[0]?["errorCode"] == nil)
    }
}
