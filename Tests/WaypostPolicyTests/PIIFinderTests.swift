import Testing
import WaypostCore

@testable import WaypostPolicy

@Suite struct PIIFinderTests {
    @Test(arguments: [
        ("Write to jane@example.com.", "Write to [email]."),
        ("<a href=\"mailto:jane.doe+x@mail.example.co.uk\">me</a>", "<a href=\"mailto:[email]\">me</a>"),
        ("'jane@example.com' or <joe@example.org>", "'[email]' or <[email]>"),
        ("müller@exämple.de", "[email]"),
        ("https://example.com/?to=jane@example.com&x=1", "https://example.com/?to=[email]&x=1"),
        ("a@b.io,c@d.io", "[email],[email]"),
        ("Call +14155550100 now", "Call [phone] now"), ("Call +1 (415) 555-0100.", "Call [phone]."),
        ("+49 30 1234567, +44 20 7123 4567", "[phone], [phone]"), ("tel:+442071234567", "tel:[phone]"),
        ("(415) 555-0100", "[phone]"), ("(415)555-0100", "[phone]"), ("415-555-0100", "[phone]"),
        ("415.555.0100!", "[phone]!"), ("1-415-555-0100", "[phone]"), ("1 (415) 555-0100", "[phone]"),
        ("SSN 123-45-6789", "SSN [ssn]"), ("123 45 6789.", "[ssn]."),
        ("Card 4111 1111 1111 1111, thanks", "Card [card], thanks"), ("4111-1111-1111-1111", "[card]"),
        ("Card:4111111111111111", "Card:[card]"), ("378282246310005", "[card]"), ("3782 822463 10005", "[card]"),
        ("5555555555554444 6011111111111117 3530111333300000", "[card] [card] [card]"),
        ("2223003122003222", "[card]"), ("30569309025904", "[card]"), ("4222222222222", "[card]"),
        ("6200000000000005", "[card]"), ("6759649826438453", "[card]"),
        ("4111 1111 1111 1111 12/27", "[card] 12/27"),
        ("jane@example.com 4111111111111111 123-45-6789 415-555-0100", "[email] [card] [ssn] [phone]"),
    ])
    func `what is found is masked by its kind, and the rest stays`(text: String, masked: String) {
        #expect(PIIFinder().masked(text).text == masked)
    }

    @Test(arguments: [
        "", "It works.", "@", "a@", "@b.com", "@jane", "https://medium.com/@jane/a-story", "logo@2x.png", "a@b",
        "a@b.1",
        "npm i pkg@1.2.3", "https://user:pw@example.com/", "https://user@example.com/",
        "<img src=\"cid:part1@example.com\">",
        "jane@-example.com", "jane@example..com",
        // Dates, times, prices, versions, addresses.
        "2026-01-31", "31.01.2026 12:30:00", "2026-01-31T12:00:00.000Z", "20260131120000", "192.168.100.200",
        "$4,155,550,100", "1.234.567.890", "12:34:56.789", "+20 %", "+1234567 points", "UTC+01:00",
        // Order numbers and the like.
        "Order 4155550100", "order 123456789", "ORD-4111111111111111", "AB4111111111111111", "4111111111111111CD",
        "0x4111111111111111", "e3b0c442-98fc-4c14-9afb-4c8996fb9242", "00000000-4111-1111-1111-111111111111",
        "deadbeef4111111111111111", "https://example.com/t/4111111111111111", "4111111111111112",
        "41111111111111111111",
        "1234 5678 9012 3456", "9111111111111111", "&#4155550100;", "ISBN 978-3-16-148410-0",
        "DE89 3704 0044 0532 0130 00",
        "1Z999AA10123456784",
        // Numbers that were never given out.
        "000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "078-05-1120", "219-09-9999",
        "12-345-6789",
        "123-456-7890", "415-155-0100", "911-555-0100", "411-555-0100", "415-911-0100", "+15550100", "+11234567890",
        "(415 555-0100", "(41) 555-0100", "415 5550100", "+0301234567", "+999123456789",
    ])
    func `what only looks like it is let be`(text: String) {
        #expect(PIIFinder().findings(in: text) == [])
    }

    @Test func `only the kinds that are asked for are found, and none within another`() {
        let text = "jane@example.com 4111 1111 1111 1111"
        #expect(PIIFinder([.email]).masked(text).text == "[email] 4111 1111 1111 1111")
        #expect(PIIFinder([.creditCard, .phone]).masked(text).text == "jane@example.com [card]")
        #expect(PIIFinder([.phone]).findings(in: "4155 5501 0000 0009 415-555-01001") == [])
        #expect(PIIFinder([]).findings(in: text) == [])
    }

    @Test func `the recipients' own addresses are no findings, however they are written`() {
        let finder = PIIFinder(own: ["jane@example.com", "+14155550100"])
        #expect(finder.findings(in: "Jane@Example.com, (415) 555-0100, +1 415 555 0100") == [])
        #expect(finder.masked("jane@example.com joe@example.com 415-555-0101").kinds == [.email, .phone])
    }

    @Test func `a long text of digits takes no more than a look at each`() {
        let text = String(repeating: "41111111111111110 ", count: 20_000) + String(repeating: "9", count: 200_000)
        #expect(PIIFinder().findings(in: text) == [])
    }
}

@Suite struct ContentScreenTests {
    private let leak = "jane@example.com"

    @Test func `every text of every channel is looked at`() {
        var email = Email(to: [Mailbox(email: "joe@example.com")], subject: leak)
        (email.text, email.html) = (leak, leak)
        var whatsapp = WhatsApp(to: PhoneNumber(unchecked: "+14155550100"))
        whatsapp.text = leak
        whatsapp.template = .init(name: "t", language: "en", variables: [.init(key: "a/b", value: leak)])
        var push = Push(targets: [])
        (push.title, push.body) = (leak, leak)
        let number = PhoneNumber(unchecked: "+14155550100")
        let contents: [(Content, [String])] = [
            (.email(email), ["/subject", "/text", "/html"]), (.sms(SMS(to: number, text: leak)), ["/text"]),
            (.whatsapp(whatsapp), ["/text", "/template/variables/a~1b"]), (.push(push), ["/title", "/body"]),
            (.voice(Voice(to: number, script: .say(text: leak, language: nil))), ["/say/text"]),
        ]
        for (content, pointers) in contents {
            let screen = ContentScreen(content, nil, kinds: PII.Kind.allCases)
            #expect(screen.findings == pointers.map { .init(pointer: $0, kind: .email) })
            #expect(ContentScreen(screen.content, nil, kinds: PII.Kind.allCases).findings == [], "all of it is masked")
        }
    }

    @Test func `of a template the variables count, and are masked where they were put`() {
        let template = AppliedTemplate(
            name: "t", providerIDs: [], hasText: true,
            variables: ["who": .string(leak), "list": [["n": "4111111111111111"]]])
        let content = Content.sms(SMS(to: .init(unchecked: "+14155550100"), text: "\(leak): write to help@example.com"))
        let screen = ContentScreen(content, template, kinds: PII.Kind.allCases, isTemplated: true)
        #expect(
            screen.findings == [
                .init(pointer: "/who", kind: .email), .init(pointer: "/list/0/n", kind: .creditCard),
            ])
        #expect(screen.content.sms?.text == "[email]: write to help@example.com")
        #expect(screen.template?.variables == ["who": "[email]", "list": [["n": "[card]"]]])
    }
}
