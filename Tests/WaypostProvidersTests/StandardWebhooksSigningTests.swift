import Testing
import WaypostCore
import WaypostJSON

@testable import WaypostProviders

@Suite struct StandardWebhooksSigningTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let other = "whsec_nvQUb4Fm0y3IBR09nzoMSTPiSqjMtDm12a0AB4qJ4vw="

    /// What the reference libraries test themselves with.
    @Test(arguments: [secret, String(secret.dropFirst(6))])
    func `the reference libraries' constant comes out`(secret: String) throws {
        let key = try #require(StandardWebhooks.Key(secret))
        let signature = StandardWebhooks.sign(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: Timestamp(milliseconds: 1_614_265_330_999),
            body: Array(#"{"test": 2432232314}"#.utf8), secrets: [key])
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(key.size == 24)
    }

    @Test func `padding may be missing, and nothing of a secret is shown`() throws {
        let bare = try #require(StandardWebhooks.Key(String(Self.other.dropLast())))
        let padded = try #require(StandardWebhooks.Key(Self.other))
        let signed = [bare, padded].map {
            StandardWebhooks.sign(id: "a", timestamp: .init(milliseconds: 0), body: [], secrets: [$0])
        }
        #expect(signed[0] == signed[1])
        #expect("\(bare)" == "StandardWebhooks.Key")
        #expect(StandardWebhooks.Key("whsec_") == nil)
        #expect(StandardWebhooks.Key("whsec_%%%") == nil)
    }

    @Test(.enabled(if: Python.hasStandardWebhooks, "standardwebhooks is not installed"))
    func `the makers' library takes what we sign under the old secret and under the new one`() throws {
        let now = SystemTime().wallNow
        let body = #"{"type":"message.delivered","data":{"name":"Grüße 👋"}}"#
        let keys = try [Self.secret, Self.other].map { try #require(StandardWebhooks.Key($0)) }
        let signature = StandardWebhooks.sign(id: "evt_1", timestamp: now, body: Array(body.utf8), secrets: keys)
        #expect(signature.split(separator: " ").count == 2)
        let input: JSONValue = [
            "secrets": [.string(Self.secret), .string(Self.other), "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
            "body": .string(body), "id": "evt_1", "timestamp": .string(String(now.unixSeconds)),
            "signature": .string(signature),
        ]
        #expect(try Python.run(Self.script, input) == [true, true, false])
    }

    private static let script = """
        import sys, json
        from standardwebhooks import Webhook, WebhookVerificationError
        given = json.load(sys.stdin)
        headers = {'webhook-id': given['id'], 'webhook-timestamp': given['timestamp'], 'webhook-signature': given['signature']}
        def takes(secret):
            try: Webhook(secret).verify(given['body'], headers)
            except WebhookVerificationError: return False
            return True
        json.dump([takes(s) for s in given['secrets']], sys.stdout)
        """
}
