import Testing
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostTesting

@testable import WaypostProviders

@Suite struct SMTPTests {
    private static func line(_ text: String) -> MailReply.Line {
        MailReply.Line(code: Int(text.prefix(3)) ?? 0, text: String(text.dropFirst(4)))
    }

    private static func reply(
        _ stage: MailReply.Stage, _ last: String, recipients: [String] = [],
        extensions: [String] = ["SIZE 1000", "8BITMIME"]
    ) -> TransportReply {
        .mail(MailReply(stage: stage, last: line(last), recipients: recipients.map(line), extensions: extensions))
    }

    private func result(_ reply: TransportReply, to addresses: Int = 1) -> ExchangeResult {
        var email = Fixture.email(to: "a0@example.com")
        email.to = (0..<addresses).map { Mailbox(email: "a\($0)@example.com") }
        return Fixture.smtp.result(of: reply, for: Fixture.context(email))
    }

    /// smtp.md's table, a row a line.
    static let cases: [ProviderContract.Case] =
        [
            .init("250 to DATA", reply(.done, "250 2.0.0 Ok: queued as 4F1", recipients: ["250 ok"]), nil),
            .init("250 at data", reply(.data, "250 OK", recipients: ["250 ok"]), nil),
            .init("421 at connect", reply(.connect, "421 4.3.2 closing"), .unavailable, breaker: .failure),
            .init("421 at MAIL", reply(.sender, "421 4.4.2 timeout"), .unavailable, breaker: .failure),
            .init("421 at RCPT", reply(.recipients, "421 4.3.2 closing"), .unavailable, breaker: .failure),
            .init(
                "421 at DATA", reply(.data, "421 4.3.2 closing", recipients: ["250 ok"]), .unavailable,
                breaker: .failure),
            .init("554 greeting", reply(.connect, "554 no service"), .unavailable, breaker: .failure),
            .init("450 to MAIL", reply(.sender, "450 4.3.1 full"), .throttled, breaker: BreakerEffect.none),
            .init("451 to MAIL", reply(.sender, "451 4.7.1 later"), .throttled, breaker: BreakerEffect.none),
            .init(
                "452 to DATA", reply(.data, "452 4.5.3 too many", recipients: ["250 ok"]), .throttled,
                breaker: BreakerEffect.none),
            .init(
                "450 to RCPT", reply(.recipients, "450 4.2.0 greylisted", recipients: ["450 4.2.0 greylisted"]),
                .throttled, breaker: BreakerEffect.none),
            .init(
                "451 to RCPT", reply(.recipients, "451 4.7.1 greylisted", recipients: ["451 4.7.1 greylisted"]),
                .throttled, breaker: BreakerEffect.none),
            .init("454 to AUTH", reply(.authenticate, "454 4.7.0 temporary"), .misconfigured, breaker: .open),
            .init("530 to MAIL", reply(.sender, "530 5.7.0 must authenticate"), .misconfigured, breaker: .open),
            .init("534 to AUTH", reply(.authenticate, "534 5.7.9 mechanism too weak"), .misconfigured, breaker: .open),
            .init("535 to AUTH", reply(.authenticate, "535 5.7.8 bad credentials"), .misconfigured, breaker: .open),
            .init(
                "538 to AUTH", reply(.authenticate, "538 5.7.11 encryption required"), .misconfigured, breaker: .open),
            .init("no STARTTLS", reply(.startTLS, "250 HELP"), .misconfigured, breaker: .open),
            .init("no AUTH", reply(.authenticate, "250 HELP"), .misconfigured, breaker: .open),
            .init(
                "550 5.7.1 to MAIL", reply(.sender, "550 5.7.1 sender not allowed"), .unsuitable,
                breaker: BreakerEffect.none),
            .init(
                "554 5.1.8 to MAIL", reply(.sender, "554 5.1.8 bad sender domain"), .unsuitable,
                breaker: BreakerEffect.none),
            .init(
                "other 5xx to MAIL", reply(.sender, "501 5.5.4 syntax"), .refusedMessage, breaker: BreakerEffect.none),
            .init("other 4xx to MAIL", reply(.sender, "432 4.7.12 transition"), .unavailable, breaker: .failure),
            .init("552 to MAIL", reply(.sender, "552 5.3.4 too big"), .refusedMessage, breaker: BreakerEffect.none),
            .init(
                "552 to DATA", reply(.data, "552 5.2.3 too big", recipients: ["250 ok"]), .refusedMessage,
                breaker: BreakerEffect.none),
            .init(
                "554 to DATA", reply(.data, "554 5.6.0 bad", recipients: ["250 ok"]), .refusedMessage,
                breaker: BreakerEffect.none),
            .init(
                "550 to DATA", reply(.data, "550 5.7.1 spam", recipients: ["250 ok"]), .refusedMessage,
                breaker: BreakerEffect.none),
            .init("other 4xx to DATA", reply(.data, "455 no", recipients: ["250 ok"]), .unavailable, breaker: .failure),
            .init(
                "354 and nothing more", reply(.data, "354 go on", recipients: ["250 ok"]), .ambiguous, breaker: .failure
            ),
        ]
        + ["550 5.1.1", "551 5.1.6", "553 5.1.3", "550 5.1.2", "550 5.1.10", "550", "551", "553"].map { code in
            .init(
                "\(code) to RCPT", reply(.recipients, "\(code) no", recipients: ["\(code) no"]), .refusedRecipient,
                breaker: BreakerEffect.none)
        }
        + ["550 5.7.1", "554 5.7.1", "550 5.1.8"].map { code in
            .init(
                "\(code) to RCPT", reply(.recipients, "\(code) no", recipients: ["\(code) no"]), .unsuitable,
                breaker: BreakerEffect.none)
        }

    @Test(.enabled(if: Python.isAvailable, "python3 is not installed"), arguments: ProviderContract.Clause.allCases)
    func `it keeps the contract`(clause: ProviderContract.Clause) {
        let contract = ProviderContract(
            provider: Fixture.smtp,
            secrets: [
                Fixture.password, Base64.encode(Array(Fixture.password.utf8)),
                Base64.encode(Array("\0relay\0\(Fixture.password)".utf8)),
            ],
            cases: Self.cases, healthy: Self.reply(.done, "221 2.0.0 Bye"),
            ailing: [
                Self.reply(.authenticate, "535 5.7.8 bad"), Self.reply(.connect, "421 busy"),
                Self.reply(.startTLS, "250 HELP"),
            ],
            echo: { words in
                .mail(
                    MailReply(
                        stage: .data, last: .init(code: 554, text: "5.7.1 \(words)"), recipients: [], extensions: []))
            },
            texts: { request in
                let mail = try ReadMail.read([request.mail?.message ?? []])[0]
                return [mail["subject"], mail["text"], mail["html"]].compactMap(\.self)
                    + mail.mailboxes("To").flatMap(\.self)
                    + (mail.json["headers"]?.strings ?? [])
            })
        #expect(contract.violations(of: clause) == [])
    }

    @Test func `the envelope holds whom the deliveries name, bcc too`() throws {
        var email = Fixture.email(to: "a@bücher.example", "closed@example.com")
        email.cc = [Mailbox(email: "c@example.com")]
        email.bcc = [Mailbox(email: "b@example.com"), Mailbox(email: "C@example.com")]
        let mail = try #require(Fixture.smtp.request(for: Fixture.context(email, without: ["closed@example.com"])).mail)
        #expect(mail.recipients == ["a@xn--bcher-kva.example", "c@example.com", "b@example.com"])
        #expect(mail.sender == "news@example.com")
        #expect(mail.host == "mail.example.com" && mail.port == 465 && mail.security == .implicitTLS)
        #expect(mail.user == "relay" && mail.password == Fixture.password)
        #expect(!mail.needsUTF8)
    }

    @Test func `a refused recipient ends alone`() {
        let result = result(
            Self.reply(
                .done, "250 2.0.0 Ok: queued as 4F1A",
                recipients: ["250 ok", "550 5.1.1 unknown", "451 4.7.1 greylisted"]), to: 3)
        #expect(result.outcome == .accepted(reference: "4F1A"))
        #expect(result.exceptions.mapValues(\.kind) == [1: .refusedRecipient, 2: .throttled])
        #expect(result.exceptions[2]?.scope == .endpoint)
        #expect(result.exceptions[2]?.resumeAt == Fixture.now + .seconds(60))
        #expect(result.exceptions[1]?.providerCode == "550 5.1.1")
    }

    @Test func `exceptions are told by the deliveries' ordinals`() {
        let email = Fixture.email(to: "a@example.com", "b@example.com", "c@example.com", "B@example.com")
        let context = Fixture.context(email, without: ["a@example.com"])
        let reply = Self.reply(.done, "250 ok", recipients: ["550 5.1.1 unknown", "250 ok"])
        #expect(Fixture.smtp.result(of: reply, for: context).exceptions.keys.sorted() == [1, 3])
    }

    @Test func `a dialogue that ended after some were refused leaves the others untouched`() throws {
        let result = result(
            Self.reply(.recipients, "550 5.1.1 unknown", recipients: ["250 ok", "550 5.1.1 unknown"]), to: 2)
        #expect(result.exceptions.mapValues(\.kind) == [1: .refusedRecipient])
        let others = try #require(result.outcome.failure)
        #expect(others.kind == .unavailable)
        #expect(others.breaker == BreakerEffect.none)
    }

    @Test func `an internationalised address needs a server that takes it`() throws {
        let context = Fixture.context(Fixture.email(to: "jürgen@example.com"))
        #expect(try #require(Fixture.smtp.request(for: context).mail).needsUTF8)
        let refused = Fixture.smtp.result(of: Self.reply(.sender, "501 5.5.4 syntax"), for: context)
        #expect(refused.outcome.failure?.kind == .refusedMessage)
        let unasked = Fixture.smtp.result(of: Self.reply(.hello, "250 HELP"), for: context)
        #expect(unasked.outcome.failure?.kind == .refusedMessage)
        let later = Fixture.smtp.result(
            of: Self.reply(.recipients, "450 4.2.0 later", recipients: ["450 4.2.0 later"], extensions: ["SMTPUTF8"]),
            for: context)
        #expect(later.outcome.failure?.kind == .throttled)
    }

    @Test(
        arguments: [
            ("2.0.0 Ok: queued as 4F1A2B3C", "4F1A2B3C"), ("OK id=1rABcD-000XyZ-2k", "1rABcD-000XyZ-2k"),
            ("2.0.0 41AB2c3d004567 Message accepted for delivery", "41AB2c3d004567"),
            ("Ok 0100018c5f2e1a2b-11111111-000000", "0100018c5f2e1a2b-11111111-000000"), ("Ok: queued as <4F1>", "4F1"),
            ("2.0.0 OK", nil), ("", nil), ("queued as", nil), ("Ok: queued as a@b.example", nil),
        ] as [(String, String?)])
    func `the queue id is found where a server tells it`(text: String, id: String?) {
        #expect(QueueID.find(in: text) == id)
    }

    @Test func `the health check is a probe`() throws {
        guard case .mailProbe(let probe)? = Fixture.smtp.healthCheck(at: Fixture.now) else {
            Issue.record("no probe")
            return
        }
        #expect(probe.recipients.isEmpty && probe.message.isEmpty)
    }
}
