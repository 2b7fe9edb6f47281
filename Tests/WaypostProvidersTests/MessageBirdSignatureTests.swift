import Testing
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

@Suite struct MessageBirdSignatureTests {
    private static func provider(
        _ key: String?, previous: String? = nil, _ scheme: MessageBird.Settings.WebhookScheme = .classic
    ) throws -> MessageBird {
        try Fixture.messageBird {
            $0.signingKey = key.map { Secret($0) }
            $0.previousSigningKey = previous.map { Secret($0) }
            $0.webhookScheme = scheme
        }
    }

    private static func second(_ value: JSONValue?) throws -> Timestamp {
        Timestamp(milliseconds: try #require(value?.integer) * 1000)
    }

    // MARK: Tokens

    private func callback(of vector: JSONValue) -> Callback {
        let body = vector.text("body")
        var callback = Fixture.callback(
            url: vector.text("url"), method: body.isEmpty ? "GET" : "POST", type: "application/json", body: body)
        callback.request.headers["MessageBird-Signature-JWT"] = vector["jwt_header"]?.string
        return callback
    }

    @Test(arguments: [("cases", 24), ("maker_reference", 15)])
    func `every token of the vectors comes out`(name: String, count: Int) throws {
        let vectors = try #require(Fixture.vectors("messagebird_jwt_signature")[name]?.array)
        #expect(vectors.count == count)
        for vector in vectors {
            let isGenuine = try Self.provider(vector.text("signing_key")).isGenuine(
                callback(of: vector), at: Self.second(vector["now"]))
            #expect(isGenuine == vector["expect_valid"]?.bool, "\(vector.text("name"))")
        }
    }

    private static func token(_ claims: JSONValue, header: JSONValue = ["alg": "HS256"], key: String = "k") -> String {
        let text = "\(Base64URL.encode(header.bytes)).\(Base64URL.encode(claims.bytes))"
        return "\(text).\(Base64URL.encode(HMAC.sha256(key: Array(key.utf8), Array(text.utf8))))"
    }

    private static let url = "https://x.example/webhooks/bird?id=1"

    private static func claims(_ change: (inout [String: JSONValue]) -> Void = { _ in }) -> JSONValue {
        let start = Fixture.now.unixSeconds
        var claims: [String: JSONValue] = [
            "iss": "MessageBird", "jti": "1", "nbf": .integer(start), "exp": .integer(start + 60),
            "url_hash": .string(Hex.encode(SHA256.hash(Array(url.utf8)))),
        ]
        change(&claims)
        return .object(claims.map { JSONValue.Member($0.key, $0.value) })
    }

    private func isGenuine(_ token: String, at now: Timestamp = Fixture.now, tolerance: Duration = .seconds(600)) throws
        -> Bool
    {
        let callback = Fixture.callback(
            url: Self.url, method: "GET", type: nil, headers: ["MessageBird-Signature-JWT": token], tolerance: tolerance
        )
        return try Self.provider("new", previous: "k").isGenuine(callback, at: now)
    }

    @Test func `a token holds by either key, for its minute and a second around it`() throws {
        let token = Self.token(Self.claims())
        for (milliseconds, isGenuine) in [(-1001, false), (-1000, true), (0, true), (61_000, true), (61_001, false)] {
            let now = Fixture.now + .milliseconds(milliseconds)
            #expect(try self.isGenuine(token, at: now) == isGenuine, "\(milliseconds)")
        }
        #expect(try isGenuine(Self.token(Self.claims(), key: "new")))
        #expect(try !isGenuine(Self.token(Self.claims(), key: "other")))
    }

    @Test func `a token of a long life is too old all the same`() throws {
        let token = Self.token(Self.claims { $0["exp"] = .integer(Fixture.now.unixSeconds + 86_400) })
        #expect(try isGenuine(token, at: Fixture.now + .seconds(600)))
        #expect(try !isGenuine(token, at: Fixture.now + .seconds(602)))
        #expect(try !isGenuine(token, at: Fixture.now + .seconds(62), tolerance: .seconds(60)))
    }

    @Test(arguments: [
        ("iss", JSONValue.string("messagebird")), ("iss", .null), ("jti", .string("")), ("jti", .null), ("jti", 1),
        ("nbf", .null), ("nbf", .string("1736942400")), ("nbf", .number(1e300)), ("exp", .number(-1e300)),
        ("exp", .null), ("url_hash", .string("")), ("url_hash", .null), ("url_hash", .string("zz")),
        ("payload_hash", .string("00")), ("payload_hash", .integer(1)),
    ])
    func `a claim that does not fit is refused`(name: String, value: JSONValue) throws {
        #expect(try !isGenuine(Self.token(Self.claims { $0[name] = value })))
    }

    @Test func `times with fractions and an empty claim are taken`() throws {
        let start = Double(Fixture.now.unixSeconds)
        #expect(try isGenuine(Self.token(Self.claims { $0["nbf"] = .number(start - 0.5) })))
        #expect(try isGenuine(Self.token(Self.claims { $0["payload_hash"] = .null })))
    }

    @Test(
        arguments: [
            ["alg": "none"], ["alg": "RS256"], ["alg": "hs256"], ["alg": .null], [:], ["alg": "HS512"], [],
        ] as [JSONValue])
    func `an algorithm that is not allowed, or not the one used, is refused`(header: JSONValue) throws {
        #expect(try !isGenuine(Self.token(Self.claims(), header: header)))
    }

    @Test(arguments: ["", ".", "..", "a.b.c", "a.b", "a.b.c.d", "ü.ü.ü", "e30.e30.", "e30.e30.e30", "\u{0}"])
    func `what is no token is refused`(text: String) throws {
        #expect(try !isGenuine(text))
    }

    @Test func `a token that fails is not made up for by the older signature`() throws {
        let vector = try #require(Fixture.vectors("messagebird_hmac_signature")["classic"]?[0])
        var callback = try Self.callback(ofOld: vector)
        let now = Timestamp(milliseconds: 1_544_544_948_000)
        let provider = try Self.provider(vector.text("signing_key"))
        #expect(provider.isGenuine(callback, at: now))
        callback.request.headers["MessageBird-Signature-JWT"] = Self.token(Self.claims())
        #expect(!provider.isGenuine(callback, at: now))
        callback.request.headers["MessageBird-Signature-JWT"] = ""
        #expect(!provider.isGenuine(callback, at: now))
    }

    // MARK: The older signature

    private static func callback(ofOld vector: JSONValue) throws -> Callback {
        let url = vector["url"]?.string ?? "https://x.example/in?\(vector.text("query"))"
        let tolerance = vector["tolerance_s"]?.integer ?? 300
        return Fixture.callback(
            url: url, type: "application/json", body: vector.text("body"),
            headers: [
                "MessageBird-Signature": vector.text("signature_header"),
                "MessageBird-Request-Timestamp": vector.text("timestamp_header"),
            ], tolerance: .seconds(tolerance))
    }

    @Test(arguments: [
        ("classic", 11, MessageBird.Settings.WebhookScheme.classic), ("bird_channels", 5, .bird),
    ])
    func `every older signature of the vectors comes out`(
        name: String, count: Int, scheme: MessageBird.Settings.WebhookScheme
    ) throws {
        let vectors = try #require(Fixture.vectors("messagebird_hmac_signature")[name]?.array)
        #expect(vectors.count == count)
        for vector in vectors {
            let sentAt = try #require(Int64(vector.text("timestamp_header")))
            let now = Timestamp(milliseconds: (vector["now"]?.integer ?? sentAt) * 1000)
            let callback = try Self.callback(ofOld: vector)
            let isGenuine = try Self.provider(vector.text("signing_key"), scheme).isGenuine(callback, at: now)
            #expect(isGenuine == vector["expect_valid"]?.bool, "\(vector.text("name"))")
            // The formula is the configuration's to choose.
            let other = try Self.provider(vector.text("signing_key"), scheme == .bird ? .classic : .bird)
            #expect(!other.isGenuine(callback, at: now))
        }
    }

    @Test func `time may lie off by the tolerance, into the past and the future`() throws {
        let vector = try #require(Fixture.vectors("messagebird_hmac_signature")["classic"]?[0])
        let callback = try Self.callback(ofOld: vector)
        let provider = try Self.provider("x", previous: vector.text("signing_key"))
        for (offset, isGenuine) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let now = Timestamp(milliseconds: (1_544_544_948 + Int64(offset)) * 1000)
            #expect(provider.isGenuine(callback, at: now) == isGenuine, "\(offset)")
        }
    }

    @Test(arguments: ["", "x", "-1", "1544544948.0", " 1544544948", "99999999999999999999", "１５４４", "+1544544948"])
    func `a time that is none is refused`(time: String) throws {
        var callback = try Self.callback(ofOld: #require(Fixture.vectors("messagebird_hmac_signature")["classic"]?[0]))
        callback.request.headers["MessageBird-Request-Timestamp"] = time
        callback.tolerance = .seconds(1 << 40)
        #expect(try !Self.provider("other-secret").isGenuine(callback, at: Fixture.now))
        callback.request.headers["MessageBird-Request-Timestamp"] = nil
        #expect(try !Self.provider("other-secret").isGenuine(callback, at: Fixture.now))
    }

    @Test(arguments: ["", "=", "AAAA", "orb0adPhRCYND1WCAvPBr+qjm4STGtyvNDIDNBZ4Ir4", "\u{0}", "ü"])
    func `a signature that is none is refused`(text: String) throws {
        var callback = try Self.callback(ofOld: #require(Fixture.vectors("messagebird_hmac_signature")["classic"]?[0]))
        let now = Timestamp(milliseconds: 1_544_544_948_000)
        callback.request.headers["MessageBird-Signature"] = text
        #expect(try !Self.provider("other-secret").isGenuine(callback, at: now))
        callback.request.headers["MessageBird-Signature"] = nil
        #expect(try !Self.provider("other-secret").isGenuine(callback, at: now))
    }

    @Test func `without a signing key nothing is genuine`() throws {
        let callback = Fixture.callback(
            url: Self.url, headers: ["MessageBird-Signature-JWT": Self.token(Self.claims(), key: "")])
        for key in [nil, ""] {
            #expect(
                try Self.provider(key).verdict(on: callback, certificates: [:], at: Fixture.now)
                    == .refused("signing_key is not configured"))
        }
    }
}
