import Testing
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

@Suite struct AWSSignatureTests {
    static let now = Fixture.now

    private static func cases() throws -> [JSONValue] { try #require(Fixture.vectors("ses_sigv4")["cases"]?.array) }

    @Test(arguments: 0..<10)
    func `every step of every published case comes out`(index: Int) throws {
        let item = try Self.cases()[index]
        func text(_ name: String) throws -> String { try #require(item[name]?.string) }
        var request = HTTPRequest(
            method: try text("method"), target: try text("url"), body: Array(try text("body").utf8))
        for header in item["request_headers"]?.members ?? [] {
            request.headers.add(header.name, header.value.string ?? "")
        }
        let scope = AWSSignature.Scope(region: try text("region"), service: try text("service"))
        let secret = try text("secret_key")
        let signer = AWSSigner(
            accessKeyID: try text("access_key"), secretAccessKey: Secret(secret),
            sessionToken: item["session_token"]?.string.map(Secret.init), scope: scope)
        signer.sign(&request, at: Self.now)

        #expect(request.headers["Authorization"] == item["authorization"]?.string)
        #expect(request.headers["X-Amz-Date"] == item["amz_date"]?.string)
        let canonical = AWSSignature.canonicalRequest(request).text
        #expect(String(decoding: canonical, as: UTF8.self) == item["canonical_request"]?.string)
        let toSign = AWSSignature.stringToSign(canonical, at: AWSSignature.moment(Self.now), in: scope)
        #expect(String(decoding: toSign, as: UTF8.self) == item["string_to_sign"]?.string)
        let key = AWSSignature.signingKey(secret: secret, date: "20250115", scope: scope)
        #expect(Hex.encode(key) == item["signing_key_hex"]?.string)
    }

    @Test func `all cases of the file are tried`() throws { #expect(try Self.cases().count == 10) }

    @Test func `the day's key changes with the day`() {
        let scope = AWSSignature.Scope(region: "eu-west-1", service: "ses")
        func signer() -> AWSSigner {
            AWSSigner(accessKeyID: "A", secretAccessKey: Secret("s"), sessionToken: nil, scope: scope)
        }
        func authorization(_ signer: AWSSigner, _ time: Timestamp) -> String? {
            var request = HTTPRequest.get("https://email.eu-west-1.amazonaws.com/v2/email/account")
            signer.sign(&request, at: time)
            return request.headers["Authorization"]
        }
        let used = signer()
        for days in [0, 1, 0, 2] {
            let time = Self.now + .seconds(days * 86_400)
            #expect(authorization(used, time) == authorization(signer(), time))
        }
    }

    @Test(arguments: [
        ("https://h.example/a/./b/../c//d", "/a/c/d"), ("https://h.example", "/"), ("https://h.example/a/", "/a/"),
        ("https://h.example/a%20b", "/a%2520b"), ("https://h.example/..", "/"), ("https://h.example?x", "/"),
    ])
    func `paths are normalised and encoded once more`(url: String, path: String) {
        #expect(SignedURL(url).canonicalPath == path)
    }

    @Test(arguments: [
        ("https://h.example:443/", "h.example"), ("https://h.example:80/", "h.example:80"),
        ("http://h.example:80", "h.example"), ("http://[::1]:8080/x", "[::1]:8080"),
    ])
    func `the host keeps a port that is not the default`(url: String, host: String) {
        #expect(SignedURL(url).host == host)
    }

    @Test(.enabled(if: Python.hasBotocore, "botocore is not installed"))
    func `botocore signs our requests the same way`() throws {
        var email = Fixture.email(to: "a@example.com")
        email.subject = "Grüße 👋"
        let requests = [
            try #require(Fixture.ses.request(for: Fixture.context(email, tags: ["welcome"])).http),
            try #require(Fixture.ses.healthCheck(at: Self.now)?.http),
        ]
        for request in requests {
            let script = """
                import sys, json, datetime, botocore.auth, botocore.awsrequest, botocore.credentials
                d = json.load(sys.stdin)
                class Clock(datetime.datetime):
                    @classmethod
                    def utcnow(cls): return cls(2025, 1, 15, 12, 0, 0)
                    @classmethod
                    def now(cls, tz=None): return cls(2025, 1, 15, 12, 0, 0, tzinfo=tz)
                if hasattr(botocore.auth, 'get_current_datetime'):
                    botocore.auth.get_current_datetime = lambda *a, **k: Clock(2025, 1, 15, 12, 0, 0)
                botocore.auth.datetime = type('m', (), {'datetime': Clock, 'timezone': datetime.timezone})
                r = botocore.awsrequest.AWSRequest(method=d['method'], url=d['url'], data=d['body'].encode() or None)
                if d['body']: r.headers['Content-Type'] = 'application/json'
                c = botocore.credentials.Credentials('AKIDEXAMPLE', d['secret'], d['token'])
                botocore.auth.SigV4Auth(c, 'ses', 'eu-west-1').add_auth(r)
                json.dump({'authorization': r.headers['Authorization']}, sys.stdout)
                """
            let answer = try Python.run(
                script,
                [
                    "method": .string(request.method), "url": .string(request.target),
                    "body": .string(String(decoding: request.body, as: UTF8.self)),
                    "secret": .string(Fixture.awsSecret), "token": .string(Fixture.awsToken),
                ])
            #expect(answer["authorization"]?.string == request.headers["Authorization"])
        }
    }
}
