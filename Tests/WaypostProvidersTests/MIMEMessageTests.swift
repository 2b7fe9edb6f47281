import Foundation
import Testing
import WaypostCore
import WaypostCrypto
import WaypostTesting

@testable import WaypostProviders

/// Python's `email` package is the reader: it was written by others, from the same RFCs.
@Suite(.enabled(if: Python.isAvailable, "python3 is not installed"))
struct MIMEMessageTests {
    private func bytes(_ email: Email, from sender: Mailbox = Fixture.sender) -> [UInt8] {
        MIMEMessage(email, from: sender, id: Fixture.id, attempt: Fixture.attempt, date: Fixture.now).bytes
    }

    /// Texts that have broken mail software before.
    static let nasty = [
        "plain", "Grüße aus Köln", "你好，世界 – 请注意", "👩‍👩‍👧‍👦🏳️‍🌈👋🏽", "مرحبا بالعالم", "e\u{301}a\u{300}\u{323}",
        "=?UTF-8?Q?not=20encoded?=",
        "a=b=c ? _ x", "two  blanks   here", " leading and trailing ", String(repeating: "x", count: 1200),
        String(repeating: "word ", count: 60) + "end", String(repeating: "ü", count: 300),
        String(repeating: "👋🏽", count: 100),
        "Z" + String(repeating: "\u{301}", count: 200), "quotes \"inside\" and \\ back\\slash",
        "comma, semicolon; colon: <angle> (paren) [brace]",
        "trailing dot.", "\u{FEFF}bom", "nul-free \u{2028} separator", "日本語の長い件名はエンコードされた単語に分割される必要がありますので注意してください",
    ]

    @Test func `subjects and names come back as they were`() throws {
        let messages = Self.nasty.map { text in
            var email = Email(
                to: [Mailbox(email: "a@example.com", name: text), Mailbox(email: "b@example.com")], subject: text)
            email.cc = (0..<5).map { Mailbox(email: "c\($0)@bücher.example", name: text) }
            email.replyTo = Mailbox(email: "r@example.com", name: text)
            email.headers = [.init(name: "X-Note", value: text)]
            return bytes(email, from: Mailbox(email: "s@example.com", name: text))
        }
        for (text, mail) in zip(Self.nasty, try ReadMail.read(messages)) {
            #expect(mail["subject"] == text)
            #expect(mail.header("X-Note") == text)
            #expect(mail.mailboxes("From") == [[text, "s@example.com"]])
            #expect(mail.mailboxes("Reply-To") == [[text, "r@example.com"]])
            #expect(mail.mailboxes("To") == [[text, "a@example.com"], ["", "b@example.com"]])
            #expect(mail.mailboxes("Cc") == (0..<5).map { [text, "c\($0)@xn--bcher-kva.example"] })
            #expect(mail.defects == [])
            #expect(mail.isASCII)
            #expect(mail.longestLine <= 78)
        }
    }

    @Test func `bodies come back as they were`() throws {
        let bodies =
            Self.nasty + [
                "", "\n", "a\nb\r\nc\rd", "line\n\n\n", ".\n..\n.leading dot", "From here\nFrom there",
                "tab\tand trailing \t\nblank ",
                "--=_mixed_msg\n--=_alternative_msg--", String(repeating: "long line ", count: 500),
                String(repeating: "=", count: 200),
            ]
        let messages = bodies.flatMap { body in
            var both = Email(to: [Mailbox(email: "a@example.com")], subject: "s")
            both.text = body
            both.html = "<p>\(body)</p>"
            var alone = Email(to: [Mailbox(email: "a@example.com")], subject: "s")
            alone.text = body
            return [bytes(both), bytes(alone)]
        }
        let mails = try ReadMail.read(messages)
        for (index, body) in bodies.enumerated() {
            let lines = body.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
            let (both, alone) = (mails[2 * index], mails[2 * index + 1])
            #expect(both["text"] == lines)
            #expect(both["html"] == "<p>\(lines)</p>")
            #expect(alone["text"] == lines || alone["text"] == lines + "\n")  // a mail ends in a line end
            #expect(both.shape == "alternative(text/plain,text/html)")
            #expect(alone.shape == "text/plain")
            for mail in [both, alone] {
                #expect(mail.isASCII && mail.longestLine <= 78 && mail.defects == [])
            }
        }
    }

    @Test func `files come back byte for byte, under their names`() throws {
        let names =
            Self.nasty.filter { $0.count < 200 } + [
                "a.txt", "Ärger & Söhne (2).pdf", "100%.csv", "semi;colon=\"x\".txt", "'single'.txt", "日本語.pdf",
            ]
        var generator = SeededRandom(seed: 7)
        let files = names.enumerated().map { index, name in
            let content = (0..<(index * 37)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            return Email.Attachment(filename: name, contentType: "application/x-test", base64: Base64.encode(content))
        }
        var email = Email(to: [Mailbox(email: "a@example.com")], subject: "files")
        email.text = "see below"
        email.attachments = files
        let mail = try ReadMail.read([bytes(email)])[0]
        // Python trims what it hands out.
        #expect(
            mail.files.map { $0["name"]?.string } == files.map { $0.filename.trimmingCharacters(in: .whitespaces) })
        #expect(mail.files.map { $0["content"]?.string } == files.map(\.base64))
        #expect(mail.files.allSatisfy { $0["type"] == "application/x-test" && $0["disposition"] == "attachment" })
        #expect(mail.longestLine <= 78 && mail.isASCII)
        #expect(mail.defects == [])
    }

    @Test func `inline images lie beside the HTML, files around both`() throws {
        var email = Email(to: [Mailbox(email: "a@example.com")], subject: "layers")
        email.text = "text"
        email.html = "<img src=\"cid:logo\">"
        email.attachments = [
            .init(filename: "f.pdf", contentType: "application/pdf", base64: "AAAA"),
            .init(filename: "l.png", contentType: "image/png", base64: "AAEC", inlineID: "logo"),
        ]
        let mail = try ReadMail.read([bytes(email)])[0]
        #expect(mail.shape == "mixed(related(alternative(text/plain,text/html),image/png),application/pdf)")
        #expect(mail.files.first { $0["disposition"] == "inline" }?["id"] == "<logo>")
        #expect(mail.defects == [])
    }

    @Test func `without HTML an inline image is a file`() throws {
        var email = Fixture.email(to: "a@example.com")
        email.attachments = [.init(filename: "l.png", contentType: "image/png", base64: "AAEC", inlineID: "logo")]
        #expect(try ReadMail.read([bytes(email)])[0].shape == "mixed(text/plain,image/png)")
    }

    @Test(arguments: [
        ("text/csv; charset=utf-8", "text/csv"), ("message/rfc822", "application/octet-stream"),
        ("multipart/mixed", "application/octet-stream"), ("nonsense", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("a/b\r\nX-Evil: 1", "application/octet-stream"), ("IMAGE/PNG", "image/png"),
    ])
    func `a file's type is the client's where it is one`(given: String, type: String) throws {
        var email = Fixture.email(to: "a@example.com")
        email.attachments = [.init(filename: "f", contentType: given, base64: "AAEC")]
        let mail = try ReadMail.read([bytes(email)])[0]
        #expect(mail.files.map { $0["type"]?.string } == [type])
        #expect(mail.files.map { $0["content"]?.string } == ["AAEC"])
        #expect(mail.header("X-Evil") == nil)
    }

    @Test func `the headers that every mail has are there, and bcc is not`() throws {
        var email = Fixture.email(to: "a@example.com")
        email.bcc = [Mailbox(email: "secret@example.com")]
        email.unsubscribeURL = "https://example.com/u?a=<b>&c=ü"
        email.headers = [
            .init(name: "Date", value: "forged"), .init(name: "X-Mailer", value: "shop"),
            .init(name: "Bad\r\nX-Evil", value: "1"),
        ]
        let message = bytes(email, from: Mailbox(email: "s@bücher.example", name: "S"))
        let mail = try ReadMail.read([message])[0]
        #expect(mail.header("Date") == "Wed, 15 Jan 2025 12:00:00 +0000")
        #expect(mail.header("Message-ID") == "<\(Fixture.id)@xn--bcher-kva.example>")
        #expect(mail.header("X-Waypost-Id") == "\(Fixture.id)")
        #expect(mail.header("X-Waypost-Attempt") == "\(Fixture.attempt)")
        #expect(mail.header("MIME-Version") == "1.0")
        #expect(mail.header("X-Mailer") == "shop")
        #expect(mail.header("X-Evil") == nil)
        #expect(mail.header("List-Unsubscribe") == "<https://example.com/u?a=%3Cb%3E&c=%C3%BC>")
        #expect(mail.header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click")
        #expect(!String(decoding: message, as: UTF8.self).contains("secret@example.com"))
    }

    @Test func `a second attempt differs in nothing but its number and date`() {
        let email = Fixture.email(to: "a@example.com")
        let again = MIMEMessage(
            email, from: Fixture.sender, id: Fixture.id, attempt: AttemptID(ULID(high: 9, low: 9)),
            date: Fixture.now + .seconds(60))
        func id(_ bytes: [UInt8]) -> Substring? {
            String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").first { $0.hasPrefix("Message-ID:") }
        }
        #expect(id(bytes(email)) == id(again.bytes))
        #expect(id(again.bytes) != nil)
    }

    @Test func `line breaks in header values cannot make headers`() throws {
        var email = Email(
            to: [Mailbox(email: "a@example.com\r\nX-Evil: 1", name: "n\r\nX-Evil: 1")],
            subject: "s\r\nX-Evil: 1\n\nbody")
        email.headers = [.init(name: "X-Note", value: "v\r\nX-Evil: 1")]
        email.attachments = [
            .init(filename: "f\r\nX-Evil: 1", contentType: "a/b", base64: "AAEC", inlineID: "i\r\nX-Evil: 1")
        ]
        let mail = try ReadMail.read([bytes(email)])[0]
        #expect(mail.header("X-Evil") == nil)
        #expect(mail["subject"] == "s  X-Evil: 1  body")
        #expect(mail.files.count == 1)
    }
}
