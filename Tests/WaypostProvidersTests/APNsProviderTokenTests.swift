import Synchronization
import Testing
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON
import WaypostTesting

@testable import WaypostProviders

@Suite struct APNsProviderTokenTests {
    private let token: APNsProviderToken

    init() throws {
        token = APNsProviderToken(teamID: "DEF123GHIJ", keyID: "ABC123DEFG", key: try PushFixture.apnsKey())
    }

    private func token(_ minutes: Int, seconds: Int = 0) -> String {
        token.token(at: Fixture.now + .seconds(minutes * 60 + seconds))
    }

    private func part(_ index: Int, of token: String) throws -> JSONValue {
        let parts = token.split(separator: ".")
        return try JSONValue(parsing: try #require(Base64URL.decode(String(parts[index]))))
    }

    @Test func `it says who we are and since when, and nothing else`() throws {
        let text = token(0)
        #expect(try part(0, of: text) == ["alg": "ES256", "kid": "ABC123DEFG"])
        #expect(try part(1, of: text) == ["iss": "DEF123GHIJ", "iat": 1_736_942_400])
        let file = try Fixture.vectors("apns-es256-jwt")
        let publicKey = try VerifyingKey(pem: #require(file["public_key_pem"]?.string), algorithm: .es256)
        #expect(JSONWebToken.isValid(text, for: publicKey))
        let published = token.token(at: Timestamp(milliseconds: 1_760_000_000_000))
        #expect(published.hasPrefix(try #require(file["signing_input"]?.string) + "."))
    }

    @Test func `it serves for 50 minutes`() {
        let first = token(0)
        #expect(token(49, seconds: 59) == first)
        let second = token(50)
        #expect(second != first)
        #expect(token(99, seconds: 59) == second)
    }

    @Test func `a refused one is replaced only after 20 minutes`() {
        let first = token(0)
        token.reject(at: Fixture.now + .seconds(20 * 60 - 1))
        #expect(token(20) == first)
        token.reject(at: Fixture.now + .seconds(20 * 60))
        #expect(token(20) != first)
    }

    @Test func `a clock that was set back makes a new one`() {
        let first = token(0)
        #expect(token(-1) == first)
        let second = token(-2)
        #expect(second != first)
        #expect(token(-2, seconds: 10) == second)
        token.reject(at: Fixture.now - .seconds(300))
        #expect(token(-2) != second)
    }

    @Test func `it is always at hand, and asks nobody`() {
        let transport = ScriptedTransport(answering: .success(Fixture.response(500)))
        let told = Mutex<[Failure?]>([])
        token.ready(over: transport, pool: "apns", settings: TransferSettings(), at: Fixture.now) { failure in
            told.withLock { $0.append(failure) }
        }
        #expect(told.withLock { $0 } == [nil])
        #expect(transport.exchanges.isEmpty)
    }

    @Test func `many threads share one`() async {
        let texts = await withTaskGroup(of: String.self, returning: Set<String>.self) { group in
            for _ in 0..<8 { group.addTask { token(0) } }
            return await group.reduce(into: []) { $0.insert($1) }
        }
        #expect(texts.count == 1)
    }
}
