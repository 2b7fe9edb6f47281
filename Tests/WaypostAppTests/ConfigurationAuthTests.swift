import Testing
import WaypostApp
import WaypostCore
import WaypostCrypto
import WaypostPolicy

@Suite struct ConfigurationAuthTests {
    static let digest = Hex.encode(SHA256.hash(Array("hunter2".utf8)))

    @Test func `a client is read, and its token is kept as its digest alone`() throws {
        let clients = try configuration(
            """
            auth:
              keys:
                - name: shop
                  token: ${SHOP_TOKEN}
                  scopes: [send, read]
                  rate_limit: {limit: 1000, window: 1s}
                  allow_ips: [10.0.0.0/8, 192.0.2.7]
                - {name: ops.team_1, token_sha256: \(String(repeating: "ab", count: 32)), scopes: admin}
            """, environment: ["SHOP_TOKEN": "hunter2"]
        ).clients
        #expect(clients.map(\.name) == ["shop", "ops.team_1"])
        #expect(clients[0].tokenSHA256 == SHA256.hash(Array("hunter2".utf8)))
        #expect(clients[0].scopes == [.send, .read])
        #expect(clients[0].rateLimit == WindowSettings(limit: 1000, window: .seconds(1)))
        #expect(clients[0].allowedNetworks.map(\.description) == ["10.0.0.0/8", "192.0.2.7"])
        #expect(clients[1].tokenSHA256 == [UInt8](repeating: 0xAB, count: 32))
        #expect(clients[1].scopes == [.admin])
        #expect(clients[1].rateLimit == nil)
    }

    @Test(arguments: [
        ("{token: hunter2, scopes: [send]}", "name: is missing; add it"),
        ("{name: shop, scopes: [send]}", "token: is missing; add token or token_sha256; waypost key new makes both"),
        (
            "{name: shop, token: hunter2, token_sha256: \(digest), scopes: [send]}",
            "token_sha256: stands beside token; keep one of the two"
        ),
        (
            "{name: shop, token: 'hunter 2', scopes: [send]}",
            "token: holds a blank or a character beyond ASCII; make one with waypost key new"
        ),
        (
            "{name: shop, token_sha256: abcd, scopes: [send]}",
            "token_sha256: is not a SHA-256 digest; write its 64 hexadecimal digits"
        ),
        ("{name: shop, token: hunter2}", "scopes: is missing; write some of send, read, operate, admin"),
        ("{name: shop, token: hunter2, scopes: [sned]}", "scopes[0]: \"sned\" is not known here; did you mean send?"),
        (
            "{name: 'a b', token: hunter2, scopes: [send]}",
            "name: \"a b\" is not 1 to 64 letters, digits, dots, hyphens or underscores; choose another"
        ),
        (
            "{name: local, token: hunter2, scopes: [send]}",
            "name: \"local\" is the name of callers without a key; choose another"
        ),
        (
            "{name: waypost, token: hunter2, scopes: [send]}",
            "name: \"waypost\" is what the audit trail calls the router itself; choose another"
        ),
        (
            "{name: shop, token: hunter2, scopes: [send], rate_limit: {limit: 5}}",
            "rate_limit.window: is missing; add it, like window: 60s"
        ),
        (
            "{name: shop, token: hunter2, scopes: [send], allow_ips: [shop]}",
            "allow_ips[0]: \"shop\" is not an address block; write a block like 10.0.0.0/8, or an address"
        ),
    ])
    func `a bad client is named, without its token`(yaml: String, complaint: String) {
        let found = problems("auth: {keys: [\(yaml)]}")
        #expect(found == ["1: auth.keys[0].\(complaint)"])
        #expect(!found.joined().contains("hunter2"))
    }

    @Test func `two clients share neither name nor token`() {
        let found = problems(
            """
            auth:
              keys:
                - {name: shop, token: a, scopes: [send]}
                - {name: shop, token: b, scopes: [send]}
                - {name: other, token: a, scopes: [send]}
            """)
        #expect(
            found == [
                "4: auth.keys[1].name: \"shop\" stands twice; give each key a name of its own",
                "5: auth.keys[2]: has the token of shop; give each client a token of its own",
            ])
    }
}
