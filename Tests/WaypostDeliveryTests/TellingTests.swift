import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostProviders
import WaypostStore
import WaypostTesting

@testable import WaypostDelivery

@Suite struct TellingTests {
    private let now = Timestamp(milliseconds: 1_736_942_400_000)
    private let id = MessageID(at: Timestamp(milliseconds: 1_736_942_400_000))

    @Test(arguments: [
        (1, 5), (2, 300), (3, 1800), (4, 7200), (5, 18_000), (6, 36_000), (7, 36_000),
    ])
    func `an event is told again after a while that grows, a tenth up or down`(tries: Int, seconds: Int) throws {
        var random = SeededRandom(seed: 7)
        var seen: Set<Int64> = []
        for _ in 0..<100 {
            let delay = try #require(TellingSchedule.delay(afterTries: tries, random: &random))
            #expect(delay >= .milliseconds(seconds * 900) && delay <= .milliseconds(seconds * 1100))
            seen.insert(delay.milliseconds)
        }
        #expect(seen.count > 10)
    }

    @Test func `eight tries are all`() {
        var random = SeededRandom(seed: 7)
        #expect(TellingSchedule.delay(afterTries: 8, random: &random) == nil)
        #expect(TellingSchedule.tries == 8)
        let all = TellingSchedule.delays.reduce(Duration.zero, +)
        #expect(all * 0.9 > TellingSchedule.longFailure && all < .seconds(28 * 3600))
    }

    @Test(arguments: [
        ([], ["message.sent", "endpoint.disabled", "webhook.received"], []),
        (["message.*"], ["message.sent", "message.in_doubt"], ["endpoint.disabled", "webhook.received"]),
        (["message.sent", "endpoint.*"], ["message.sent", "endpoint.disabled"], ["message.delivered"]),
        (["*"], ["message.sent", "webhook.received"], []),
    ])
    func `types name events, or all that begin so`(patterns: [String], told: [String], untold: [String]) throws {
        let types = EventTypes(patterns)
        for type in told { #expect(types.contains(try #require(EventType(rawValue: type)))) }
        for type in untold { #expect(!types.contains(try #require(EventType(rawValue: type)))) }
    }

    @Test(arguments: [
        ("message.*", true), ("message.sent", true), ("*", true), ("message", false), ("message.", false),
        ("messages.*", false), ("message.s*", false), ("", false),
    ])
    func `a pattern that means no event is known as such`(pattern: String, isKnown: Bool) {
        #expect(EventTypes.isKnown(pattern) == isKnown)
    }

    @Test(arguments: [
        (200, TellingResult.told), (204, .told), (299, .told), (410, .gone),
        (302, .failed("answered 302; redirects are not followed", restUntil: nil)),
        (404, .failed("answered 404", restUntil: nil)), (500, .failed("answered 500", restUntil: nil)),
        (429, .failed("answered 429", restUntil: Timestamp(milliseconds: 1_736_942_430_000))),
        (503, .failed("answered 503", restUntil: Timestamp(milliseconds: 1_736_942_430_000))),
    ])
    func `success is 2xx alone`(status: Int, result: TellingResult) {
        let response = HTTPResponse(status: status, headers: HTTPHeaders(["Retry-After": "30"]))
        #expect(TellingResult(.success(.http(response)), at: now) == result)
    }

    @Test func `nobody's wish for rest is believed beyond an hour`() {
        let response = HTTPResponse(status: 429, headers: HTTPHeaders(["Retry-After": "80000"]))
        let answer = TellingResult(.success(.http(response)), at: now)
        #expect(answer == .failed("answered 429", restUntil: now + .seconds(3600)))
    }

    private func event(data: String? = nil, metadata: Int = 1) -> EventToTell {
        var event = EventRecord(seq: 5, message: id, type: .delivered, at: now)
        event.provider = "ses"
        event.data = data.map { Array($0.utf8) }
        event.metadata = (0..<metadata).map { .init(key: "key\($0)", value: String(repeating: "v", count: 2000)) }
        return EventToTell(event, message: 3, channel: .email)
    }

    @Test func `the body says what the feed says`() throws {
        let told = event(data: #"{"code":"5.1.1"}"#)
        let body = try JSONValue(parsing: ToldBody.bytes(of: told))
        #expect(body["type"] == "message.delivered")
        #expect(body["timestamp"] == "2025-01-15T12:00:00.000Z")
        #expect(body["data"]?["message_id"]?.string == told.event.message?.description)
        #expect(body["data"]?["id"]?.string == told.event.id.description)
        #expect(body["data"]?["channel"] == "email" && body["data"]?["status"] == "delivered")
        #expect(body["data"]?["provider"] == "ses" && body["data"]?["detail"] == .null)
        #expect(body["data"]?["data"] == ["code": "5.1.1"])
        #expect(body["data"]?["metadata"]?["key0"]?.string?.count == 2000)
        #expect(body["data"]?["truncated"] == nil)
    }

    @Test func `what is too large is cut, and says so`() throws {
        let large = "\"" + String(repeating: "x", count: 30_000) + "\""
        let cut = try JSONValue(parsing: ToldBody.bytes(of: event(data: "{\"text\":\(large)}")))
        #expect(cut["data"]?["truncated"] == true && cut["data"]?["data"] == nil)
        #expect(cut["data"]?["metadata"]?["key0"] != nil)
        let bytes = ToldBody.bytes(of: event(data: "{\"text\":\(large)}", metadata: 20))
        #expect(bytes.count <= ToldBody.maxBytes)
        let bare = try JSONValue(parsing: bytes)
        #expect(bare["data"]?["truncated"] == true && bare["data"]?["metadata"] == [:])
        #expect(bare["data"]?["message_id"] != .null)
    }

    @Test func `a request is signed for the moment of its try, under one id`() throws {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let key = try #require(StandardWebhooks.Key(secret))
        let endpoint = EventEndpoint(
            name: "shop", url: "https://shop.example.com/hooks?a=b", keys: [key, key], types: EventTypes([]),
            addresses: .publicOnly)
        let first = endpoint.request(for: event(), userAgent: "Waypost/1", at: now)
        let second = endpoint.request(for: event(), userAgent: "Waypost/1", at: now + .seconds(5))
        #expect(first.target == endpoint.url && first.method == "POST")
        #expect(first.headers["webhook-id"]?.hasPrefix("evt_") == true)
        #expect(first.headers["webhook-id"] == second.headers["webhook-id"])
        #expect(first.headers["webhook-timestamp"] == "1736942400")
        #expect(second.headers["webhook-timestamp"] == "1736942405")
        #expect(first.headers["webhook-signature"]?.split(separator: " ").count == 2)
        #expect(first.headers["webhook-signature"] != second.headers["webhook-signature"])
        #expect(first.headers["Content-Type"] == "application/json" && first.headers["User-Agent"] == "Waypost/1")
        #expect(first.body == second.body)
        #expect(endpoint.transfer.addresses == .publicOnly && endpoint.transfer.timeout == .seconds(15))
    }
}
