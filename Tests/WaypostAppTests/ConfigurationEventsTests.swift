import Testing
import WaypostApp
import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostProviders

/// `events`: whom the router tells, and who tells it; read and checked whole.
@Suite struct ConfigurationEventsTests {
    @Test func `empty lists are taken`() throws {
        let configuration = try configuration("events: {endpoints: [], incoming: []}")
        #expect(configuration.events.endpoints.isEmpty)
        #expect(configuration.events.incoming.isEmpty)
    }

    @Test func `who calls is read, with its scheme`() throws {
        let yaml = """
            events:
              incoming:
                - {name: billing, scheme: stripe, secret: whsec_x}
                - {name: crm, scheme: standard, secret: \(Self.secret), previous_secret: \(Self.secret)}
            """
        let incoming = try configuration(yaml).events.incoming
        #expect(incoming.map(\.name) == ["billing", "crm"])
        #expect(incoming.map(\.sender.scheme) == [.stripe, .standard])
    }

    @Test func `a secret of no use in its scheme is named`() {
        let yaml = "events: {incoming: [{name: crm, scheme: standard, secret: \"whsec_***\"}]}"
        #expect(
            problems(yaml) == [
                "1: events.incoming[0].secret: is none for standard; copy it whole, whsec_ at its front"
            ])
    }

    @Test(arguments: [("", 600), (", webhook_tolerance: 1h", 3600)])
    func `a sender's signed time may be as far off as its entry says`(more: String, seconds: Int64) throws {
        let yaml = "events: {incoming: [{name: crm, scheme: standard, secret: \(Self.secret)\(more)}]}"
        let sender = try #require(try configuration(yaml).events.incoming.first?.sender)
        let key = try #require(StandardWebhooks.Key(Self.secret))
        let sent = Timestamp(milliseconds: 1_700_000_000_000)
        var request = HTTPRequest(method: "POST", target: "/webhooks/incoming/crm", body: Array("{}".utf8))
        request.headers["webhook-id"] = "evt_1"
        request.headers["webhook-timestamp"] = String(sent.unixSeconds)
        request.headers["webhook-signature"] = StandardWebhooks.sign(
            id: "evt_1", timestamp: sent, body: request.body, secrets: [key])
        for sign: Int64 in [1, -1] {
            #expect(sender.verdict(on: request, at: sent + .seconds(sign * seconds)) == .genuine)
            #expect(sender.verdict(on: request, at: sent + .seconds(sign * (seconds + 1))) != .genuine)
        }
    }

    @Test func `a time that no repetition is known for is not allowed`() {
        let yaml = "events: {incoming: [{name: a, scheme: stripe, secret: x, webhook_tolerance: 2d}]}"
        #expect(
            problems(yaml) == ["1: events.incoming[0].webhook_tolerance: \"2d\" is out of range; write 1s to 1d"])
    }

    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    @Test func `whom to tell is read`() throws {
        let yaml = """
            events:
              endpoints:
                - {name: shop, url: "https://shop.example.com/hooks/?t=1", secret: \(Self.secret), types: ["message.*"]}
                - {name: own, url: "http://10.0.0.7/", secret: \(Self.secret), previous_secret: \(Self.secret)}
                - {name: net, url: "http://hooks.internal:8080", secret: \(Self.secret), allow_private: true}
            """
        let endpoints = try configuration(yaml).events.endpoints.map(\.endpoint)
        #expect(endpoints.map(\.name) == ["shop", "own", "net"])
        #expect(endpoints[0].url == "https://shop.example.com/hooks/?t=1")
        #expect(endpoints.map(\.addresses) == [.publicOnly, .any, .any])
        #expect(endpoints.map(\.keys.count) == [1, 2, 1])
        #expect(endpoints[0].types.patterns == ["message.*"])
    }

    @Test(arguments: [
        ("http://shop.example.com", "would send events in the clear; write https, or allow_private"),
        ("http://8.8.8.8/hooks", "would send events in the clear"),
        ("https://hunter2@shop.example.com", "is not the URL of an endpoint; write https://host/path"),
        ("ftp://shop.example.com", "is not the URL of an endpoint"),
        ("https://shop.example.com/#x", "is not the URL of an endpoint"),
    ])
    func `a URL that events must not go to is refused`(url: String, complaint: String) {
        let found = problems("events: {endpoints: [{name: a, url: '\(url)', secret: \(Self.secret)}]}")
        #expect(found.count == 1 && found[0].hasPrefix("1: events.endpoints[0].url: \(complaint)"), "\(found)")
        #expect(!found.joined().contains("hunter2"))
    }

    @Test(arguments: [
        "http://127.0.0.1:9000/a", "http://[::1]/", "http://localhost:9000", "https://localhost", "https://[fd00::1]/x",
    ])
    func `a URL of our own net is taken`(url: String) {
        #expect(problems("events: {endpoints: [{name: a, url: '\(url)', secret: \(Self.secret)}]}") == [])
    }

    @Test(arguments: [
        (
            "secret: hunter2",
            "secret: is no secret of Standard Webhooks; write whsec_ and base 64 of 24 to 64 random bytes"
        ),
        ("secret: whsec_aHVudGVyMg==", "secret: is of 7 bytes; write whsec_ and base 64"),
        ("secret: \(secret), previous_secret: hunter2", "previous_secret: is no secret of Standard Webhooks"),
        ("secret: \(secret), types: [message.sen]", "types[0]: \"message.sen\" is no type of event; write message.*"),
    ])
    func `a secret or a type that is none is named`(yaml: String, complaint: String) {
        let found = problems("events: {endpoints: [{name: a, url: 'https://a.example', \(yaml)}]}")
        #expect(found.count == 1 && found[0].hasPrefix("1: events.endpoints[0].\(complaint)"), "\(found)")
        #expect(!found.joined().contains("hunter2") && !found.joined().contains("aHVudGVyMg"))
    }

    @Test(arguments: [
        (
            "endpoints: [{url: https://a.example, secret: hunter2}]",
            "endpoints[0].name: is missing; add it"
        ),
        ("endpoints: [{name: a, secret: hunter2}]", "endpoints[0].url: is missing; add it"),
        ("endpoints: [{name: a, url: https://a.example}]", "endpoints[0].secret: is missing; add it"),
        (
            "endpoints: [{name: A, url: https://a.example, secret: hunter2}]",
            "endpoints[0].name: \"A\" is no name; use 1 to 40 of a-z, 0-9 and -"
        ),
        (
            "incoming: [{name: a, scheme: strip, secret: hunter2}]",
            "incoming[0].scheme: \"strip\" is not known here; did you mean stripe?"
        ),
        ("incoming: [{name: a, secret: hunter2}]", "incoming[0].scheme: is missing; write stripe or standard"),
        (
            "incoming: [{name: a, scheme: stripe, secret: hunter2}, {name: a, scheme: stripe, secret: hunter2}]",
            "incoming: holds the name \"a\" twice; give each a name of its own"
        ),
    ])
    func `a bad entry is named all the same`(yaml: String, complaint: String) {
        let found = problems("events: {\(yaml)}")
        #expect(found.contains("1: events.\(complaint)"), "\(found)")
        #expect(!found.joined().contains("hunter2"))
    }
}
