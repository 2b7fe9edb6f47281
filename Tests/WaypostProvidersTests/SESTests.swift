import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostTesting

@testable import WaypostProviders

@Suite struct SESTests {
    static let accepted = Fixture.response(
        200, HTTPHeaders(["Content-Type": "application/json"]), #"{"MessageId":"0100-1"}"#)

    private func error(_ code: String?, _ status: Int, _ message: String = "") -> TransportReply {
        let headers = code.map { HTTPHeaders(["x-amzn-errortype": "\($0):http://internal.amazon.com/coral/"]) }
        return Fixture.response(status, headers ?? HTTPHeaders(), #"{"message":"\#(message)"}"#)
    }

    private func failure(_ reply: TransportReply) throws -> Failure {
        try #require(
            Fixture.ses.result(of: reply, for: Fixture.context(Fixture.email(to: "a@example.com"))).outcome.failure)
    }

    private static func taxonomy() throws -> [ProviderContract.Case] {
        try #require(Fixture.vectors("error_taxonomy")["ses_errors"]?.array).flatMap { row -> [ProviderContract.Case] in
            let code = try #require(row["code"]?.string)
            let statuses =
                code == "503 without code" ? [503] : code == "5xx without code" ? [500, 502, 504] : [400, 403, 500]
            return try statuses.map { status in
                let headers = code.hasSuffix("without code") ? HTTPHeaders() : HTTPHeaders(["x-amzn-errortype": code])
                return .init(
                    "\(code) as \(status)", Fixture.response(status, headers, #"{"message":"no"}"#),
                    try #require(Failure.Kind(taxonomy: row["class"]?.string)),
                    breaker: try #require(BreakerEffect(taxonomy: row["breaker"]?.string)))
            }
        }
    }

    @Test(arguments: ProviderContract.Clause.allCases)
    func `it keeps the contract`(clause: ProviderContract.Clause) throws {
        let healthy =
            #"{"SendingEnabled":true,"EnforcementStatus":"HEALTHY","SendQuota":{"Max24HourSend":200.0,"SentLast24Hours":1}}"#
        let contract = ProviderContract(
            provider: Fixture.ses, secrets: [Fixture.awsSecret, Fixture.awsToken],
            cases: try Self.taxonomy() + [.init("200", Self.accepted, nil)],
            healthy: Fixture.response(200, HTTPHeaders(), healthy),
            ailing: [
                Fixture.response(403, HTTPHeaders(["x-amzn-errortype": "AccessDeniedException"])),
                Fixture.response(200, HTTPHeaders(), "<html>"),
                Fixture.response(200, HTTPHeaders(), #"{"SendingEnabled":false,"EnforcementStatus":"HEALTHY"}"#),
                Fixture.response(200, HTTPHeaders(), #"{"SendingEnabled":true,"EnforcementStatus":"SHUTDOWN"}"#),
                Fixture.response(
                    200, HTTPHeaders(),
                    #"{"SendingEnabled":true,"SendQuota":{"Max24HourSend":200.0,"SentLast24Hours":200.0}}"#),
            ],
            echo: { words in
                let body: JSONValue = ["message": .string(words)]
                return .http(
                    HTTPResponse(
                        status: 400, headers: HTTPHeaders(["x-amzn-errortype": "MessageRejected"]), body: body.bytes))
            },
            texts: { request in
                // The display name of a destination is in encoded words; Python reads it.
                let strings = request.json.strings
                let names = strings.filter { $0.hasPrefix("=?") }
                let decoded = try Python.run(
                    "import sys,json,email.header as h; json.dump([str(h.make_header(h.decode_header(x))) for x in json.load(sys.stdin)], sys.stdout)",
                    .array(names.map(JSONValue.string)))
                return strings + decoded.strings
            })
        #expect(contract.violations(of: clause) == [])
    }

    @Test(arguments: 0..<7)
    func `the name of an error is found wherever AWS puts it`(index: Int) throws {
        let item = try #require(Fixture.vectors("ses_sigv4").at("error_parsing.\(index)"))
        var response = HTTPResponse(status: Int(try #require(item["status"]?.integer)))
        for header in item["headers"]?.members ?? [] { response.headers.add(header.name, header.value.string ?? "") }
        response.body = Array(try #require(item["body"]?.string).utf8)
        let error = SESError(in: response)
        #expect(error.code ?? String(response.status) == item["expect_code"]?.string)
        if let message = error.message { #expect(message == item["expect_message"]?.string) }
    }

    @Test func `throttling names a time, and a day's quota a long one`() throws {
        let rate = try failure(error("TooManyRequestsException", 429, "Maximum sending rate exceeded."))
        #expect(rate.resumeAt == Fixture.now + .seconds(1))
        let quota = try failure(error("TooManyRequestsException", 429, "Daily message quota exceeded."))
        #expect(quota.kind == .throttled)
        #expect(quota.resumeAt == Fixture.now + .seconds(900))
    }

    @Test func `an identity that is not verified is for the next provider`() throws {
        let failure = try failure(
            error("MessageRejected", 400, "Email address is not verified. The following identities failed"))
        #expect(failure.kind == .unsuitable)
    }

    @Test func `an unknown name goes by the status`() throws {
        #expect(try failure(error("NewException", 400)).kind == .refusedMessage)
        #expect(try failure(error("NewException", 403)).kind == .misconfigured)
        #expect(try failure(error("NewException", 429)).kind == .throttled)
        #expect(try failure(error("NewException", 500)).kind == .ambiguous)
        #expect(try failure(error("NewException", 503)).kind == .unavailable)
        #expect(try failure(error(nil, 307)).kind == .unavailable)
    }

    @Test(arguments: [#"{"MessageId":""}"#, "{}", "", "<html>", #"{"MessageId":"1""#])
    func `a success that cannot be read is none`(body: String) throws {
        #expect(try failure(Fixture.response(200, HTTPHeaders(), body)).kind == .ambiguous)
    }

    @Test func `the message id is the reference`() {
        let result = Fixture.ses.result(of: Self.accepted, for: Fixture.context(Fixture.email(to: "a@example.com")))
        #expect(result.outcome.reference == "0100-1")
    }

    @Test func `a simple message is written as such`() throws {
        var email = Email(to: [Mailbox(email: "a@bücher.example", name: "Ann")], subject: "Grüße")
        email.cc = [Mailbox(email: "c@example.com")]
        email.bcc = [Mailbox(email: "b@example.com")]
        email.text = "hi 👋"
        email.from = Mailbox(email: "shop@example.com", name: "Läden, GmbH")
        email.replyTo = Mailbox(email: "help@example.com")
        email.headers = [.init(name: "X-Order", value: "7"), .init(name: "Subject", value: "forged")]
        email.tracking = .init(opens: false, clicks: true)
        email.unsubscribeURL = "https://example.com/u?x=1"
        email.attachments = [.init(filename: "ü.txt", contentType: "text/plain", base64: "aGk=", inlineID: "pic")]
        let json = try Fixture.ses.request(for: Fixture.context(email, tags: ["welcome", "b-2"])).json

        #expect(json["FromEmailAddress"]?.string == "=?UTF-8?B?TMOkZGVuLCBHbWJI?= <shop@example.com>")
        #expect(
            json["Destination"] == [
                "ToAddresses": ["Ann <a@xn--bcher-kva.example>"], "CcAddresses": ["c@example.com"],
                "BccAddresses": ["b@example.com"],
            ])
        #expect(json["ReplyToAddresses"] == ["help@example.com"])
        #expect(json.at("Content.Simple.Subject") == ["Data": "Grüße", "Charset": "UTF-8"])
        #expect(json.at("Content.Simple.Body") == ["Text": ["Data": "hi 👋", "Charset": "UTF-8"]])
        #expect(
            json.at("Content.Simple.Headers") == [
                ["Name": "X-Order", "Value": "7"],
                ["Name": "List-Unsubscribe", "Value": "<https://example.com/u?x=1>"],
                ["Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"],
            ])
        #expect(
            json.at("Content.Simple.Attachments.0") == [
                "RawContent": "aGk=", "FileName": "ü.txt", "ContentType": "text/plain", "ContentDisposition": "INLINE",
                "ContentId": "pic", "ContentTransferEncoding": "BASE64",
            ])
        #expect(
            json["EmailTags"] == [
                ["Name": "waypost_message", "Value": .string("\(Fixture.id)")],
                ["Name": "waypost_attempt", "Value": .string("\(Fixture.attempt)")],
                ["Name": "tag_1", "Value": "welcome"], ["Name": "tag_2", "Value": "b-2"],
            ])
        #expect(json["ConfigurationSetName"] == "waypost")
        #expect(
            json["ConfigurationOverrides"] == [
                "Tracking": ["OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "ENABLED"]
            ])
    }

    @Test func `nothing is overridden unless it was asked for`() throws {
        let json = try Fixture.ses.request(for: Fixture.context(Fixture.email(to: "a@example.com"))).json
        #expect(json["ConfigurationOverrides"] == nil)
        #expect(json["ReplyToAddresses"] == nil)
    }

    @Test func `what Simple cannot say goes as Raw`() throws {
        var many = Fixture.email(to: "a@example.com")
        many.headers = (0..<16).map { .init(name: "X-\($0)", value: "v") }
        var foreign = Fixture.email(to: "a@example.com")
        foreign.headers = [.init(name: "X-Name", value: "Ünï")]
        foreign.bcc = [Mailbox(email: "secret@example.com")]
        for email in [many, foreign] {
            let json = try Fixture.ses.request(for: Fixture.context(email)).json
            #expect(json.at("Content.Simple") == nil)
            let data = try #require(json.at("Content.Raw.Data")?.string)
            #expect(try #require(data.isEmpty ? nil : data).count > 100)
            #expect(json.at("Destination.ToAddresses.0") == "a@example.com")
        }
        #expect(
            try Fixture.ses.request(for: Fixture.context(foreign)).json.at("Destination.BccAddresses.0")
                == "secret@example.com")
    }

    @Test func `closed deliveries are left out`() throws {
        var email = Fixture.email(to: "a@example.com", "b@example.com")
        email.cc = [Mailbox(email: "c@example.com")]
        let json = try Fixture.ses.request(for: Fixture.context(email, without: ["a@example.com", "b@example.com"]))
            .json
        #expect(json["Destination"] == ["CcAddresses": ["c@example.com"]])
    }

    @Test func `it objects to what SES cannot carry`() {
        func objection(_ change: (inout Email) -> Void) -> String? {
            var email = Fixture.email(to: "a@example.com")
            change(&email)
            return Fixture.ses.objection(to: Fixture.message(email), for: [])
        }
        #expect(objection { _ in } == nil)
        #expect(objection { $0.to[0].email = "jürgen@example.com" } != nil)
        #expect(objection { $0.to[0].email = "a@bücher.example" } == nil)
        #expect(objection { $0.from = Mailbox(email: "ü@example.com") } != nil)
        #expect(objection { $0.to = (0..<51).map { Mailbox(email: "a\($0)@example.com") } } != nil)
        #expect(
            objection {
                $0.attachments = [
                    .init(filename: "a", contentType: "a/b", base64: String(repeating: "AAAA", count: 10_000_000))
                ]
            } != nil)
    }

    @Test func `the region decides the endpoint`() {
        let abroad = SES.Settings(
            region: "cn-north-1", accessKeyID: "A", secretAccessKey: .init("s"), from: Fixture.sender)
        #expect(abroad.baseURL == "https://email.cn-north-1.amazonaws.com.cn")
        #expect(
            Fixture.ses.healthCheck(at: Fixture.now)?.http?.target
                == "https://email.eu-west-1.amazonaws.com/v2/email/account")
    }
}
