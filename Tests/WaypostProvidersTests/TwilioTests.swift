import Testing
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON
import WaypostTesting

@testable import WaypostProviders

/// What Twilio's answers mean, and the promises of every adapter.
@Suite struct TwilioTests {
    static let accepted = Fixture.response(
        201, HTTPHeaders(["Content-Type": "application/json"]),
        #"{"sid":"SM1","status":"queued","error_code":null,"error_message":null,"num_segments":"1"}"#)

    static func error(_ code: Int?, _ status: Int = 400, _ message: String = "no", _ headers: HTTPHeaders = .init())
        -> TransportReply
    {
        let body: JSONValue = [
            "code": code.map { .integer(Int64($0)) } ?? .null, "message": .string(message),
            "status": .integer(Int64(status)),
            "more_info": .string("https://www.twilio.com/docs/errors/\(code ?? 0)"),
        ]
        return .http(HTTPResponse(status: status, headers: headers, body: body.bytes))
    }

    private func result(_ reply: TransportReply, _ content: Content = Fixture.sms()) -> ExchangeResult {
        Fixture.twilio().result(of: reply, for: Fixture.context(content))
    }

    private func failure(_ reply: TransportReply, _ content: Content = Fixture.sms()) throws -> Failure {
        try #require(result(reply, content).outcome.failure)
    }

    /// Each code as the answer to a send, and as the state of a message that was made and had failed already.
    private static func taxonomy() throws -> [ProviderContract.Case] {
        try #require(Fixture.vectors("error_taxonomy")["twilio"]?.array).flatMap { row -> [ProviderContract.Case] in
            let code = Int(try #require(row["code"]?.integer))
            guard let kind = Failure.Kind(taxonomy: row["class"]?.string) else {
                let noted = #"{"sid":"SM1","status":"sent","error_code":\#(code)}"#
                return [.init("\(code), noted", Fixture.response(201, HTTPHeaders(), noted), nil)]
            }
            let breaker = try #require(BreakerEffect(taxonomy: row["breaker"]?.string))
            let failed = #"{"sid":"SM1","status":"failed","error_code":\#(code),"error_message":"no"}"#
            return [
                .init("\(code)", error(code), kind, breaker: breaker),
                .init("\(code), failed at once", Fixture.response(201, HTTPHeaders(), failed), kind, breaker: breaker),
                .init(
                    "\(code) as text",
                    Fixture.response(400, HTTPHeaders(), #"{"code":"\#(code)","message":"no"}"#), kind,
                    breaker: breaker),
            ]
        }
    }

    private static let statuses: [ProviderContract.Case] = [
        .init("401", Fixture.response(401), .misconfigured, breaker: .open),
        .init("403", Fixture.response(403), .misconfigured, breaker: .open),
        .init("404", Fixture.response(404), .refusedMessage, breaker: BreakerEffect.none),
        .init("429", Fixture.response(429), .throttled, breaker: BreakerEffect.none),
        .init("500", Fixture.response(500), .ambiguous, breaker: .failure),
        .init("502", Fixture.response(502, HTTPHeaders(), "<html>"), .ambiguous, breaker: .failure),
        .init("503", Fixture.response(503), .unavailable, breaker: .failure),
        .init("400, unknown code", error(12345), .refusedMessage, breaker: BreakerEffect.none),
        .init("500, unknown code", error(20500, 500), .ambiguous, breaker: .failure),
        .init("201", accepted, nil), .init("200", Fixture.response(200, HTTPHeaders(), #"{"sid":"CA1"}"#), nil),
    ]

    private static let samples: [ProviderContract.Sample] = [.sms, .whatsapp, .voice]

    @Test(arguments: ProviderContract.Clause.allCases, samples.indices)
    func `it keeps the contract`(clause: ProviderContract.Clause, sample: Int) throws {
        let active = #"{"sid":"AC1","status":"active","auth_token":"\#(Fixture.authToken)"}"#
        let contract = ProviderContract(
            provider: Fixture.twilio { $0.apiKey = nil }, sample: Self.samples[sample],
            secrets: [
                Fixture.authToken, Base64.encode(Array("\(Fixture.accountSID):\(Fixture.authToken)".utf8)),
            ],
            cases: try Self.taxonomy() + Self.statuses, healthy: Fixture.response(200, HTTPHeaders(), active),
            ailing: [
                Self.error(20003, 401), Fixture.response(503), Fixture.response(200, HTTPHeaders(), "<html>"),
                Fixture.response(200, HTTPHeaders(), active.replacing("active", with: "suspended")),
                Fixture.response(200, HTTPHeaders(), active.replacing("active", with: "closed")),
                Fixture.response(200, HTTPHeaders(), #"{"messages":[]}"#),
            ],
            echo: { words in Self.error(21211, 400, words) },
            texts: { request in
                request.form.map { pair in
                    pair.hasPrefix("Twiml=")
                        ? pair.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
                            .replacing("&amp;", with: "&")
                        : pair
                }
            })
        #expect(contract.violations(of: clause) == [])
    }

    @Test func `with an API key the contract holds for its secret`() {
        let provider = Fixture.twilio { $0.apiKey = .init(sid: "SK1", secret: Secret(Fixture.keySecret)) }
        for text in [Fixture.keySecret, Fixture.authToken, Base64.encode(Array("SK1:\(Fixture.keySecret)".utf8))] {
            let detail = provider.result(of: Self.error(1, 400, "key \(text)"), for: Fixture.context(Fixture.sms()))
                .detail
            #expect(detail == "Twilio answered 400 with code 1: key ***")
        }
        var dumped = ""
        dump(provider, to: &dumped)
        #expect(!dumped.contains(Fixture.keySecret) && !dumped.contains(Fixture.authToken))
    }

    @Test func `the sid is the reference`() {
        #expect(result(Self.accepted) == ExchangeResult(.accepted(reference: "SM1"), httpStatus: 201))
    }

    @Test(arguments: [#"{"sid":""}"#, #"{"sid":null}"#, "{}", "", "<html>", #"{"sid":"SM1""#, "[]"])
    func `a success that cannot be read is none`(body: String) throws {
        #expect(try failure(Fixture.response(201, HTTPHeaders(), body)).kind == .ambiguous)
    }

    @Test func `a message that failed at once is judged by its code, else goes elsewhere`() throws {
        let optedOut = #"{"sid":"SM1","status":"failed","error_code":21610,"error_message":"STOP by +31612345678"}"#
        let failure = try failure(Fixture.response(201, HTTPHeaders(), optedOut))
        #expect(failure.kind == .refusedRecipient && failure.scope == .endpoint && failure.providerCode == "21610")
        #expect(failure.detail == "Twilio made it failed with code 21610: STOP by <number>")
        let silent = try self.failure(Fixture.response(201, HTTPHeaders(), #"{"sid":"SM1","status":"undelivered"}"#))
        #expect(silent.kind == .unavailable && silent.breaker == BreakerEffect.none)
    }

    @Test func `scopes reach as far as the trouble`() throws {
        #expect(try failure(Self.error(20003, 401)).scope == .account)
        #expect(try failure(Self.error(30002)).scope == .account)
        #expect(try failure(Self.error(63051)).scope == .provider)
        #expect(try failure(Self.error(21211)).scope == .endpoint)
        #expect(try failure(Self.error(20429, 429)).scope == .provider)
        #expect(try failure(Self.error(21611)).scope == .provider)
    }

    @Test func `a rest that was asked for is kept`() throws {
        let asked = try failure(Self.error(20429, 429, "slow", HTTPHeaders(["Retry-After": "7"])))
        #expect(asked.kind == .throttled && asked.resumeAt == Fixture.now + .seconds(7))
        #expect(
            try failure(Fixture.response(429, HTTPHeaders(["Retry-After": "9"]))).resumeAt == Fixture.now + .seconds(9))
        #expect(try failure(Self.error(20429, 429)).resumeAt == nil)
    }

    @Test func `a refusal says why the number is left alone`() throws {
        for row in try #require(Fixture.vectors("error_taxonomy")["twilio"]?.array) {
            let reason: Suppression.Reason? =
                switch row["class"] {
                case "opt_out": .optOut
                case "suppress_recipient": .invalidAddress
                default: nil
                }
            let code = Int(try #require(row["code"]?.integer))
            #expect(try failure(Self.error(code)).suppression == reason, "\(code)")
        }
    }

    @Test func `a message to its own sender is the message's fault`() throws {
        let own = Fixture.sms { $0.from = Fixture.number.text }
        #expect(try failure(Self.error(21211), own).kind == .refusedMessage)
        #expect(try failure(Self.error(21211)).kind == .refusedRecipient)
    }

    @Test func `the answer about the account shows nothing but its status`() {
        let body = #"{"status":"suspended","auth_token":"another-token","friendly_name":"Ann"}"#
        let ailment = Fixture.twilio().ailment(in: Fixture.response(200, HTTPHeaders(), body))
        #expect(ailment == "the account is suspended")
        #expect(
            Fixture.twilio().ailment(in: Self.error(20003, 401, "Authenticate"))
                == "Twilio answered 401 with code 20003: Authenticate")
    }

    @Test func `an API key asks for the last message, since it may not see the account`() throws {
        let plain = try #require(Fixture.twilio().healthCheck(at: Fixture.now)?.http)
        #expect(plain.method == "GET")
        #expect(plain.target == "http://127.0.0.1:1/2010-04-01/Accounts/\(Fixture.accountSID).json")
        let keyed = Fixture.twilio { $0.apiKey = .init(sid: "SK1", secret: Secret(Fixture.keySecret)) }
        let request = try #require(keyed.healthCheck(at: Fixture.now)?.http)
        #expect(
            request.target == "http://127.0.0.1:1/2010-04-01/Accounts/\(Fixture.accountSID)/Messages.json?PageSize=1")
        #expect(keyed.ailment(in: Fixture.response(200, HTTPHeaders(), #"{"messages":[]}"#)) == nil)
        #expect(keyed.ailment(in: Fixture.response(200, HTTPHeaders(), "{}")) != nil)
        #expect(keyed.ailment(in: Self.error(20003, 401)) != nil)
    }
}
