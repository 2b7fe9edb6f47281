import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

/// What APNs says to each request, in the order of its checks.
@Suite struct APNsStandInTests {
    private let standIn: APNsStandIn
    private let signer: TokenSigner
    private static let now: Int64 = 1_795_693_304
    private static let payload = #"{"aps":{"alert":"x"},"waypost_message":"msg_1","waypost_attempt":"att_1"}"#

    init() throws {
        let key = try PrivateKey(.p256)
        standIn = APNsStandIn(.init(), key: key)
        signer = try TokenSigner(pem: key.pem())
    }

    private func ask(
        _ token: String = "ab12", _ headers: [String: String?] = [:], body: String = Self.payload,
        method: String = "POST",
        path: String? = nil, after memory: inout ConnectionMemory
    ) -> Verdict {
        var all: [String: String] = [
            "authorization": signer.providerToken(issuedAt: Self.now), "apns-topic": "com.example.app",
            "apns-push-type": "alert",
        ]
        for (name, value) in headers { all[name] = value }
        var request = HTTPRequest(method: method, target: path ?? "/3/device/\(token)", body: Array(body.utf8))
        for (name, value) in all { request.headers.add(name, value) }
        let operation = standIn.operation(request.method, request.path)
        return standIn.verdict(on: request, asking: operation, at: Self.now * 1000, after: &memory)
    }

    private func answer(
        _ token: String = "ab12", _ headers: [String: String?] = [:], body: String = Self.payload,
        method: String = "POST",
        path: String? = nil
    ) -> String {
        var memory = ConnectionMemory()
        let verdict = ask(token, headers, body: body, method: method, path: path, after: &memory)
        #expect(verdict.isAccepted == (verdict.response.status == 200))
        return "\(verdict.response.status) \(verdict.response.json["reason"]?.string ?? "")"
    }

    @Test func `a good push is taken under its ids, with an empty answer`() {
        var memory = ConnectionMemory()
        let verdict = ask("ab12", ["apns-id": "eabeae54-14a8-11e5-b60b-1697f925ec7b"], after: &memory)
        #expect(verdict.response.status == 200 && verdict.response.body.isEmpty)
        #expect(verdict.response.headers["apns-id"] == "eabeae54-14a8-11e5-b60b-1697f925ec7b")
        #expect(verdict.takes == [Take(message: "msg_1", attempt: "att_1", recipients: ["ab12"])])
        let made = ask(after: &memory).response.headers["apns-id"]
        #expect(made?.utf8.count == 36 && made == made?.lowercased())
    }

    @Test(arguments: [
        ("apns-id", "EABEAE54-14A8-11E5-B60B-1697F925EC7B", "400 BadMessageId"),
        ("apns-topic", nil, "400 MissingTopic"),
        ("apns-topic", "a b", "400 BadTopic"), ("apns-topic", "com.example.other", "400 DeviceTokenNotForTopic"),
        ("apns-collapse-id", String(repeating: "x", count: 65), "400 BadCollapseId"),
        ("apns-collapse-id", String(repeating: "é", count: 32), "200 "), ("apns-priority", "7", "400 BadPriority"),
        ("apns-expiration", "soon", "400 BadExpirationDate"), ("apns-expiration", "0", "200 "),
        ("apns-push-type", "loud", "400 InvalidPushType"), ("apns-push-type", nil, "200 "),
        ("apns-push-type", "voip", "400 DeviceTokenNotForTopic"), ("authorization", nil, "403 MissingProviderToken"),
        ("authorization", "bearer x.y.z", "403 InvalidProviderToken"),
    ])
    func `each header field is checked`(name: String, value: String?, expected: String) {
        #expect(answer("ab12", [name: value]) == expected)
    }

    @Test(arguments: [
        ("", "400 MissingDeviceToken"), ("xyz0", "400 BadDeviceToken"), ("abc", "400 BadDeviceToken"),
        ("bad012", "400 BadDeviceToken"), ("dead12", "410 Unregistered"), ("041012", "410 Unregistered"),
        ("a42912", "429 TooManyRequests"), (String(repeating: "ab", count: 32), "200 "),
    ])
    func `a device token tells by its beginning what becomes of it`(token: String, expected: String) {
        #expect(answer(token) == expected)
    }

    @Test func `410 tells when the token died: now, or long ago`() {
        var memory = ConnectionMemory()
        #expect(ask("dead", after: &memory).response.json["timestamp"]?.integer == Self.now * 1000)
        #expect(ask("0410", after: &memory).response.json["timestamp"]?.integer == 1_577_836_800_000)
    }

    @Test func `method, path and the mix of type and priority are checked`() {
        #expect(answer(method: "GET") == "405 MethodNotAllowed")
        #expect(answer(path: "/4/broadcasts/apps/x") == "404 BadPath")
        #expect(answer("ab12", ["apns-push-type": "background", "apns-priority": "10"]) == "400 BadPriority")
        #expect(answer("ab12", ["apns-push-type": "background", "apns-priority": "5"]) == "200 ")
    }

    @Test(arguments: [
        ("alert", 4_096, "200 "), ("alert", 4_097, "413 PayloadTooLarge"), ("voip", 5_120, "200 "),
        ("voip", 5_121, "413 PayloadTooLarge"),
    ])
    func `a payload has its limit`(type: String, count: Int, expected: String) {
        let body = #"{"aps":{},"a":""# + String(repeating: "x", count: count - 17) + #""}"#
        let topic = type == "voip" ? "com.example.app.voip" : "com.example.app"
        #expect(answer("ab12", ["apns-push-type": type, "apns-topic": topic], body: body) == expected)
    }

    @Test(arguments: ["", "{}", "{", "[]"]) func `a payload that shows nothing is empty`(body: String) {
        #expect(answer(body: body) == "400 PayloadEmpty")
    }

    @Test func `a provider token must be signed, named and young`() {
        for (token, expected) in [
            (signer.providerToken(issuedAt: Self.now - 3_600), "200 "),
            (signer.providerToken(issuedAt: Self.now - 3_601), "403 ExpiredProviderToken"),
            (signer.providerToken(issuedAt: Self.now + 3_601), "403 ExpiredProviderToken"),
            (signer.providerToken(issuedAt: Self.now, team: "TEAM000002"), "403 InvalidProviderToken"),
            (signer.providerToken(issuedAt: Self.now, keyID: "KEY0000002"), "403 InvalidProviderToken"),
        ] {
            #expect(answer("ab12", ["authorization": token]) == expected)
        }
        let good = signer.providerToken(issuedAt: Self.now)
        let claims = TokenSigner.base64URL(Array(#"{"iss":"TEAM000001","iat":\#(Self.now - 1)}"#.utf8))
        var parts = good.split(separator: ".").map(String.init)
        parts[1] = claims
        #expect(answer("ab12", ["authorization": parts.joined(separator: ".")]) == "403 InvalidProviderToken")
    }

    @Test func `signatures of every length are understood`() {
        for age in Int64(0)..<300 {
            #expect(answer("ab12", ["authorization": signer.providerToken(issuedAt: Self.now - age)]) == "200 ")
        }
    }

    @Test func `a new token within twenty minutes of the last is one too many, and the old one stays good`() {
        var memory = ConnectionMemory()
        func status(_ age: Int64) -> Int {
            ask("ab12", ["authorization": signer.providerToken(issuedAt: Self.now - age)], after: &memory).response
                .status
        }
        let old = signer.providerToken(issuedAt: Self.now - 1_300)
        #expect(ask("ab12", ["authorization": old], after: &memory).response.status == 200)
        #expect(status(200) == 429)
        #expect(ask("ab12", ["authorization": old], after: &memory).response.status == 200)
        #expect(status(100) == 200)
    }

    @Test func `a fault answers with Apple's reason for it`() throws {
        let cases = try #require(Fixture.vectors("apns-errors")["cases"]?.array)
        for vector in cases {
            var answer = Fault.Answer(Int(try #require(vector["status"]?.integer)))
            answer.error = vector["body"]?["reason"]?.string
            let response = standIn.failure(answer)
            #expect(response.status == answer.status && response.json["reason"]?.string == answer.error)
            #expect((response.json["timestamp"] != nil) == (answer.status == 410))
        }
    }
}
