import Synchronization
import WaypostHTTP
import WaypostJSON

/// Google's token service: a signed assertion in, an access token out (RFC 7523), and which of them are good.
final class AccessTokens: Sendable {
    /// Why none is issued, as OAuth tells it (RFC 6749 section 5.2).
    struct Refusal: Error, Equatable, Sendable {
        var error: String
        var description: String

        var response: HTTPResponse {
            .json(
                error == "invalid_client" ? 401 : 400,
                JSONValue(dictionaryLiteral: ("error", .string(error)), ("error_description", .string(description)))
                    .bytes)
        }
    }

    private static let scopes = [
        "https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform",
    ]
    /// Google's own, which some libraries name whatever `token_uri` says.
    private static let googleAudience = "https://oauth2.googleapis.com/token"
    /// At once; the oldest are forgotten beyond that.
    private static let maximum = 10_000

    private let account: ServiceAccount
    /// In seconds.
    private let lifetime: Int
    private let ids = ReferenceMaker()
    /// By the whole header value, with the end of each in unix seconds.
    private let issued = Mutex<[String: Int64]>([:])

    init(_ account: ServiceAccount, lifetime: Int) {
        self.account = account
        self.lifetime = lifetime
    }

    /// Answers `POST /token`; `audience` is the URL that was asked.
    func issue(for request: HTTPRequest, audience: String, at now: Int64) throws(Refusal) -> HTTPResponse {
        let type = request.headers["Content-Type"]?.prefix { $0 != ";" } ?? ""
        guard String(type).equalsIgnoringCase("application/x-www-form-urlencoded"),
            let form = PercentEncoding.fields(String(decoding: request.body, as: UTF8.self))
        else { throw Refusal(error: "invalid_request", description: "The body must be a form.") }
        guard form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" else {
            throw Refusal(
                error: "unsupported_grant_type", description: "Invalid grant_type: \(form["grant_type"] ?? "")")
        }
        guard let assertion = form["assertion"] else {
            throw Refusal(error: "invalid_request", description: "Missing required parameter: assertion")
        }
        try check(assertion, audience: audience, at: now)
        let token = "ya29.sandbox-\(ids.next())\(ids.next())"
        issued.withLock { issued in
            if issued.count >= Self.maximum { issued.removeAll() }
            issued["Bearer \(token)"] = now + Int64(lifetime)
        }
        var json = JSONWriter()
        json.object { json in
            json.member("access_token", token)
            json.member("expires_in", lifetime)
            json.member("token_type", "Bearer")
        }
        return .json(200, json.bytes)
    }

    /// Whether the header carries a token that was issued here and lives.
    func admits(_ authorization: String?, at now: Int64) -> Bool {
        guard let authorization, let end = issued.withLock({ $0[authorization] }) else { return false }
        return now < end
    }

    /// Makes all tokens so far worthless; returns how many there were.
    func revoke() -> Int {
        issued.withLock { issued in
            defer { issued.removeAll() }
            return issued.count
        }
    }

    /// The order and the words are Google's, as far as they are known.
    func check(_ assertion: String, audience: String, at now: Int64) throws(Refusal) {
        guard let token = JSONWebToken(assertion), token.header["alg"]?.string == "RS256" else {
            throw Refusal(error: "invalid_grant", description: "Invalid JWT: the assertion cannot be read.")
        }
        let claims = token.claims
        guard claims["iss"]?.string == account.email else {
            throw Refusal(error: "invalid_grant", description: "Invalid grant: account not found")
        }
        let kid = token.header["kid"]
        guard kid == nil || kid?.string == ServiceAccount.keyID, account.key.verifies(token.signature, of: token.signed)
        else { throw Refusal(error: "invalid_grant", description: "Invalid JWT Signature.") }
        guard let named = claims["aud"]?.string, named == audience || named == Self.googleAudience else {
            throw Refusal(error: "invalid_grant", description: "Invalid JWT: Failed audience check.")
        }
        guard let issuedAt = claims["iat"]?.integer, let end = claims["exp"]?.integer, end > issuedAt,
            end - issuedAt <= 3_600, issuedAt <= now + 60, end > now - 60
        else {
            throw Refusal(
                error: "invalid_grant",
                description:
                    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                    + "Check your iat and exp values in the JWT claim.")
        }
        let scopes = claims["scope"]?.string?.split(separator: " ").map(String.init) ?? []
        guard scopes.contains(where: Self.scopes.contains) else {
            throw Refusal(
                error: "invalid_scope", description: "Invalid OAuth scope or ID token audience provided.")
        }
    }
}
