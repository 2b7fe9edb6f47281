import Testing
import WaypostApp
import WaypostCore
import WaypostPolicy

@Suite struct ConfigurationRoutesTests {
    static let providers = """
        providers:
          a: {kind: smtp, url: 'smtps://a.example', from: x@example.com, price: {per_message: 5}}
          b: {kind: smtp, url: 'smtps://b.example', from: x@example.com, price: {per_message: 5, currency: EUR}}
          c: {kind: smtp, url: 'smtps://c.example', from: x@example.com, enabled: false}
          t: {kind: twilio, enabled: false, account_sid: AC1, auth_token: x, from: "+15550100"}

        """

    private func routes(_ yaml: String) throws -> [Channel: RouteSettings] {
        try configuration(Self.providers + "routes: {\(yaml)}").routes
    }

    @Test func `a route names its providers, its strategy, its rules and what to do in doubt`() throws {
        let route = try #require(
            try routes(
                """
                email: {providers: [b, a], strategy: round_robin, on_ambiguous: {marketing: hold},
                    rules: [{match: {type: marketing, country: [NL, "NO"], client: shop, tag: [x], platform: ios},
                        providers: [a], strategy: fastest}]}
                """)[.email])
        #expect(route.providers == ["b", "a"])
        #expect(route.strategy == .roundRobin)
        #expect(route.onAmbiguous == [.marketing: .hold])
        let rule = try #require(route.rules.first)
        #expect(rule.match.types == [.marketing])
        #expect(rule.match.countries == ["NL", "NO"])
        #expect(rule.match.clients == ["shop"])
        #expect(rule.match.tags == ["x"])
        #expect(rule.match.platforms == ["ios"])
        #expect(rule.providers == ["a"])
        #expect(rule.strategy == .fastest)
    }

    @Test func `a channel nobody writes a route for goes to every enabled provider that can carry it`() throws {
        let routes = try routes("")
        #expect(routes[.email] == RouteSettings(providers: ["a", "b"]))
        #expect(routes[.sms] == nil)
    }

    @Test(arguments: [
        ("email: {providers: [d]}", "email.providers[0]: \"d\" is not a provider; did you mean a?"),
        (
            "email: {providers: [relay]}",
            "email.providers[0]: \"relay\" is not a provider; add it under providers, or remove it here"
        ),
        ("email: {providers: [a, a]}", "email.providers[1]: \"a\" stands twice; keep one"),
        ("email: {providers: []}", "email.providers: is empty; name a provider, or remove the key to use all that can"),
        ("sms: {providers: [a]}", "sms.providers[0]: \"a\" cannot carry sms; remove it here; it carries email"),
        ("push: {}", "push: has no provider that can carry push; add one under providers"),
        ("mail: {}", "mail: is not a setting; did you mean email?"),
        ("email: {strategy: cheapest}", "email.strategy: \"cheapest\" is not known here"),
        ("email: {strategy: least_cost}", "email.strategy: least_cost cannot compare EUR with USD"),
        (
            "email: {providers: [a, c], strategy: least_cost}",
            "email.strategy: least_cost needs a price at c; add price: {per_message: …, currency: …} there"
        ),
        ("email: {rules: [{providers: [a]}]}", "email.rules[0].match: is missing"),
        ("email: {rules: [{match: {}, providers: [a]}]}", "email.rules[0].match: holds no condition"),
        ("email: {rules: [{match: {type: marketing}}]}", "email.rules[0].providers: is missing"),
        (
            "email: {rules: [{match: {country: nl}, providers: [a]}]}",
            "email.rules[0].match.country: \"nl\" is not a country; write two capital letters, like NL"
        ),
        ("email: {on_ambiguous: {marketing: shrug}}", "email.on_ambiguous.marketing: \"shrug\" is not known here"),
    ])
    func `a bad route is named`(yaml: String, beginning: String) {
        let found = problems(Self.providers + "routes: {\(yaml)}")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("6: routes.\(beginning)") == true, "\(found)")
    }

    @Test func `a provider that could not be read is not told again by the routes that name it`() {
        let found = problems(
            """
            providers:
              a: {kind: sendgrid, from: x@example.com}
              b: {kind: sendgird, api_key: k, from: x@example.com}
            routes: {email: {providers: [a, b]}, sms: {providers: [a]}}
            """)
        #expect(
            found == [
                "2: providers.a.api_key: is missing; add it",
                "3: providers.b.kind: \"sendgird\" is not known here; did you mean sendgrid?",
                "4: routes.sms.providers[0]: \"a\" cannot carry sms; remove it here; it carries email",
            ])
    }
}
