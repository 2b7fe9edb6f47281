import Testing

@testable import WaypostDiagnostics

@Suite struct SenderDomainTests {
    /// What a table says; other names do not exist.
    struct Table: Resolver {
        var answers: [String: TextAnswer]
        func texts(at name: String) -> TextAnswer { answers[name] ?? .noName }
    }

    private func domain(_ answers: [String: TextAnswer], selectors: [String] = []) -> SenderDomain {
        SenderDomain(
            asking: Table(answers: answers), about: "mail.example.org", providers: ["ses"], selectors: selectors)
    }

    @Test func `all three records are found where they lie`() {
        let found = domain([
            "mail.example.org": .found(["other", "v=spf1 include:x -all"]),
            "_domainkey.mail.example.org": .noText,
            "_dmarc.example.org": .found(["v=DMARC1; p=none"]),
        ])
        #expect(found.spf == .present("v=spf1 include:x -all"))
        #expect(found.dkim == .present("keys under selectors of their own"))
        #expect(found.dmarc == .present("v=DMARC1; p=none"), "a parent's counts")
    }

    @Test func `what is not there is missing; a version that is not ours is none`() {
        let found = domain(["mail.example.org": .found(["v=spf10 -all"]), "_dmarc.mail.example.org": .noText])
        #expect(found.spf == .missing)
        #expect(found.dkim == .missing)
        #expect(found.dmarc == .missing)
    }

    @Test func `a known selector is asked by name`() {
        let found = domain(
            ["mail.example.org": .noText, "s2._domainkey.mail.example.org": .found(["k=rsa; p=MIGf"])],
            selectors: ["s1", "s2"])
        #expect(found.dkim == .present("s2: k=rsa; p=MIGf"))
    }

    @Test func `where nobody answers nothing is called missing`() {
        let found = domain(["mail.example.org": .unknown("late")])
        #expect([found.spf, found.dkim, found.dmarc] == Array(repeating: .unknown("late"), count: 3))
    }

    @Test func `libresolv tells records, emptiness, absence and silence apart`() {
        let server = NameServer([
            "example.org": .texts(["v=spf1 -all", "x"]), "empty.example.org": .empty, "late.example.org": .silence,
        ])
        let resolver = SystemResolver(server: .init(address: "127.0.0.1", port: server.port), patience: 1)
        #expect(resolver.texts(at: "example.org") == .found(["v=spf1 -all", "x"]))
        #expect(resolver.texts(at: "empty.example.org") == .noText)
        #expect(resolver.texts(at: "nobody.example.org") == .noName)
        #expect(resolver.texts(at: "late.example.org") == .unknown("no name server answered in time"))
    }
}
