import Testing

@testable import WaypostSandbox

@Suite struct SMTPStandInTests {
    @Test func `two mails go through one connection`() throws {
        try withSandbox { sandbox in
            let client = try MailClient(sandbox)
            try client.logIn()
            #expect(client.submit(MailClient.mail("msg_1")).hasPrefix("250 2.0.0 Ok: queued as "))
            #expect(client.submit(MailClient.mail("msg_2")).hasPrefix("250 "))
            #expect(client.say("QUIT").hasPrefix("221 "))
            #expect(client.wire.untilEnd() == .finished)
            #expect(sandbox.journal.takes(of: .smtp) == ["msg_1": 1, "msg_2": 1])
        }
    }

    @Test(arguments: [
        ("MAIL FROM:<a@example.com>", "530"), ("DATA", "503"), ("RCPT TO:<a@example.com>", "503"),
        ("AUTH PLAIN AHdheXBvc3QAd3Jvbmc=", "535"), ("AUTH CRAM-MD5", "504"), ("AUTH PLAIN ***", "501"),
        ("MAIL FROM: <a@example.com>", "501"), ("RCPT TO:a@example.com", "501"), ("FETCH", "500"), ("VRFY a", "502"),
        ("DATA now", "501"), ("EHLO", "501"),
    ])
    func `what is out of order or wrong is refused`(command: String, code: String) throws {
        try withSandbox { sandbox in
            let client = try MailClient(sandbox)
            #expect(client.reply().hasPrefix("220 "))
            #expect(client.say("EHLO client.example.com").hasPrefix("250 "))
            #expect(client.say(command).hasPrefix("\(code) "))
            #expect(client.say("NOOP").hasPrefix("250 "), "the conversation goes on")
        }
    }

    @Test func `a bare newline, a mail without a header and one too big are not taken`() throws {
        var settings = Sandbox.Settings()
        settings.smtp.maximumSize = 200
        try withSandbox(settings) { sandbox in
            let client = try MailClient(sandbox)
            try client.logIn()
            #expect(client.say("MAIL FROM:<a@example.com> SIZE=201").hasPrefix("552 "))
            for (text, code) in [
                ("Subject: x\r\n\r\nbare\nnewline\r\n", "550"), ("no header\r\n", "550"),
                ("Subject: x\r\n\r\n\(String(repeating: "too big\r\n", count: 30))", "552"),
            ] {
                var mail = MailClient.mail()
                mail.message = Array(text.utf8)
                #expect(client.submit(mail).hasPrefix(code), "\(text)")
            }
            #expect(sandbox.journal.summary.taken(by: .smtp) == 0)
            #expect(sandbox.journal.summary.providers[.smtp]?.requests == 4)
        }
    }

    @Test(arguments: [
        (Fault.Stage.mail, "MAIL"), (.rcpt, "RCPT"), (.data, "DATA"), (.dot, "dot"),
    ])
    func `a reply code strikes at its stage and takes nothing`(stage: Fault.Stage, name: String) throws {
        try withSandbox { sandbox in
            var answer = Fault.Answer(451)
            answer.body = "4.7.1 greylisted at \(name)"
            var fault = Fault(.smtp, .status(answer), count: 1)
            fault.stage = stage
            try sandbox.setFault(fault)
            let client = try MailClient(sandbox)
            try client.logIn()
            #expect(client.submit(MailClient.mail()) == "451 4.7.1 greylisted at \(name)\r\n")
            #expect(sandbox.journal.summary.taken(by: .smtp) == 0)
            _ = client.say("RSET")
            #expect(client.submit(MailClient.mail()).hasPrefix("250 "), "once only")
        }
    }

    @Test(arguments: [
        (Fault.Effect.hang(.before), WireClient.End.silent, false), (.hang(.after), .silent, true),
        (.reset(.before), .reset, false), (.reset(.after), .reset, true),
        (.close(.before), .finished, false), (.close(.after), .finished, true),
    ])
    func `at the dot the mail is taken or not, and no reply comes`(
        effect: Fault.Effect, end: WireClient.End, isTaken: Bool
    ) throws {
        try withSandbox { sandbox in
            try sandbox.setFault(Fault(.smtp, effect, count: 1))
            let client = try MailClient(sandbox)
            try client.logIn()
            client.wire.patience(.milliseconds(300))
            #expect(client.submit(MailClient.mail()) == "")
            #expect(client.wire.end == end)
            let entry = try #require(sandbox.journal.entries().first)
            #expect(entry.message == "msg_1" && entry.attempt == "att_1" && entry.answer == nil)
            #expect(entry.isTaken == isTaken)
        }
    }

    @Test func `421 closes, and a greeting can refuse`() throws {
        try withSandbox { sandbox in
            var fault = Fault(.smtp, .status(.init(421)), count: 1)
            fault.stage = .mail
            try sandbox.setFault(fault)
            let client = try MailClient(sandbox)
            try client.logIn()
            #expect(client.submit(MailClient.mail()).hasPrefix("421 "))
            #expect(client.wire.untilEnd() == .finished)
            var greeting = Fault(.smtp, .status(.init(554)), count: 1)
            greeting.stage = .greeting
            try sandbox.setFault(greeting)
            let other = try MailClient(sandbox)
            #expect(other.reply().hasPrefix("554 "))
            #expect(other.wire.untilEnd() == .finished)
        }
    }

    @Test func `a client that leaves before the dot is in the journal, with nothing taken`() throws {
        try withSandbox { sandbox in
            do {
                let client = try MailClient(sandbox)
                try client.logIn()
                _ = client.say("MAIL FROM:<a@example.com>")
                _ = client.say("RCPT TO:<b@example.com>")
            }
            let deadline = ContinuousClock.now + .seconds(10)
            while sandbox.journal.entries().isEmpty, ContinuousClock.now < deadline {}
            let entry = try #require(sandbox.journal.entries().first)
            #expect(!entry.isTaken && entry.recipients == 1)
        }
    }
}
