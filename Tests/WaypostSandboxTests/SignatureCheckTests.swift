import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

@Suite struct SignatureCheckTests {
    /// 2025-01-15T12:00:00Z, when the vectors were signed.
    private static let signedAt: Int64 = 1_736_942_400_000

    /// One case of the vectors, as botocore sent it.
    struct Vector: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var request: HTTPRequest
        var credentials: Sandbox.Settings.AWS

        init(_ json: JSONValue) throws {
            testDescription = try #require(json["name"]?.string)
            let url = try #require(json["url"]?.string)
            let parts = url.split(separator: "/", maxSplits: 2)
            request = HTTPRequest(
                method: try #require(json["method"]?.string), target: "/\(parts[2])",
                headers: HTTPHeaders(["Host": String(parts[1])]), body: Array(try #require(json["body"]?.string).utf8))
            for member in (json["request_headers"]?.members ?? []) + (json["sent_headers"]?.members ?? [])
            where request.headers[member.name] == nil {
                request.headers.add(member.name, try #require(member.value.string))
            }
            credentials = .init()
            credentials.accessKeyID = try #require(json["access_key"]?.string)
            credentials.secretAccessKey = try #require(json["secret_key"]?.string)
            credentials.sessionToken = json["session_token"]?.string
            credentials.region = try #require(json["region"]?.string)
        }
    }

    private static let vectors = Result { try (Fixture.vectors("ses_sigv4")["cases"]?.array ?? []).map(Vector.init) }

    private func problem(_ vector: Vector, _ request: HTTPRequest? = nil, at wall: Int64 = signedAt) -> AWSError? {
        SignatureCheck(vector.credentials).problem(in: request ?? vector.request, at: wall)
    }

    @Test func `every vector of botocore is taken`() throws {
        let vectors = try Self.vectors.get()
        #expect(vectors.count == 10)
        for vector in vectors { #expect(problem(vector) == nil, "\(vector.testDescription)") }
    }

    @Test func `a byte changed anywhere in a vector is refused`() throws {
        for vector in try Self.vectors.get() {
            var body = vector.request
            body.body.append(0x20)
            var path = vector.request
            path.target = path.target.contains("?") ? "\(path.target)&A=1" : "\(path.target)x"
            var method = vector.request
            method.method = "DELETE"
            var host = vector.request
            host.headers["Host"] = "other.example.com"
            for (what, request) in ["body": body, "path": path, "method": method, "host": host] {
                #expect(
                    problem(vector, request)?.name == "InvalidSignatureException", "\(vector.testDescription): \(what)")
            }
            var stranger = vector
            stranger.credentials.secretAccessKey += "x"
            #expect(problem(stranger)?.name == "InvalidSignatureException")
        }
    }

    @Test func `a signature holds for five minutes either way`() throws {
        let vector = try #require(Self.vectors.get().first)
        #expect(problem(vector, at: Self.signedAt + 300_000) == nil)
        #expect(problem(vector, at: Self.signedAt - 300_000) == nil)
        #expect(problem(vector, at: Self.signedAt + 300_001)?.name == "InvalidSignatureException")
        #expect(problem(vector, at: Self.signedAt - 300_001)?.name == "InvalidSignatureException")
    }

    @Test func `the wrong key, region, token or no signature at all is refused by its name`() throws {
        let vector = try #require(Self.vectors.get().first)
        var key = vector
        key.credentials.accessKeyID = "AKIAOTHER"
        #expect(problem(key)?.name == "UnrecognizedClientException")
        var region = vector
        region.credentials.region = "eu-central-1"
        #expect(problem(region)?.name == "InvalidSignatureException")
        var token = vector
        token.credentials.sessionToken = "token"
        #expect(problem(token)?.name == "UnrecognizedClientException")
        var bare = vector.request
        bare.headers["Authorization"] = nil
        #expect(problem(vector, bare)?.name == "MissingAuthenticationTokenException")
        bare.headers["Authorization"] = "Bearer abc"
        #expect(problem(vector, bare)?.name == "IncompleteSignatureException")
    }

    @Test func `a content type or an amz header that is not signed is refused`() throws {
        let vector = try #require(Self.vectors.get().first)
        for name in ["Content-Type", "X-Amz-Target"] {
            var request = vector.request
            request.headers.add(name, "application/json")
            #expect(problem(vector, request)?.message == "'\(name)' must be a 'SignedHeader'.")
        }
    }
}
