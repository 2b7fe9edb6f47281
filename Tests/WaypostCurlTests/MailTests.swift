import Testing
import WaypostHTTP
import WaypostSandbox
import WaypostTesting

@testable import WaypostCurl

@Suite struct MailTests {
    let transport = CurlTransport()

    @Test func `a mail is said command by command, dots doubled, and the verdict told`() async throws {
        let server = try MailServer()
        let reply = try #require(
            await transport.mail(to: server, recipients: ["a@b.example", "c@d.example"], text: ".a\r\n..b\r\nc").mail)
        #expect(reply.stage == .done)
        #expect(reply.last == MailReply.Line(code: 250, text: "2.0.0 Ok: queued as 4F1A2B3C"))
        #expect(reply.recipients.map(\.code) == [250, 250])
        #expect(reply.extensions == ["SIZE 1000000", "8BITMIME", "AUTH PLAIN"])
        #expect(
            server.lines.dropFirst() == [
                "1 MAIL FROM:<s@b.example> SIZE=10", "1 RCPT TO:<a@b.example>", "1 RCPT TO:<c@d.example>", "1 DATA",
                "1 ..a\r\n...b\r\nc\r\n.\r\n",
            ])
    }

    @Test func `the next mail goes over the same connection`() async throws {
        let server = try MailServer()
        for _ in 0..<5 { #expect(await transport.mail(to: server).mail?.stage == .done) }
        #expect(server.listener.accepted == 1)
        #expect(server.lines.filter { $0.contains("EHLO") }.count == 1)
    }

    @Test func `a kept connection that the server has given up is replaced, and the mail said once`() async throws {
        var script = MailScript()
        script.mailsPerConnection = 1
        let server = try MailServer(script)
        for _ in 0..<3 { #expect(await transport.mail(to: server).mail?.stage == .done) }
        #expect(server.listener.accepted == 3)
        #expect(server.lines.filter { $0.contains("hello") }.count == 3)
    }

    @Test func `one refused recipient does not stop the others, in their order`() async throws {
        var script = MailScript()
        script.recipients = [.say("250 ok"), .say("550 5.1.1 unknown"), .say("450 4.2.0 later")]
        let server = try MailServer(script)
        let reply = try #require(await transport.mail(to: server, recipients: ["a@b", "c@d", "e@f"]).mail)
        #expect(reply.stage == .done)
        #expect(reply.recipients.map(\.code) == [250, 550, 450])
    }

    @Test func `a mail left unfinished is cleared away before the next`() async throws {
        var script = MailScript()
        script.recipients = [.say("550 5.1.1 unknown")]
        let server = try MailServer(script)
        for _ in 0..<2 { #expect(await transport.mail(to: server).mail?.stage == .recipients) }
        #expect(server.lines.contains("1 RSET"), "\(server.lines)")
        #expect(!server.lines.contains { $0.contains("DATA") })
    }

    @Test(arguments: [421, 450, 550])
    func `an error reply is told with its stage`(code: Int) async throws {
        let step = MailScript.Step.say("\(code) 4.0.0 no")
        let changes: [(MailReply.Stage, WritableKeyPath<MailScript, MailScript.Step>)] = [
            (.connect, \.greeting), (.hello, \.hello), (.authenticate, \.authenticate), (.sender, \.sender),
            (.data, \.data), (.data, \.verdict),
        ]
        for (stage, path) in changes {
            var script = MailScript()
            script[keyPath: path] = step
            let server = try MailServer(script)
            let answer = await transport.mail(to: server, user: stage == .authenticate ? "user" : nil)
            #expect(answer.mail?.stage == stage, "\(answer)")
            #expect(answer.mail?.last == MailReply.Line(code: code, text: "4.0.0 no"))
        }
        var script = MailScript()
        script.recipients = [step]
        let reply = await transport.mail(to: try MailServer(script)).mail
        #expect(reply?.stage == .recipients)
        #expect(reply?.last.code == code)
        // 421 ends the dialogue and speaks of the connection, not of that recipient.
        #expect(reply?.recipients.map(\.code) == (code == 421 ? [] : [code]))
    }

    @Test(arguments: [true, false])
    func `a connection lost after the final dot: it may have arrived, and is not said again`(
        byReset: Bool
    ) async throws {
        var script = MailScript()
        script.verdict = byReset ? .reset : .close
        let server = try MailServer(script)
        let error = try #require(await transport.mail(to: server).error)
        #expect(error.departure == .mayHaveArrived && !error.timedOut)
        #expect(server.listener.accepted == 1)
    }

    @Test(arguments: [true, false])
    func `a reused connection lost after the final dot: it may have arrived, and is not said again`(
        byReset: Bool
    ) async throws {
        var script = MailScript()
        script.laterVerdict = byReset ? .reset : .close
        let server = try MailServer(script)
        #expect(await transport.mail(to: server).mail?.stage == .done)
        let error = try #require(await transport.mail(to: server).error)
        #expect(error.departure == .mayHaveArrived && !error.timedOut)
        #expect(server.listener.accepted == 1)
        #expect(server.lines.filter { $0.contains("hello") }.count == 2)
    }

    @Test func `an address in Unicode is not tried where SMTPUTF8 is not offered`() async throws {
        let server = try MailServer()
        let reply = try #require(await transport.mail(to: server, recipients: ["ä@b.example"]).mail)
        #expect(reply.last == MailReply.Line(code: 0, text: "SMTPUTF8 is not offered"))
        #expect(!server.lines.contains { $0.contains("MAIL") })
    }

    @Test func `silence after the final dot: it may have arrived`() async throws {
        var script = MailScript()
        script.verdict = .hang
        let error = try #require(
            await transport.mail(to: try MailServer(script), timeout: .milliseconds(500)).error)
        #expect(error.departure == .mayHaveArrived && error.timedOut)
        #expect(error.detail.hasSuffix("the mail had left"))
    }

    @Test func `a connection lost before the final dot: not sent`() async throws {
        let paths: [WritableKeyPath<MailScript, MailScript.Step>] = [\.greeting, \.hello, \.sender, \.data]
        for path in paths {
            for step in [MailScript.Step.close, .reset] {
                var script = MailScript()
                script[keyPath: path] = step
                let server = try MailServer(script)
                let error = try #require(await transport.mail(to: server).error)
                #expect(error.departure == .notSent)
                #expect(server.listener.accepted == 1)
            }
        }
    }

    @Test func `silence before the final dot: not sent`() async throws {
        let paths: [WritableKeyPath<MailScript, MailScript.Step>] = [\.greeting, \.hello, \.sender, \.data]
        for path in paths {
            var script = MailScript()
            script[keyPath: path] = .hang
            let answer = await transport.mail(to: try MailServer(script), timeout: .milliseconds(300))
            #expect(answer.error?.departure == .notSent)
            #expect(answer.error?.timedOut == true)
        }
    }

    @Test func `STARTTLS that is required and not offered stops before anything is said`() async throws {
        let server = try MailServer()
        let reply = try #require(await transport.mail(to: server, security: .startTLS, user: "user").mail)
        #expect(reply.stage == .startTLS && reply.last.code < 400)
        #expect(!server.lines.contains { $0.contains("AUTH") || $0.contains("MAIL") })
    }

    @Test func `AUTH that is required and not offered is told`() async throws {
        var script = MailScript()
        script.hello = .say("250 mail.example")
        let server = try MailServer(script)
        let reply = try #require(await transport.mail(to: server, user: "user").mail)
        #expect(reply.stage == .authenticate && reply.last.code < 400)
        #expect(!server.lines.contains { $0.contains("MAIL") })
    }

    @Test func `a mail over the server's SIZE is not tried`() async throws {
        var script = MailScript()
        script.hello = .say("250-mail.example\r\n250 SIZE 10")
        let server = try MailServer(script)
        let reply = try #require(await transport.mail(to: server).mail)
        #expect(reply.last.code == 552)
        #expect(!server.lines.contains { $0.contains("MAIL") })
    }

    @Test func `an address that would end early is refused before a connection`() async throws {
        let server = try MailServer()
        let answer = await transport.mail(to: server, recipients: ["a@b>\r\nDATA"])
        #expect(answer.error?.departure == .notSent)
        #expect(server.listener.accepted == 0)
    }

    @Test func `a probe greets, proves who it is, and sends nothing`() async throws {
        let server = try MailServer()
        let reply = try #require(await transport.mail(to: server, user: "user", isProbe: true).mail)
        #expect(reply.stage == .done)
        #expect(!server.lines.contains { $0.contains("MAIL") })
    }

    @Test(arguments: [MailSubmission.Security.startTLS, .implicitTLS])
    func `over TLS a mail goes to a server that is vouched for, and to no other`(
        security: MailSubmission.Security
    ) async throws {
        let certificate = try TestCertificate()
        var settings = Sandbox.Settings()
        settings.tls = Sandbox.Settings.TLS(certificate: certificate.certificateFile, privateKey: certificate.keyFile)
        let sandbox = try Sandbox.start(settings)
        let mail = MailSubmission(
            host: "localhost", port: security == .startTLS ? sandbox.ports.smtp : sandbox.ports.smtps,
            security: security, user: settings.smtp.user, password: settings.smtp.password, sender: "s@b.example",
            recipients: ["a@b.example"],
            message: Array("From: s@b.example\r\nTo: a@b.example\r\nSubject: x\r\n\r\nhello\r\n".utf8))
        var transfer = TransferSettings(timeout: .seconds(20))
        let stranger = await transport.exchange(.mail(mail), settings: transfer)
        #expect(stranger.error?.departure == .notSent)
        #expect(stranger.error?.detail.contains("not trusted") == true)
        transfer.caFile = certificate.certificateFile
        for _ in 0..<2 {
            let answer = await transport.exchange(.mail(mail), settings: transfer)
            #expect(answer.mail?.stage == .done, "\(answer)")
        }
        #expect(sandbox.journal.entries().filter(\.isTaken).count == 2)
    }
}
