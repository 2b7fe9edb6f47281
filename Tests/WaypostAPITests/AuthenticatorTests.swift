import Testing
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostPolicy
import WaypostTesting

@testable import WaypostAPI

@Suite struct AuthenticatorTests {
    private let time = ManualTime()

    private func key(
        _ name: ClientName, _ token: String, _ scopes: Set<Scope> = [.send], limit: WindowSettings? = nil,
        from allowed: [CIDR] = []
    ) -> Authenticator.Key {
        Authenticator.Key(
            name: name, tokenSHA256: SHA256.hash(Array(token.utf8)), scopes: scopes, rateLimit: limit, allowed: allowed)
    }

    private func request(
        _ authorization: String? = nil, peer: String = "192.0.2.1", _ headers: KeyValuePairs<String, String> = [:]
    ) -> HTTPRequest {
        var request = HTTPRequest(method: "GET", target: "/v1/messages", headers: HTTPHeaders(headers))
        request.headers["Authorization"] = authorization
        request.peer = peer
        return request
    }

    // MARK: Tokens

    @Test(arguments: ["Bearer secret-a", "bearer secret-a", "BEARER   secret-a"])
    func `a client is known by its token`(header: String) throws {
        let authenticator = Authenticator(
            keys: [key("b", "secret-b"), key("a", "secret-a", [.read])], trustedProxies: [])
        let caller = try authenticator.caller(of: request(header)).get()
        #expect(caller.name == "a")
        #expect(caller.scopes == [.read])
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer secret-a ", "Basic secret-a", "secret-a",
        "Bearer secret-a secret-b", "Bearer SECRET-A", "Bearer \(SHA256.hash(Array("secret-a".utf8)))",
        "Bearer \(String(repeating: "x", count: 5000))",
    ])
    func `anybody else is unauthorized, and no token is repeated`(header: String?) throws {
        let authenticator = Authenticator(keys: [key("a", "secret-a")], trustedProxies: [])
        let problem = #expect(throws: Problem.self) {
            try authenticator.caller(of: request(header, peer: "127.0.0.1")).get()
        }
        #expect(problem?.code == .unauthorized)
        #expect(problem?.detail.contains("secret") == false)
        #expect(problem?.detail.contains("wrong") == false)
    }

    @Test func `admin holds all the others, and none of them another`() throws {
        let authenticator = Authenticator(
            keys: [key("boss", "b", [.admin]), key("shop", "s", [.send])], trustedProxies: [])
        let boss = try authenticator.caller(of: request("Bearer b")).get()
        for scope in Scope.allCases { #expect(boss.holds(scope)) }
        #expect(boss.seesAll)
        let shop = try authenticator.caller(of: request("Bearer s")).get()
        #expect(shop.holds(.send))
        for scope in [Scope.read, .operate, .admin] { #expect(!shop.holds(scope)) }
        #expect(!shop.seesAll)
    }

    // MARK: Without keys

    @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
    func `without a key any loopback client may do all`(peer: String) throws {
        let caller = try Authenticator(keys: [], trustedProxies: []).caller(of: request(peer: peer)).get()
        #expect(caller.name == .local)
        #expect(caller.holds(.admin))
    }

    @Test(arguments: ["192.0.2.1", "10.0.0.1", "::2", "fe80::1", "::ffff:10.0.0.1", ""])
    func `and nobody from elsewhere`(peer: String) {
        let problem = #expect(throws: Problem.self) {
            try Authenticator(keys: [], trustedProxies: []).caller(of: request(peer: peer)).get()
        }
        #expect(problem?.code == .unauthorized)
    }

    @Test(arguments: [
        "X-Forwarded-For", "x-forwarded-for", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded",
        "X-Real-IP", "Via",
    ])
    func `a loopback client behind a proxy is from elsewhere, trusted or not`(header: String) throws {
        let authenticator = Authenticator(keys: [], trustedProxies: [try CIDR("127.0.0.0/8")])
        var request = request(peer: "127.0.0.1")
        request.headers[header] = "127.0.0.1"
        let problem = #expect(throws: Problem.self) { try authenticator.caller(of: request).get() }
        #expect(problem?.code == .unauthorized)
    }

    // MARK: Addresses

    @Test(
        arguments: [
            ("10.1.2.3", nil, true), ("::ffff:10.1.2.3", nil, true), ("11.0.0.1", nil, false), ("", nil, false),
            // Not a proxy of ours: what it says is not believed.
            ("192.0.2.1", "10.1.2.3", false), ("10.1.2.3", "11.0.0.1", true),
            // A proxy of ours: the last hop that is none of them counts.
            ("172.16.0.1", "10.1.2.3", true), ("172.16.0.1", "11.0.0.1", false), ("172.16.0.1", nil, false),
            ("172.16.0.1", "10.1.2.3, 11.0.0.1", false), ("172.16.0.1", "11.0.0.1, 10.1.2.3", true),
            ("172.16.0.1", "10.1.2.3,172.16.0.2", true), ("172.16.0.1", "10.1.2.3, unknown", false),
            ("172.16.0.1", "", false), ("172.16.0.1", "11.0.0.1,\t10.1.2.3 ", true), ("172.16.0.1", "10.1 .2.3", false),
            // Some proxies write the port too, and brackets around what holds colons.
            ("172.16.0.1", "10.1.2.3:567", true), ("172.16.0.1", "11.0.0.1:567", false),
            ("172.16.0.1", "10.1.2.3:1, 172.16.0.2:65535", true), ("172.16.0.1", "11.0.0.1:1, 172.16.0.2:2", false),
            ("172.16.0.1", "2001:db8::1", true), ("172.16.0.1", "[2001:db8::1]", true),
            ("172.16.0.1", "[2001:db8::1]:567", true), ("172.16.0.1", "[2001:db9::1]:567", false),
            ("172.16.0.1", "10.1.2.3, [2001:db9::1]:567", false), ("172.16.0.1", "[::ffff:10.1.2.3]:567", true),
            // What is none of these is no address.
            ("172.16.0.1", "10.1.2.3:", false), ("172.16.0.1", "10.1.2.3:65536", false),
            ("172.16.0.1", "10.1.2.3:+1", false), ("172.16.0.1", "10.1.2.3:x", false),
            ("172.16.0.1", "[10.1.2.3]:1", false), ("172.16.0.1", "[2001:db8::1", false),
            ("172.16.0.1", "[2001:db8::1]567", false), ("172.16.0.1", ":1", false), ("172.16.0.1", "[]", false),
        ] as [(String, String?, Bool)])
    func `a key is good from the addresses it names`(peer: String, forwarded: String?, isAllowed: Bool) throws {
        let authenticator = Authenticator(
            keys: [key("a", "a", from: [try CIDR("10.0.0.0/8"), try CIDR("2001:db8::/32")])],
            trustedProxies: [try CIDR("172.16.0.0/12")])
        var request = request("Bearer a", peer: peer)
        request.headers["X-Forwarded-For"] = forwarded
        let result = authenticator.caller(of: request)
        #expect(code(result) == (isAllowed ? nil : .forbidden))
    }

    @Test func `hops may stand in several fields`() throws {
        let authenticator = Authenticator(
            keys: [key("a", "a", from: [try CIDR("10.0.0.0/8")])], trustedProxies: [try CIDR("172.16.0.0/12")])
        let headers: KeyValuePairs = ["X-Forwarded-For": "10.1.2.3", "x-forwarded-for": "11.0.0.1"]
        #expect(code(authenticator.caller(of: request("Bearer a", peer: "172.16.0.1", headers))) == .forbidden)
    }

    // MARK: Rates

    @Test func `a limited client is told how much is left, and when to come again`() throws {
        let limit = WindowSettings(limit: 2, window: .seconds(10))
        let authenticator = Authenticator(keys: [key("a", "a", limit: limit)], trustedProxies: [])
        let caller = try authenticator.caller(of: request("Bearer a")).get()
        let first = try #require(authenticator.charge(caller, at: time.now))
        #expect(first.policy == #""client";q=2;w=10"#)
        #expect(first.state.hasPrefix(#""client";r=1;t="#))
        #expect(first.retryAfter == nil)
        time.advance(by: .seconds(4))
        let second = try #require(authenticator.charge(caller, at: time.now))
        #expect(second.state == #""client";r=0;t=6"#)
        #expect(second.retryAfter == nil)
        time.advance(by: .milliseconds(500))
        let third = try #require(authenticator.charge(caller, at: time.now))
        #expect(third.state == #""client";r=0;t=6"#)
        #expect(third.retryAfter == .milliseconds(5500))
        time.advance(by: .milliseconds(5500))
        #expect(try #require(authenticator.charge(caller, at: time.now)).retryAfter == nil)
    }

    @Test func `a client without a limit is told nothing, and one does not pay for another`() throws {
        let limit = WindowSettings(limit: 1, window: .seconds(10))
        let authenticator = Authenticator(
            keys: [key("a", "a", limit: limit), key("b", "b", limit: limit), key("c", "c")], trustedProxies: [])
        let callers = try ["a", "b", "c"].map { try authenticator.caller(of: request("Bearer \($0)")).get() }
        #expect(authenticator.charge(callers[0], at: time.now)?.retryAfter == nil)
        #expect(authenticator.charge(callers[0], at: time.now)?.retryAfter != nil)
        #expect(try #require(authenticator.charge(callers[1], at: time.now)).retryAfter == nil)
        #expect(authenticator.charge(callers[2], at: time.now) == nil)
        #expect(authenticator.charge(.anybody, at: time.now) == nil)
    }

    @Test func `a reload keeps the windows of keys that stay, and forgets tokens that go`() throws {
        let limit = WindowSettings(limit: 1, window: .seconds(10))
        let authenticator = Authenticator(keys: [key("a", "a", limit: limit), key("b", "b")], trustedProxies: [])
        _ = authenticator.charge(try authenticator.caller(of: request("Bearer a")).get(), at: time.now)
        authenticator.replace(keys: [key("c", "c"), key("a", "a2", limit: limit)], trustedProxies: [])
        #expect(code(authenticator.caller(of: request("Bearer a"))) == .unauthorized)
        #expect(code(authenticator.caller(of: request("Bearer b"))) == .unauthorized)
        let caller = try authenticator.caller(of: request("Bearer a2")).get()
        #expect(try #require(authenticator.charge(caller, at: time.now)).retryAfter != nil)
    }
}
