import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

/// Each fault as a client on the wire sees it, and as the journal tells it. The HTTP stand-ins share the machinery, so
/// all are tried.
@Suite struct HTTPFaultTests {
    static let standIns: [StandIn] = [.sendgrid, .ses, .twilio, .messagebird]

    /// What a good answer is numbered.
    private func status(of provider: StandIn) -> Int {
        switch provider {
        case .ses: 200
        case .sendgrid: 202
        default: 201
        }
    }

    /// The provider's id for what it took, where it puts it.
    private func reference(in answer: HTTPResponse) -> String? {
        answer.headers["X-Message-Id"] ?? ["MessageId", "sid", "id"].lazy.compactMap { answer.json[$0]?.string }.first
    }

    /// Sends one mail over a connection of its own.
    private func send(_ sandbox: Sandbox, to provider: StandIn) throws -> WireClient {
        let fixture = Fixture(sandbox)
        let client = try WireClient(port: fixture.port(of: provider))
        client.send(try fixture.mail(for: provider))
        return client
    }

    @Test(arguments: standIns) func `without a fault a mail is taken and the connection kept`(provider: StandIn) throws
    {
        try withSandbox { sandbox in
            let fixture = Fixture(sandbox)
            let client = try WireClient(port: fixture.port(of: provider))
            for _ in 0..<3 {
                client.send(try fixture.mail(for: provider))
                let answer = try #require(client.answer())
                #expect(answer.status == status(of: provider))
                let entry = sandbox.journal.entries().last
                #expect(reference(in: answer) != nil && reference(in: answer) == entry?.reference)
                #expect(entry?.message == "\(fixture.message)" && entry?.attempt == "\(fixture.attempt)")
            }
            #expect(sandbox.journal.summary.taken(by: provider) == 3)
            #expect(Set(sandbox.journal.entries().map(\.connection)).count == 1)
        }
    }

    @Test(arguments: standIns) func `a status answers in the provider's own form and takes nothing`(provider: StandIn)
        throws
    {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(provider, .status(.init(503)), count: 1))
            let answer = try #require(send(sandbox, to: provider).answer())
            #expect(answer.status == 503)
            switch provider {
            case .ses:
                #expect(answer.headers["x-amzn-errortype"]?.hasPrefix("ServiceUnavailableException:") == true)
                #expect(answer.json["message"]?.string != nil)
            case .twilio:
                #expect(answer.json["code"]?.integer == 20_503 && answer.json["status"]?.integer == 503)
            case .messagebird: #expect(answer.json["errors"]?[0]?["code"]?.integer == 99)
            default: #expect(answer.json["errors"]?[0]?["message"]?.string != nil)
            }
            let entry = try #require(sandbox.journal.entries().first)
            #expect(!entry.isTaken && entry.answer == 503 && entry.fault == 1 && entry.message != nil)
            #expect(try #require(send(sandbox, to: provider).answer()).status < 300, "one request only")
        }
    }

    @Test(arguments: standIns) func `429 carries Retry-After and, where asked, the reset`(provider: StandIn) throws {
        try withSandbox { sandbox in
            var wait = Fault.Answer(429)
            wait.retryAfter = 7
            wait.resetIn = 30
            try sandbox.setFault(Fault(provider, .status(wait)))
            let answer = try #require(send(sandbox, to: provider).answer())
            #expect(answer.status == 429)
            #expect(answer.headers.all("Retry-After") == ["7"])
            let reset = try #require(answer.headers["X-RateLimit-Reset"].flatMap { Int64($0) })
            #expect((28...30).contains(reset - WallClock.milliseconds / 1000))
            #expect(answer.headers.all("X-RateLimit-Remaining") == ["0"])
        }
    }

    @Test(arguments: standIns) func `a delay comes between taking and answering`(provider: StandIn) throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(provider, .delay, delay: .milliseconds(150)))
            let begun = ContinuousClock.now
            let client = try send(sandbox, to: provider)
            #expect(try #require(client.answer()).status < 300)
            #expect(ContinuousClock.now - begun >= .milliseconds(150))
            #expect(sandbox.journal.summary.taken(by: provider) == 1)
        }
    }

    @Test(arguments: standIns, [Fault.Moment.before, .after])
    func `a hang says nothing, and the mail is taken or not as told`(provider: StandIn, moment: Fault.Moment) throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(provider, .hang(moment), count: 1))
            let client = try send(sandbox, to: provider)
            client.patience(.milliseconds(200))
            #expect(client.answer() == nil)
            #expect(client.end == .silent)
            try expectOne(sandbox, provider, isTaken: moment == .after)
        }
    }

    @Test(arguments: standIns, [Fault.Moment.before, .after])
    func `a reset is RST, and the mail is taken or not as told`(provider: StandIn, moment: Fault.Moment) throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(provider, .reset(moment), count: 1))
            #expect(try send(sandbox, to: provider).untilEnd() == .reset)
            try expectOne(sandbox, provider, isTaken: moment == .after)
        }
    }

    @Test(arguments: standIns, [Fault.Moment.before, .after])
    func `a close reads the whole request and ends with FIN`(provider: StandIn, moment: Fault.Moment) throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(provider, .close(moment), count: 1))
            #expect(try send(sandbox, to: provider).untilEnd() == .finished)
            let entry = try expectOne(sandbox, provider, isTaken: moment == .after)
            #expect(entry.message != nil, "it was read to its end")
        }
    }

    @Test(arguments: standIns) func `a close in mid-body comes while the body is still on its way`(provider: StandIn)
        throws
    {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(provider, .closeMidBody, count: 1))
            let fixture = Fixture(sandbox)
            let client = try WireClient(port: fixture.port(of: provider))
            let mail = try fixture.mail(for: provider)
            client.send(Array(mail.dropLast(20)))
            #expect(client.untilEnd() == .finished, "the last bytes were not waited for")
            try expectOne(sandbox, provider, isTaken: false)
        }
    }

    @Test(arguments: standIns, Fault.Garbage.allCases)
    func `garbage takes the mail and can not be understood`(provider: StandIn, garbage: Fault.Garbage) throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(provider, .garbage(garbage), count: 1))
            let client = try send(sandbox, to: provider)
            if garbage == .text {
                let answer = try #require(client.answer())
                #expect((200..<300).contains(answer.status) && answer.json == .null)
                #expect(answer.headers["X-Message-Id"] == nil)
            } else {
                #expect(client.answer() == nil)
                #expect(client.untilEnd() == .finished)
            }
            try expectOne(sandbox, provider, isTaken: true)
        }
    }

    @Test(arguments: standIns) func `a redirect takes nothing, and who follows it is in the journal`(provider: StandIn)
        throws
    {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(provider, .redirect(to: nil), count: 1))
            let answer = try #require(send(sandbox, to: provider).answer())
            #expect(answer.status == 307 && answer.headers["Location"] == "/redirected")
            try expectOne(sandbox, provider, isTaken: false)
        }
    }

    @Test(arguments: standIns) func `an idle close comes after a good answer`(provider: StandIn) throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(provider, .closeIdle, delay: .milliseconds(50), count: 1))
            let client = try send(sandbox, to: provider)
            let answer = try #require(client.answer())
            #expect(answer.status < 300 && answer.headers["Connection"] == nil)
            #expect(client.untilEnd() == .finished)
            try expectOne(sandbox, provider, isTaken: true)
        }
    }

    @Test(arguments: [StandIn.twilio, .messagebird])
    func `a look-up finds what was taken without an answer, and nothing that was not taken`(provider: StandIn) throws {
        try withSandbox { sandbox in
            for effect in [Fault.Effect.reset(.after), .reset(.before), .status(.init(500)), .close(.before)] {
                try sandbox.setFault(Fault(provider, effect, count: 1))
                let client = try send(sandbox, to: provider)
                _ = client.answer()
            }
            let folder = "\(sandbox.twilioURL)/2010-04-01/Accounts/\(sandbox.settings.twilio.accountSID)"
            let isTwilio = provider == .twilio
            var request = HTTPRequest.get(
                isTwilio
                    ? "\(folder)/Messages.json?To=%2B15558675310"
                    : "\(sandbox.messageBirdURL)/messages?recipient=15558675310"
            )
            request.headers["Authorization"] = Fixture(sandbox).text(for: provider)?.headers["Authorization"]
            let client = try WireClient(port: Fixture(sandbox).port(of: provider))
            client.send(request.wire)
            let found = try #require(client.answer()).json[isTwilio ? "messages" : "items"]?.array ?? []
            let taken = sandbox.journal.entries().filter(\.isTaken)
            #expect(found.map { $0[isTwilio ? "sid" : "id"]?.string } == taken.map(\.reference))
            #expect(found.count == 1)
        }
    }

    @Test func `a fault for sending lets the health check pass`() throws {
        try withSandbox { sandbox in
            var fault = Fault(.ses, .status(.init(500)))
            fault.only = .send
            try sandbox.setFault(fault)
            guard case .http(let check) = Fixture(sandbox).ses.healthCheck(at: Fixture.now) else { return }
            let client = try WireClient(port: sandbox.ports.ses)
            client.send(check.wire)
            #expect(client.answer()?.status == 200)
        }
    }

    @Test func `a lifted fault strikes no more, and only that one is lifted`() throws {
        try withSandbox { sandbox in
            let first = try sandbox.setFault(Fault(.sendgrid, .status(.init(500))))
            try sandbox.setFault(Fault(.ses, .status(.init(500))))
            #expect(sandbox.clearFaults(id: first) == 1)
            #expect(try send(sandbox, to: .sendgrid).answer()?.status == 202)
            #expect(try send(sandbox, to: .ses).answer()?.status == 500)
            #expect(sandbox.clearFaults(.ses) == 1)
            #expect(try send(sandbox, to: .ses).answer()?.status == 200)
        }
    }

    @discardableResult
    private func expectOne(_ sandbox: Sandbox, _ provider: StandIn, isTaken: Bool) throws -> JournalEntry {
        let summary = sandbox.journal.summary
        #expect(summary.providers[provider]?.requests == 1)
        #expect(summary.taken(by: provider) == (isTaken ? 1 : 0))
        return try #require(sandbox.journal.entries(of: provider).first)
    }
}
