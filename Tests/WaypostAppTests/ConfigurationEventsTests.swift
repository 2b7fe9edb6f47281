import Testing
import WaypostApp

/// `events`: read and checked whole, and not supported yet.
@Suite struct ConfigurationEventsTests {
    @Test func `empty lists are taken`() throws {
        let configuration = try configuration("events: {endpoints: [], incoming: []}")
        #expect(configuration.events.endpoints.isEmpty)
        #expect(configuration.events.incoming.isEmpty)
    }

    @Test func `whom to tell is not supported yet`() {
        let yaml = """
            events:
              endpoints: [{name: shop, url: https://shop.example.com/hooks, secret: whsec_x, types: ["message.*"]}]
              incoming: [{name: billing, scheme: stripe, secret: whsec_x}]
            """
        #expect(
            problems(yaml) == [
                "2: events.endpoints: is not supported yet; remove it; read GET /v1/events instead",
                "3: events.incoming: is not supported yet; remove it",
            ])
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
