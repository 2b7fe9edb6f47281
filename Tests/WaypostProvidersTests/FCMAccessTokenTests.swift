import Synchronization
import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostTesting

@testable import WaypostProviders

@Suite struct FCMAccessTokenTests {
    /// What those who waited were told.
    private final class Told: Sendable {
        private let list = Mutex<[Failure?]>([])
        var all: [Failure?] { list.withLock { $0 } }
        func note(_ failure: Failure?) { list.withLock { $0.append(failure) } }
    }

    private let token: FCMAccessToken
    private let told = Told()

    init() throws { token = FCMAccessToken(try PushFixture.fcmSettings()) }

    private func ask(_ transport: ScriptedTransport, at seconds: Int = 0) {
        token.ready(
            over: transport, pool: "fcm", settings: TransferSettings(), at: Fixture.now + .seconds(seconds),
            then: told.note)
    }

    @Test func `the request is Google's example, byte for byte`() throws {
        let expected = try #require(Fixture.vectors("google-rs256-assertion")["token_request"])
        let request = try #require(token.tokenRequest(at: Timestamp(milliseconds: 1_760_000_000_999)).http)
        #expect(request.method == expected["method"]?.string)
        #expect(request.target == expected["url"]?.string)
        #expect(request.headers["Content-Type"] == expected.at("headers.content-type")?.string)
        #expect(String(decoding: request.body, as: UTF8.self) == expected["body"]?.string)
    }

    @Test func `many wait for one fetch over the provider's own pool`() throws {
        let transport = ScriptedTransport { _ in nil }
        for _ in 0..<500 { ask(transport) }
        #expect(told.all.isEmpty)
        #expect(transport.exchanges.count == 1)
        #expect(transport.exchanges[0].pool == "fcm")
        transport.settle(0, with: .success(PushFixture.grant()))
        #expect(told.all.count == 500 && told.all.allSatisfy { $0 == nil })
        #expect(token.current?.value == PushFixture.accessToken)
        ask(transport, at: 1)
        #expect(told.all.count == 501)
        #expect(transport.exchanges.count == 1)
    }

    @Test func `threads that ask at once share one fetch`() async {
        let transport = ScriptedTransport { _ in nil }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<50 { ask(transport) } } }
        }
        #expect(transport.exchanges.count == 1)
        transport.settle(0, with: .success(PushFixture.grant()))
        #expect(told.all.count == 400)
    }

    @Test func `the old one serves while the next is fetched`() {
        let transport = ScriptedTransport { _ in nil }
        ask(transport)
        transport.settle(0, with: .success(PushFixture.grant("one")))
        for _ in 0..<10 { ask(transport, at: 2700) }
        #expect(told.all.count == 11)
        #expect(transport.exchanges.count == 2)
        #expect(token.current?.value == "one")
        transport.settle(1, with: .success(Fixture.response(503)))
        #expect(token.current?.value == "one")
        ask(transport, at: 2800)
        transport.settle(2, with: .success(PushFixture.grant("two")))
        #expect(token.current?.value == "two")
        #expect(told.all.allSatisfy { $0 == nil })
    }

    @Test func `a refused token is replaced once`() {
        let transport = ScriptedTransport { _ in nil }
        ask(transport)
        transport.settle(0, with: .success(PushFixture.grant("one")))
        for _ in 0..<10 { token.reject(at: Fixture.now + .seconds(1)) }
        for _ in 0..<10 { ask(transport, at: 1) }
        #expect(transport.exchanges.count == 2)
        #expect(told.all.count == 1)
        transport.settle(1, with: .success(PushFixture.grant("two")))
        #expect(told.all.count == 11)
        token.reject(at: Fixture.now + .seconds(2))
        ask(transport, at: 2)
        #expect(transport.exchanges.count == 2)
    }

    @Test func `a failed fetch is told to all who waited, and the next is asked for anew`() {
        let transport = ScriptedTransport { _ in nil }
        for _ in 0..<3 { ask(transport) }
        transport.settle(
            0, with: .failure(TransportError(departure: .mayHaveArrived, timedOut: true, detail: "time is up")))
        #expect(told.all == [Failure?](repeating: Failure(.unavailable, "no access token: time is up"), count: 3))
        ask(transport)
        #expect(transport.exchanges.count == 2)
    }

    // MARK: Answers

    private func grant(_ reply: TransportReply) throws -> Failure {
        switch FCMGrant.read(.success(reply)) {
        case .success(let grant): throw Failure(.ambiguous, "granted: \(grant)")
        case .failure(let failure): return failure
        }
    }

    private static let answerCount = 9

    @Test(arguments: 0..<answerCount)
    func `every answer of the file is what the file says`(index: Int) throws {
        let answers = try Fixture.vectors("google-rs256-assertion")["token_responses"]
        #expect(answers?.array?.count == Self.answerCount)
        let item = try #require(answers?[index])
        let expected = try #require(item["expect"]?.string)
        if item["http"] == 200 {
            let grant = try FCMGrant.read(.success(item.reply)).get()
            #expect(grant.lifetime == .seconds(3599))
            return
        }
        let failure = try grant(item.reply)
        #expect(failure.kind == (expected.hasPrefix("auth_broken") ? .misconfigured : .unavailable))
        #expect(failure.providerCode == item.at("body.error")?.string)
        if failure.kind == .misconfigured { #expect(failure.scope == .account) }
    }

    @Test(arguments: [
        (400, #"{"error":"internal_failure"}"#, Failure.Kind.unavailable), (408, "", .unavailable),
        (429, "", .unavailable), (500, "", .unavailable), (504, "<html>", .unavailable), (302, "", .unavailable),
        (400, #"{"error":"server_error"}"#, .unavailable), (404, "<html>", .misconfigured),
        (403, "{}", .misconfigured), (200, "<html>", .unavailable), (200, "{}", .unavailable),
        (200, #"{"access_token":""}"#, .unavailable), (200, #"{"access_token":"a\r\nb: c"}"#, .unavailable),
        (200, #"{"access_token":"a","expires_in":0}"#, .unavailable),
        (200, #"{"access_token":"a","expires_in":-1}"#, .unavailable), (204, "", .unavailable),
    ])
    func `other answers are told apart`(status: Int, body: String, kind: Failure.Kind) throws {
        #expect(try grant(Fixture.response(status, HTTPHeaders(), body)).kind == kind)
    }

    @Test func `the answer's words are told without what they should not say`() throws {
        let body: JSONValue = [
            "error": "invalid_grant",
            "error_description": .string("assertion \(String(repeating: "eyJh", count: 40)) of a@example.com\nis bad"),
        ]
        let failure = try grant(.http(HTTPResponse(status: 400, body: body.bytes)))
        #expect(
            failure.detail
                == "the token endpoint answered 400 invalid_grant: assertion <token> of <address> is bad")
    }
}
