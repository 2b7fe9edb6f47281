import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostTesting

@testable import WaypostProviders

@Suite struct APNsTests {
    private static let id = "eabeae54-14a8-11e5-b60b-1697f925ec7b"
    private static let deadSince: Int64 = 1_760_000_000_000
    private static let caseCount = 33

    private func result(_ reply: TransportReply, registeredAt: Int64? = nil) throws -> ExchangeResult {
        var device = PushFixture.device
        device.registeredAt = registeredAt.map(Timestamp.init(milliseconds:))
        let push = PushFixture.push { $0.targets = [.device(device)] }
        return try PushFixture.apns().result(of: reply, for: PushFixture.context(push))
    }

    private static func answer(_ status: Int, _ reason: String) -> TransportReply {
        Fixture.response(status, HTTPHeaders(), #"{"reason":"\#(reason)"}"#)
    }

    @Test(arguments: ProviderContract.Clause.allCases)
    func `it keeps the contract`(clause: ProviderContract.Clause) throws {
        var contract = ProviderContract(
            provider: try PushFixture.apns(), secrets: ["RUWmFIhGtYaUvsSR", "PRIVATE KEY"],
            cases: [.init("200", Fixture.response(200, HTTPHeaders(["apns-id": Self.id])), nil)],
            healthy: nil, ailing: [Fixture.response(503)],
            echo: { words in
                let body: JSONValue = ["reason": .string(words)]
                return .http(HTTPResponse(status: 400, body: body.bytes))
            },
            texts: { request in request.json.strings + [request.http?.target ?? ""] })
        contract.sample = .init(
            .push(PushFixture.hardPush), texts: PushFixture.hardTexts + [PushFixture.apnsToken],
            addresses: [PushFixture.apnsToken])
        #expect(contract.violations(of: clause) == [])
    }

    @Test func `a dump shows neither key nor token`() throws {
        let apns = try PushFixture.apns()
        _ = try apns.request(for: PushFixture.context())
        var dumped = ""
        dump(apns, to: &dumped)
        for secret in ["RUWmFIhGtYaUvsSR", "PRIVATE KEY", "eyJ"] { #expect(!dumped.contains(secret)) }
    }

    @Test func `an adapter that takes another's place keeps the provider token of the same key`() throws {
        let old = try PushFixture.apns()
        func token(_ apns: any Provider) throws -> String? {
            try apns.request(for: PushFixture.context()).http?.headers["authorization"]
        }
        var settings = APNs.Settings(
            teamID: "DEF123GHIJ", keyID: "ABC123DEFG", key: try PushFixture.apnsKey(), topic: "com.example.other")
        func new() -> any Provider {
            ProviderCatalog.make(ProviderSettings(name: "apns", maker: .apns(settings)), replacing: old)
        }
        #expect(try token(old) == token(new()))
        settings.keyID = "OTHER67890"
        #expect(try token(old) != token(new()))
    }

    // MARK: Answers

    @Test func `all cases of the file are tried`() throws {
        #expect(try Fixture.vectors("apns-errors")["cases"]?.array?.count == Self.caseCount)
    }

    @Test(arguments: 0..<caseCount)
    func `every reason of the file is what the file says`(index: Int) throws {
        try expect(try #require(Fixture.vectors("apns-errors")["cases"]?[index]))
    }

    @Test(arguments: 0..<3)
    func `odd answers of the file are what the file says`(index: Int) throws {
        try expect(try #require(Fixture.vectors("apns-errors")["odd"]?[index]))
    }

    private func expect(_ item: JSONValue) throws {
        let expected = try #require(item["expect"])
        let name = item.at("body.reason")?.string ?? "no reason"
        let reply = try item.reply
        let failure = try #require(try result(reply).outcome.failure)
        let repetition = try PushFixture.apns().repetition(after: reply)
        if expected["refresh_credential"] == true {  // the second time it is the clock's fault
            #expect(repetition == .newCredential)
            #expect(failure.kind == .misconfigured && failure.breaker == .open)
            return
        }
        let isConnection = expected["class"] == "retry_same" && expected["close_connection"] == true
        #expect(repetition == (isConnection ? .newConnection : nil), "\(name)")
        #expect(failure.kind == Failure.Kind(taxonomy: expected["class"]?.string), "\(name)")
        #expect(failure.breaker == BreakerEffect(taxonomy: expected["breaker"]?.string), "\(name)")
        #expect((failure.kind == .refusedRecipient) == (expected["remove_endpoint"] != "no"), "\(name)")
        if failure.kind == .refusedRecipient || expected["throttle_scope"] == "endpoint" {
            #expect(failure.scope == .endpoint, "\(name)")
        }
        if let wait = expected["wait_s"]?.integer {
            #expect(failure.resumeAt == Fixture.now + .seconds(wait), "\(name)")
        }
        #expect(failure.providerCode == item.at("body.reason")?.string)
    }

    @Test(arguments: 0..<3)
    func `a dead token that was registered again afterwards is kept`(index: Int) throws {
        let item = try #require(Fixture.vectors("apns-errors")["timestamp_rule"]?[index])
        let timestamp = try #require(item["timestamp_ms"]?.integer)
        let reply = Fixture.response(410, HTTPHeaders(), #"{"reason":"Unregistered","timestamp":\#(timestamp)}"#)
        let failure = try #require(
            try result(reply, registeredAt: try #require(item["registered_at_ms"]?.integer)).outcome.failure)
        #expect(failure.scope == .endpoint)
        if item["expect"] == "remove" {
            #expect(failure.kind == .refusedRecipient)
        } else {
            #expect(failure.kind == .unavailable && failure.breaker == BreakerEffect.none)
        }
    }

    @Test func `a dead token without a time is dead, whenever it was registered`() throws {
        #expect(
            try result(Self.answer(410, "Unregistered"), registeredAt: Self.deadSince).outcome.failure?.kind
                == .refusedRecipient)
        let bare = try result(Fixture.response(410), registeredAt: Self.deadSince).outcome.failure
        #expect(bare?.kind == .refusedRecipient)
        #expect(bare?.providerCode == "410")
    }

    @Test func `a 200 is accepted under its id`() throws {
        let success = try #require(Fixture.vectors("apns-errors")["success"])
        #expect(try result(success.reply).outcome == .accepted(reference: Self.id))
        #expect(try result(Fixture.response(200)).outcome == .accepted(reference: nil))
        #expect(try PushFixture.apns().repetition(after: Fixture.response(200)) == nil)
    }

    @Test(arguments: [
        (403, Failure.Kind.misconfigured), (429, .throttled), (500, .unavailable), (502, .unavailable),
        (504, .unavailable), (404, .refusedMessage), (413, .refusedMessage), (302, .unavailable), (204, .ambiguous),
        (408, .ambiguous), (0, .ambiguous),
    ])
    func `a reason that nobody knows goes by the status`(status: Int, kind: Failure.Kind) throws {
        for reply in [Self.answer(status, "SomethingNew"), Fixture.response(status, HTTPHeaders(), "<html>")] {
            #expect(try result(reply).outcome.failure?.kind == kind)
        }
    }

    @Test func `a reason that is no word is not passed on`() throws {
        let failure = try result(Self.answer(400, "token \(PushFixture.apnsToken)")).outcome.failure
        #expect(failure?.detail == "APNs answered 400 without a reason")
        #expect(failure?.providerCode == nil)
    }
}
