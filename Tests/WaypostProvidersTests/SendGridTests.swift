import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostTesting

@testable import WaypostProviders

@Suite struct SendGridTests {
    static let accepted = Fixture.response(202, HTTPHeaders(["X-Message-Id": "14c5d75ce93"]))

    private func result(_ reply: TransportReply, _ context: AttemptContext? = nil) -> ExchangeResult {
        Fixture.sendGrid.result(of: reply, for: context ?? Fixture.context(Fixture.email(to: "a@example.com")))
    }

    private func error(_ status: Int, _ message: String, field: String? = nil, _ headers: HTTPHeaders = HTTPHeaders())
        -> TransportReply
    {
        let body: JSONValue = [
            "errors": [["message": .string(message), "field": field.map(JSONValue.string) ?? .null, "help": .null]]
        ]
        return .http(HTTPResponse(status: status, headers: headers, body: body.bytes))
    }

    private static func taxonomy() throws -> [ProviderContract.Case] {
        try #require(Fixture.vectors("error_taxonomy")["sendgrid_http"]?.array).compactMap { row in
            let code = try #require(row["code"]?.string)
            let reply = code == "202" ? accepted : Fixture.response(try #require(Int(code)))
            guard let kind = Failure.Kind(taxonomy: row["class"]?.string) else { return .init(code, reply, nil) }
            return .init(code, reply, kind, breaker: try #require(BreakerEffect(taxonomy: row["breaker"]?.string)))
        }
    }

    @Test(arguments: ProviderContract.Clause.allCases)
    func `it keeps the contract`(clause: ProviderContract.Clause) throws {
        let contract = ProviderContract(
            provider: Fixture.sendGrid, secrets: [Fixture.apiKey], cases: try Self.taxonomy(),
            healthy: Fixture.response(200, HTTPHeaders(), #"{"scopes":["alerts.read","mail.send"]}"#),
            ailing: [
                Fixture.response(
                    401, HTTPHeaders(), #"{"errors":[{"field":null,"message":"authorization required"}]}"#),
                Fixture.response(200, HTTPHeaders(), #"{"scopes":["alerts.read"]}"#),
                Fixture.response(200, HTTPHeaders(), "<html>"), Fixture.response(503),
            ],
            echo: { words in
                let body: JSONValue = ["errors": [["message": .string(words), "field": .null]]]
                return .http(HTTPResponse(status: 400, body: body.bytes))
            },
            texts: { $0.json.strings })
        #expect(contract.violations(of: clause) == [])
    }

    // MARK: Answers

    @Test func `a 202 is accepted under SendGrid's id`() {
        #expect(result(Self.accepted).outcome == .accepted(reference: "14c5d75ce93"))
        #expect(result(Fixture.response(202)).outcome == .accepted(reference: nil))
    }

    @Test func `a page in the place of an answer is ambiguous`() {
        let page = HTTPHeaders(["Content-Type": "text/html; charset=utf-8"])
        for status in [200, 202] {
            #expect(result(Fixture.response(status, page, "<html>")).outcome.failure?.kind == .ambiguous)
        }
        #expect(result(Fixture.response(204)).outcome.failure?.kind == .ambiguous)
    }

    @Test func `too many requests rest until the window ends`() {
        let reset = result(error(429, "too many requests", HTTPHeaders(["X-RateLimit-Reset": "1736942430"])))
        #expect(reset.outcome.failure?.resumeAt == Fixture.now + .seconds(30))
        let both = result(
            error(429, "too many requests", HTTPHeaders(["X-RateLimit-Reset": "1736942430", "Retry-After": "45"])))
        #expect(both.outcome.failure?.resumeAt == Fixture.now + .seconds(45))
        #expect(result(error(429, "too many requests")).outcome.failure?.resumeAt == nil)
    }

    @Test func `an unverified sender is no fault of the account`() throws {
        let words =
            "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved."
        let failure = try #require(result(error(403, words, field: "from")).outcome.failure)
        #expect(failure.kind == .unsuitable)
        #expect(failure.breaker == BreakerEffect.none)
        #expect(result(error(403, "access forbidden")).outcome.failure?.kind == .misconfigured)
    }

    @Test func `used-up credits send the message elsewhere`() {
        let failure = result(error(401, "Maximum credits exceeded")).outcome.failure
        #expect(failure?.kind == .unsuitable)
        #expect(failure?.breaker == BreakerEffect.none)
    }

    @Test(arguments: [301, 302, 307, 308])
    func `a redirect is not followed`(status: Int) {
        #expect(result(Fixture.response(status)).outcome.failure?.kind == .unavailable)
    }

    @Test(arguments: [
        (408, Failure.Kind.ambiguous), (422, .refusedMessage), (501, .ambiguous), (599, .ambiguous), (0, .ambiguous),
    ])
    func `other statuses go by the rule`(status: Int, kind: Failure.Kind) {
        #expect(result(Fixture.response(status)).outcome.failure?.kind == kind)
    }

    @Test func `the only recipient's bad address is refused`() {
        for field in ["personalizations.0.to.0.email", "personalizations.0.to.0"] {
            let failure = result(error(400, "Does not contain a valid address.", field: field)).outcome.failure
            #expect(failure?.kind == .refusedRecipient)
            #expect(failure?.scope == .endpoint)
        }
    }

    @Test func `one of several recipients is refused, and the others may go again`() throws {
        var email = Fixture.email(to: "a@example.com", "b@example.com")
        email.cc = [Mailbox(email: "c@example.com")]
        let context = Fixture.context(email, without: ["a@example.com"])
        let refused = result(
            error(400, "Does not contain a valid address.", field: "personalizations.0.cc.0.email"), context)
        #expect(refused.exceptions.mapValues(\.kind) == [2: .refusedRecipient])
        let others = try #require(refused.outcome.failure)
        #expect(others.kind == .unavailable)
        #expect(others.breaker == BreakerEffect.none)
    }

    @Test(arguments: [
        "personalizations", "personalizations.0.to", "personalizations.0.to.0.name", "personalizations.0.to.7.email",
        "personalizations.1.to.0.email", "from.email", "content.0.value", "null", "", "personalizations.-1.to.-1.email",
    ])
    func `other fields are the message's fault`(field: String) {
        #expect(result(error(400, "no", field: field)).outcome.failure?.kind == .refusedMessage)
    }

    // MARK: Requests

    @Test func `everything SendGrid can carry is written`() throws {
        var email = Email(to: [Mailbox(email: "a@bücher.example", name: "Doe, Ann")], subject: "Grüße")
        email.cc = [Mailbox(email: "A@BÜCHER.example"), Mailbox(email: "c@example.com", name: "Cé")]
        email.bcc = [Mailbox(email: "b@example.com"), Mailbox(email: "C@example.com")]
        email.text = "hi"
        email.html = "<p>hi</p>"
        email.from = Mailbox(email: "shop@example.com", name: "Shop")
        email.replyTo = Mailbox(email: "help@example.com")
        email.headers = [
            .init(name: "X-Order", value: "7 ü"), .init(name: "Received", value: "x"),
            .init(name: "X-SG-ID", value: "y"),
        ]
        email.tracking = .init(opens: false, clicks: true, unsubscribe: false)
        email.unsubscribeURL = "https://example.com/u"
        email.attachments = [
            .init(filename: "a.txt", contentType: "text/plain; charset=utf-8", base64: "aGk="),
            .init(filename: "p.png", contentType: "image/png", base64: "aGk=", inlineID: "pic"),
        ]
        let request = try #require(Fixture.sendGrid.request(for: Fixture.context(email, tags: ["a", "b", "a"])).http)
        #expect(request.method == "POST")
        #expect(request.target == "http://127.0.0.1:1/v3/mail/send")
        #expect(request.headers["Authorization"] == "Bearer \(Fixture.apiKey)")
        #expect(request.headers["Content-Type"] == "application/json")
        #expect(request.headers["traceparent"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        #expect(
            try JSONValue(parsing: request.body) == [
                "personalizations": [
                    [
                        "to": [["email": "a@xn--bcher-kva.example", "name": "\"Doe, Ann\""]],
                        "cc": [["email": "c@example.com", "name": "Cé"]], "bcc": [["email": "b@example.com"]],
                        "custom_args": [
                            "waypost_message": .string("\(Fixture.id)"),
                            "waypost_attempt": .string("\(Fixture.attempt)"),
                        ],
                    ]
                ],
                "from": ["email": "shop@example.com", "name": "Shop"], "reply_to": ["email": "help@example.com"],
                "subject": "Grüße",
                "content": [["type": "text/plain", "value": "hi"], ["type": "text/html", "value": "<p>hi</p>"]],
                "attachments": [
                    ["content": "aGk=", "filename": "a.txt", "type": "text/plain", "disposition": "attachment"],
                    [
                        "content": "aGk=", "filename": "p.png", "type": "image/png", "disposition": "inline",
                        "content_id": "pic",
                    ],
                ],
                "headers": [
                    "X-Order": "=?UTF-8?Q?7_=C3=BC?=", "List-Unsubscribe": "<https://example.com/u>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                ],
                "categories": ["a", "b"],
                "tracking_settings": [
                    "click_tracking": ["enable": true], "open_tracking": ["enable": false],
                    "subscription_tracking": ["enable": false],
                ],
            ])
    }

    @Test func `a cc takes the place of a to that is gone`() throws {
        var email = Fixture.email(to: "a@example.com")
        email.cc = [Mailbox(email: "c@example.com"), Mailbox(email: "d@example.com")]
        email.bcc = [Mailbox(email: "b@example.com")]
        let json = try Fixture.sendGrid.request(for: Fixture.context(email, without: ["a@example.com"])).json
        #expect(json.at("personalizations.0.to") == [["email": "c@example.com"]])
        #expect(json.at("personalizations.0.cc") == [["email": "d@example.com"]])
        #expect(json.at("personalizations.0.bcc") == [["email": "b@example.com"]])
    }

    @Test func `where only bcc are left, none sees another`() throws {
        var email = Fixture.email(to: "a@example.com")
        email.bcc = [Mailbox(email: "b@example.com"), Mailbox(email: "c@example.com")]
        let context = Fixture.context(email, without: ["a@example.com"])
        let mails = try #require(Fixture.sendGrid.request(for: context).json["personalizations"]?.array)
        #expect(mails.map { $0["to"] } == [[["email": "b@example.com"]], [["email": "c@example.com"]]])
        #expect(mails.allSatisfy { $0["cc"] == nil && $0["bcc"] == nil && $0["custom_args"] != nil })
        let refused = result(
            error(400, "Does not contain a valid address.", field: "personalizations.1.to.0.email"), context)
        #expect(refused.exceptions.keys.sorted() == [2])
    }

    @Test func `with nobody left there is no request`() {
        let email = Fixture.email(to: "a@example.com")
        #expect(throws: Failure.self) {
            try Fixture.sendGrid.request(for: Fixture.context(email, without: ["a@example.com"]))
        }
    }

    @Test func `it objects to what SendGrid cannot carry`() {
        func objection(_ change: (inout Email) -> Void) -> String? {
            var email = Fixture.email(to: "a@example.com")
            change(&email)
            return Fixture.sendGrid.objection(to: Fixture.message(email), for: [])
        }
        #expect(objection { _ in } == nil)
        #expect(objection { $0.subject = "" } != nil)
        #expect(objection { $0.text = "" } != nil)
        #expect(objection { $0.to[0].email = "jürgen@example.com" } != nil)
        #expect(objection { $0.headers = [.init(name: "X-A", value: "1"), .init(name: "x-a", value: "2")] } != nil)
        #expect(
            objection {
                $0.attachments = [
                    .init(filename: "a", contentType: "a/b", base64: String(repeating: "AAAA", count: 5_000_000))
                ]
            } != nil)
    }
}
