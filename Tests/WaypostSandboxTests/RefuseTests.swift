import Testing

@testable import WaypostSandbox

@Suite struct RefuseTests {
    @Test(arguments: StandIn.allCases)
    func `a refusing port refuses in the kernel and opens at once when the fault is lifted`(provider: StandIn) throws {
        try withSandbox { sandbox in
            let port = Fixture(sandbox).port(of: provider)
            for _ in 0..<5 {
                let fault = try sandbox.setFault(Fault(provider, .refuse))
                #expect(throws: WireClient.Refused.byKernel) { _ = try WireClient(port: port) }
                #expect(sandbox.clearFaults(id: fault) == 1)
                _ = try WireClient(port: port)
            }
        }
    }

    @Test func `connections that exist are reset, also one that waits in silence`() throws {
        try withSandbox { sandbox in
            let fixture = Fixture(sandbox)
            let idle = try WireClient(port: sandbox.ports.sendGrid)
            idle.send(try fixture.mail(for: .sendgrid))
            #expect(idle.answer()?.status == 202)
            try sandbox.setFault(Fault(.sendgrid, .hang(.after), count: 1))
            let hung = try WireClient(port: sandbox.ports.sendGrid)
            hung.send(try fixture.mail(for: .sendgrid))
            hung.patience(.milliseconds(100))
            #expect(hung.answer() == nil)
            hung.patience(.seconds(10))
            try sandbox.setFault(Fault(.sendgrid, .refuse))
            #expect(idle.untilEnd() == .reset)
            #expect(hung.untilEnd() == .reset)
        }
    }

    @Test func `both ports of the submission server refuse, and nobody else's`() throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(.smtp, .refuse))
            #expect(throws: WireClient.Refused.byKernel) { _ = try WireClient(port: sandbox.ports.smtp) }
            #expect(throws: WireClient.Refused.byKernel) { _ = try WireClient(port: sandbox.ports.smtps) }
            for port in [sandbox.ports.control, sandbox.ports.sendGrid, sandbox.ports.ses] {
                _ = try WireClient(port: port)
            }
        }
    }

    @Test func `a refusal for a time ends by itself`() throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(.ses, .refuse, for: .milliseconds(200)))
            #expect(throws: WireClient.Refused.byKernel) { _ = try WireClient(port: sandbox.ports.ses) }
            let deadline = ContinuousClock.now + .seconds(10)
            var isOpen = false
            while !isOpen, ContinuousClock.now < deadline { isOpen = (try? WireClient(port: sandbox.ports.ses)) != nil }
            #expect(isOpen)
        }
    }

    @Test func `the number stays ours while the port is shut`() throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(.ses, .refuse))
            var settings = Sandbox.Settings()
            settings.ports.ses = sandbox.ports.ses
            // It may be bound beside (SO_REUSEADDR), but then opening again is what must go on working.
            let other = try? Sandbox.start(settings)
            other?.stop()
            sandbox.clearFaults()
            _ = try WireClient(port: sandbox.ports.ses)
        }
    }

    @Test func `all ports are known, different, and free again after the stop`() throws {
        var ports = Sandbox.Settings.Ports()
        try withSandbox { sandbox in
            ports = sandbox.ports
            #expect(Set([ports.control, ports.sendGrid, ports.ses, ports.smtp, ports.smtps, 0]).count == 6)
            #expect(Set([ports.smtps, ports.twilio, ports.messageBird, 0]).count == 4)
        }
        #expect(throws: WireClient.Refused.byKernel) { _ = try WireClient(port: ports.control) }
        var settings = Sandbox.Settings()
        settings.ports = ports
        try withSandbox(settings) { sandbox in #expect(sandbox.ports == ports) }
    }

    @Test func `a port that is taken fails the start and leaves nothing open`() throws {
        try withSandbox { sandbox in
            var settings = Sandbox.Settings()
            settings.ports.smtps = sandbox.ports.smtps
            #expect(throws: ListenFailure.self) { _ = try Sandbox.start(settings) }
        }
    }

    @Test func `faults may be set and lifted from many threads while mail comes in`() async throws {
        let sandbox = try Sandbox.start()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for _ in 0..<25 {
                        if task < 2 {
                            _ = try? sandbox.setFault(Fault(.sendgrid, .refuse))
                            sandbox.clearFaults(.sendgrid)
                        } else if let client = try? WireClient(port: sandbox.ports.sendGrid) {
                            let mail = try? Fixture(sandbox).mail(for: .sendgrid)
                            client.send(mail ?? [])
                            _ = client.answer()
                        }
                    }
                }
            }
        }
        sandbox.clearFaults()
        _ = try WireClient(port: sandbox.ports.sendGrid)
        #expect(sandbox.stop())
    }
}
