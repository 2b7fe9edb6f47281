import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

@Suite struct FCMDirectoryTests {
    private static let subscriptions =
        "https://fcm.googleapis.com/v1/projects/example-project/registrations/a%3AB_-%2F/topicSubscriptions"

    @Test func `a subscription is a POST, its end a DELETE that may come late`() throws {
        let fcm = try PushFixture.fcm()
        let begin = try #require(try fcm.subscription(of: "a:B_-/", to: "n%", ending: false).http)
        #expect(begin.method == "POST")
        #expect(begin.target == Self.subscriptions + "?topic_name=n%25")
        #expect(begin.body == Array("{}".utf8))
        #expect(begin.headers["Authorization"] == "Bearer ya29.test-access-token")
        let end = try #require(try fcm.subscription(of: "a:B_-/", to: "n%", ending: true).http)
        #expect(end.method == "DELETE")
        #expect(end.target == Self.subscriptions + "/n%25?allow_missing=true")
        #expect(end.body.isEmpty)
        #expect(throws: Failure.self) { try fcm.subscription(of: "a", to: "/topics/x", ending: false) }
        #expect(throws: Failure.self) {
            try PushFixture.fcm(isReady: false).subscription(of: "a", to: "x", ending: false)
        }
    }

    @Test func `every answer of the file is what the file says`() throws {
        let fcm = try PushFixture.fcm()
        let items = try #require(Fixture.vectors("fcm-errors")["topic_subscriptions"]?.array)
        #expect(items.count == 5)
        for (index, item) in items.enumerated() {
            let body = try #require(item["response"])
            let status = Int(try #require(item["http"]?.integer))
            let refusal = fcm.refusal(ofSubscription: .http(HTTPResponse(status: status, body: body.bytes)))
            switch index {
            case 3: #expect(refusal?.kind == .refusedRecipient && refusal?.scope == .endpoint)
            case 4: #expect(refusal?.kind == .throttled)
            default: #expect(refusal == nil)
            }
        }
    }

    @Test(arguments: [
        (200, "<html>", Failure.Kind.ambiguous), (204, "", .ambiguous), (409, "{}", .refusedMessage),
        (401, #"{"error":{"status":"UNAUTHENTICATED"}}"#, .misconfigured), (503, "", .unavailable),
    ])
    func `other answers are refusals`(status: Int, body: String, kind: Failure.Kind) throws {
        let reply = Fixture.response(status, HTTPHeaders(), body)
        #expect(try PushFixture.fcm().refusal(ofSubscription: reply)?.kind == kind)
    }

    @Test func `a token is asked about without a send`() throws {
        let request = try PushFixture.fcm().validation(of: PushFixture.fcmToken)
        #expect(
            request.json == [
                "validate_only": true, "message": ["token": .string(PushFixture.fcmToken), "data": ["check": "1"]],
            ])
    }

    @Test func `the answer says whether it lives`() throws {
        let fcm = try PushFixture.fcm()
        let items = try #require(Fixture.vectors("fcm-errors")["cases"]?.array)
        let dead: Set<String> = [
            "unregistered", "unregistered_via_apns", "invalid_argument_but_apns_410", "bad_token_format", "too_big",
            "apns_token_for_other_topic", "sender_mismatch", "legacy_detail_type",
        ]
        for item in items {
            let name = try #require(item["name"]?.string)
            switch fcm.validity(in: try item.reply) {
            case .alive: #expect(name == "accepted")
            case .dead(let reason): #expect(dead.contains(name) && !reason.isEmpty, "\(name)")
            case .unknown(let reason): #expect(name != "accepted" && !dead.contains(name), "\(name): \(reason)")
            }
        }
        #expect(fcm.validity(in: Fixture.response(200)) == .unknown(reason: "FCM's answer cannot be read"))
    }
}
