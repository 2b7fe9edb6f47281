import Testing
import WaypostHTTP
import WaypostProviders

@testable import WaypostSandbox

/// What the router's adapters write is what the stand-ins take, and the ids in it are those of the journal.
@Suite struct AdapterTests {
    @Test(arguments: [StandIn.sendgrid, .ses])
    func `an adapter's mail is taken under its message and attempt`(provider: StandIn) throws {
        try withSandbox { sandbox in
            let fixture = Fixture(sandbox)
            let client = try WireClient(port: fixture.port(of: provider))
            client.send(try fixture.mail(for: provider, to: ["a@example.com", "b@example.com"]))
            let answer = try #require(client.answer())
            try expectTaken(sandbox, fixture, by: provider)
            let adapter: any Provider = provider == .ses ? fixture.ses : fixture.sendGrid
            let result = adapter.result(of: .http(answer), for: fixture.context())
            #expect("\(result)".contains(try #require(sandbox.journal.entries().first?.reference)))
        }
    }

    @Test func `temporary credentials are taken with their token`() throws {
        var settings = Sandbox.Settings()
        settings.aws.sessionToken = "token//with+signs=="
        try withSandbox(settings) { sandbox in
            let fixture = Fixture(sandbox)
            let client = try WireClient(port: sandbox.ports.ses)
            client.send(try fixture.mail(for: .ses))
            #expect(client.answer()?.status == 200)
        }
    }

    @Test func `a mail by SMTP is taken under its message and attempt`() throws {
        try withSandbox { sandbox in
            let fixture = Fixture(sandbox)
            let client = try MailClient(sandbox)
            guard
                case .mail(let mail) = try fixture.smtp.request(
                    for: fixture.context(to: ["a@example.com", "b@example.com"]))
            else { return }
            try client.logIn()
            #expect(client.submit(mail).hasPrefix("250 "))
            try expectTaken(sandbox, fixture, by: .smtp)
        }
    }

    @Test func `a message through all three is one message and two doubles`() throws {
        try withSandbox { sandbox in
            let fixture = Fixture(sandbox)
            for provider in [StandIn.sendgrid, .ses] {
                let client = try WireClient(port: fixture.port(of: provider))
                client.send(try fixture.mail(for: provider))
                _ = client.answer()
            }
            let client = try MailClient(sandbox)
            try client.logIn()
            guard case .mail(let mail) = try fixture.smtp.request(for: fixture.context()) else { return }
            _ = client.submit(mail)
            let summary = sandbox.journal.summary
            #expect(summary.distinctMessages == 1 && summary.duplicates == 2 && summary.unnamed == 0)
            #expect(summary.duplicateIDs == ["\(fixture.message)"])
            #expect(sandbox.journal.takes() == ["\(fixture.message)": 3])
        }
    }

    @Test(arguments: [StandIn.sendgrid, .ses])
    func `an adapter's health check finds the stand-in well`(provider: StandIn) throws {
        try withSandbox { sandbox in
            let fixture = Fixture(sandbox)
            let adapter: any Provider = provider == .ses ? fixture.ses : fixture.sendGrid
            guard case .http(let check)? = adapter.healthCheck(at: Fixture.now) else { return }
            let client = try WireClient(port: fixture.port(of: provider))
            client.send(check.wire)
            #expect(adapter.ailment(in: .http(try #require(client.answer()))) == nil)
            #expect(sandbox.journal.summary.taken(by: provider) == 0)
        }
    }

    private func expectTaken(_ sandbox: Sandbox, _ fixture: Fixture, by provider: StandIn) throws {
        let entry = try #require(sandbox.journal.entries().first)
        #expect(entry.provider == provider && entry.isTaken)
        #expect(entry.message == "\(fixture.message)")
        #expect(entry.attempt == "\(fixture.attempt)")
        #expect(entry.recipients == 2)
        #expect(sandbox.journal.hasTaken("\(fixture.message)"))
    }
}
