import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostTesting

@testable import WaypostProviders

/// What MessageBird's answers mean, and the promises of every adapter.
@Suite struct MessageBirdTests {
    static let accepted = Fixture.response(201, HTTPHeaders(), #"{"id":"5e1f","recipients":{"totalSentCount":1}}"#)

    static func error(
        _ code: Int, _ status: Int = 422, _ words: String = "no", parameter: String? = nil,
        _ headers: HTTPHeaders = .init()
    ) -> TransportReply {
        let body: JSONValue = [
            "errors": [
                [
                    "code": .integer(Int64(code)), "description": .string(words),
                    "parameter": parameter.map(JSONValue.string) ?? .null,
                ]
            ]
        ]
        return .http(HTTPResponse(status: status, headers: headers, body: body.bytes))
    }

    private func failure(_ reply: TransportReply) throws -> Failure {
        try #require(Fixture.messageBird().result(of: reply, for: Fixture.context(Fixture.sms())).outcome.failure)
    }

    private static func taxonomy() throws -> [ProviderContract.Case] {
        try #require(Fixture.vectors("error_taxonomy")["messagebird_errors"]?.array).flatMap {
            row -> [ProviderContract.Case] in
            let kind = try #require(Failure.Kind(taxonomy: row["class"]?.string))
            let breaker = try #require(BreakerEffect(taxonomy: row["breaker"]?.string))
            if let code = row["code"]?.integer.map({ Int($0) }) {
                let voice = #"{"data":null,"errors":[{"code":\#(code),"message":"no"}]}"#
                return [
                    .init("\(code)", error(code), kind, breaker: breaker),
                    .init("\(code) as 200", error(code, 200), kind, breaker: breaker),
                    .init("\(code) by voice", Fixture.response(400, HTTPHeaders(), voice), kind, breaker: breaker),
                ]
            }
            let status = try #require(row["code"]?.string).dropFirst("HTTP ".count)
            return (status == "5xx" ? [500, 502, 504] : [Int(status) ?? 0]).flatMap { status in
                [
                    ProviderContract.Case("HTTP \(status)", Fixture.response(status), kind, breaker: breaker),
                    .init("HTTP \(status), unknown code", error(1234, status), kind, breaker: breaker),
                ]
            }
        }
    }

    private static let more: [ProviderContract.Case] = [
        .init("9 recipient", error(9, parameter: "recipient"), .refusedRecipient, breaker: BreakerEffect.none),
        .init("9 recipients", error(9, parameter: "recipients"), .refusedRecipient, breaker: BreakerEffect.none),
        .init("9 body", error(9, parameter: "body"), .refusedMessage, breaker: BreakerEffect.none),
        .init("10 originator", error(10, parameter: "originator"), .unsuitable, breaker: BreakerEffect.none),
        .init("10 body", error(10, parameter: "body"), .refusedMessage, breaker: BreakerEffect.none),
        .init("9 as 500", error(9, 500, parameter: "recipient"), .ambiguous, breaker: .failure),
        .init("2 as 429", error(2, 429), .throttled, breaker: BreakerEffect.none),
        .init("401", Fixture.response(401), .misconfigured, breaker: .open),
        .init("503", Fixture.response(503), .unavailable, breaker: .failure),
        .init("unknown", error(1234, 400), .refusedMessage, breaker: BreakerEffect.none),
        .init("unknown as 200", error(1234, 200), .ambiguous, breaker: .failure),
        .init("201", accepted, nil),
        .init("200", Fixture.response(200, HTTPHeaders(), #"{"id":"a"}"#), nil),
        .init("202", Fixture.response(202, HTTPHeaders(), #"{"id":"a","status":"accepted"}"#), nil),
        .init("a call", Fixture.response(201, HTTPHeaders(), #"{"data":[{"id":"c1","status":"starting"}]}"#), nil),
    ]

    private static let samples: [ProviderContract.Sample] = [.sms, .whatsapp, .voice]

    @Test(arguments: ProviderContract.Clause.allCases, samples.indices)
    func `it keeps the contract`(clause: ProviderContract.Clause, sample: Int) throws {
        func balance(_ payment: String, _ amount: String) -> TransportReply {
            Fixture.response(
                200, HTTPHeaders(), #"{"payment":"\#(payment)","type":"credits","amount":\#(amount)}"#)
        }
        let contract = ProviderContract(
            provider: try Fixture.messageBird(), sample: Self.samples[sample], secrets: [Fixture.accessKey],
            cases: try Self.taxonomy() + Self.more, healthy: balance("postpaid", "0"),
            ailing: [
                Self.error(2, 401), Fixture.response(503), Fixture.response(200, HTTPHeaders(), "<html>"),
                Self.error(25, 200), balance("prepaid", "0"), balance("prepaid", "-0.5"), Fixture.response(401),
            ],
            echo: { words in Self.error(9, 422, words) },
            texts: { $0.json.strings })
        #expect(contract.violations(of: clause) == [])
        #expect(try Fixture.messageBird().ailment(in: balance("prepaid", "9.2")) == nil)
        #expect(try Fixture.messageBird().ailment(in: balance("prepaid", "9")) == nil)
    }

    @Test func `its id is the reference`() throws {
        let bird = try Fixture.messageBird()
        let context = Fixture.context(Fixture.sms())
        #expect(bird.result(of: Self.accepted, for: context).outcome.reference == "5e1f")
        let call = Fixture.response(200, HTTPHeaders(), #"{"data":[{"id":"c1"}]}"#)
        #expect(bird.result(of: call, for: context).outcome.reference == "c1")
    }

    @Test(arguments: [#"{"id":""}"#, #"{"id":null}"#, "{}", "", "<html>", #"{"data":[]}"#, #"{"errors":[]}"#, "[]"])
    func `a success that cannot be read is none`(body: String) throws {
        #expect(try failure(Fixture.response(201, HTTPHeaders(), body)).kind == .ambiguous)
    }

    @Test func `the recipient is refused only where nothing else is wrong`() throws {
        let both = """
            {"errors":[{"code":9,"description":"no (correct) recipients found","parameter":"recipient"},
            {"code":9,"description":"body is missing","parameter":"body"}]}
            """
        let failure = try failure(Fixture.response(422, HTTPHeaders(), both))
        #expect(failure.kind == .refusedMessage)
        #expect(
            failure.detail
                == "MessageBird answered 422 with code 9: no (correct) recipients found; body is missing")
        let alone = try self.failure(Self.error(9, parameter: "recipient"))
        #expect(alone.scope == .endpoint && alone.providerCode == "9" && alone.suppression == .invalidAddress)
        #expect(try self.failure(Self.error(25)).scope == .account)
    }

    @Test func `a rest that was asked for is kept`() throws {
        let headers = HTTPHeaders(["Retry-After": "7"])
        #expect(try failure(Fixture.response(429, headers)).resumeAt == Fixture.now + .seconds(7))
        #expect(try failure(Self.error(1, 429, "slow", headers)).resumeAt == Fixture.now + .seconds(7))
        #expect(try failure(Fixture.response(429)).resumeAt == nil)
    }

    @Test func `what ails it is told in its own words`() throws {
        #expect(
            try Fixture.messageBird().ailment(in: Self.error(2, 401, "wrong access_key \(Fixture.accessKey)"))
                == "MessageBird answered 401 with code 2: wrong access_key ***")
        let request = try #require(try Fixture.messageBird().healthCheck(at: Fixture.now)?.http)
        #expect(request.method == "GET" && request.target == "http://127.0.0.1:1/balance")
        #expect(request.headers["Authorization"] == "AccessKey \(Fixture.accessKey)")
    }
}
