import Foundation
import Testing
import WaypostCore
import WaypostSandbox

@testable import WaypostDiagnostics

/// Looks at the stand-ins of a sandbox, over real sockets.
@Suite struct HostProbeTests {
    private let probe = HostProbe(time: SystemTime())

    private func look(
        at port: Int, _ manner: HostTarget.Manner, host: String = "127.0.0.1", authority: String? = nil
    ) -> HostFacts {
        probe.look(at: HostTarget(provider: "x", host: host, port: port, manner: manner, authorities: authority))
    }

    /// Runs `body` before a sandbox, with the path of its authority's certificate.
    private func withSandbox(_ body: (Sandbox, String) throws -> Void) throws {
        let sandbox = try Sandbox.start()
        defer { sandbox.stop() }
        let path = FileManager.default.temporaryDirectory.appending(path: "waypost-\(UUID().uuidString).pem").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try (sandbox.authority ?? "").write(toFile: path, atomically: true, encoding: .utf8)
        try body(sandbox, path)
    }

    @Test func `a push service shows its certificate, and answers in HTTP 2`() throws {
        try withSandbox { sandbox, authority in
            let facts = look(at: sandbox.ports.apns, .https(["h2"]), authority: authority)
            #expect(facts.failure == nil)
            let tls = try #require(facts.tls)
            #expect(tls.version == "TLSv1.3" && tls.application == "h2")
            #expect(tls.distrust == nil && tls.namesHost && !tls.issuer.isEmpty)
            #expect(tls.validity.contains(SystemTime().wallNow.unixSeconds))
            #expect(facts.addresses == ["127.0.0.1"])
            #expect(facts.firstByteTime != nil && facts.handshakeTime != nil && facts.connectTime != nil)
            var all = DiagnosticFacts(at: Timestamp(milliseconds: tls.validity.upperBound * 1000 - 86_400_000))
            all.hosts = [facts]
            #expect(all.ofHosts.map(\.key) == ["certificate:x/127.0.0.1"], "a day before its end")
        }
    }

    @Test func `a certificate of an authority that is not trusted is looked at and told of`() throws {
        try withSandbox { sandbox, _ in
            let facts = look(at: sandbox.ports.apns, .https(["h2"]))
            #expect(facts.tls?.distrust != nil)
            var all = DiagnosticFacts(at: SystemTime().wallNow)
            all.hosts = [facts]
            #expect(all.ofHosts.first?.priority == .critical)
        }
    }

    @Test func `clear text is timed, and the clock compared`() throws {
        try withSandbox { sandbox, _ in
            let facts = look(at: sandbox.ports.sendGrid, .http)
            #expect(facts.failure == nil && facts.tls == nil && facts.firstByteTime != nil)
            if let lead = facts.clockLead { #expect(lead.seconds.magnitude < 5) }
        }
    }

    @Test(arguments: [HostTarget.Manner.Security.implicitTLS, .startTLS])
    func `a submission server is looked at on either way to TLS`(security: HostTarget.Manner.Security) throws {
        try withSandbox { sandbox, authority in
            let port = security == .startTLS ? sandbox.ports.smtp : sandbox.ports.smtps
            let facts = look(at: port, .mail(security), authority: authority)
            #expect(facts.failure == nil)
            #expect(facts.tls?.distrust == nil && facts.tls?.namesHost == true)
        }
    }

    @Test func `the step at which it ends is named`() {
        #expect(look(at: 9, .http, host: "no-such-host.invalid").failure?.stage == .resolve)
        #expect(look(at: 9, .http).failure == ProbeFailure(.connect, "connection refused"))
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nDATE: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n", Int64(784_111_777_500)),
        ("HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n", nil),
        ("HTTP/1.1 200 OK\r\n\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n", nil), ("", nil),
    ])
    func `a date is read from the head alone`(answer: String, milliseconds: Int64?) {
        #expect(HostProbe.date(in: Array(answer.utf8))?.milliseconds == milliseconds)
    }

    @Test func `jobs come back in their order, and a late one as nothing`() {
        let gate = DispatchSemaphore(value: 0)
        let found = ProbePool.run(Array(0..<5), threads: 2, patience: .milliseconds(200)) { number -> Int in
            if number == 1 { gate.wait() }
            return number * 10
        }
        gate.signal()
        #expect(found == [0, nil, 20, 30, 40])
    }
}
