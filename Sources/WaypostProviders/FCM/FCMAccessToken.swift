import Synchronization
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

/// The access token of one Google service account, by the JWT-bearer grant (RFC 7523): one for all requests, fetched once
/// for all who wait. While there is none, each failed fetch fails those who waited for it; how soon the next is tried is
/// then the circuit breaker's affair.
///
/// https://developers.google.com/identity/protocols/oauth2/service-account
final class FCMAccessToken: Authorizer, CustomReflectable {
    private struct State {
        var token = RefreshingToken()
        /// Bounded by the requests that may be in flight.
        var waiters: [@Sendable (Failure?) -> Void] = []
    }

    private let clientEmail: String
    private let keyID: String
    private let key: SigningKey
    private let url: String
    private let state = Mutex(State())

    init(_ settings: FCM.Settings) {
        clientEmail = settings.clientEmail
        keyID = settings.privateKeyID
        key = settings.key
        url = settings.tokenURL
    }

    /// Whether it is this account's.
    func isOf(_ settings: FCM.Settings) -> Bool {
        clientEmail == settings.clientEmail && keyID == settings.privateKeyID && key == settings.key
            && url == settings.tokenURL
    }

    private static let scope = "https://www.googleapis.com/auth/firebase.messaging"
    /// Google's, wherever the request is sent.
    private static let audience = "https://oauth2.googleapis.com/token"
    /// Of an assertion, in seconds; Google takes no more.
    private static let lifetime: Int64 = 3600
    private static let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"

    /// What requests carry, however old.
    var current: Secret? { state.withLock { $0.token.current } }

    /// What requests may carry now; nil where it must be fetched first.
    func token(at now: Timestamp) -> Secret? { state.withLock { $0.token.token(at: now) } }

    func ready(
        over transport: any Transport, pool: String, settings: TransferSettings, at now: Timestamp,
        then: @escaping @Sendable (Failure?) -> Void
    ) {
        let step = state.withLock { state in
            let step = state.token.step(at: now)
            if step == .fetch || step == .wait { state.waiters.append(then) }
            return step
        }
        if step == .use || step == .useAndFetch { then(nil) }
        guard step == .fetch || step == .useAndFetch else { return }
        transport.send(tokenRequest(at: now), pool: pool, settings: settings) { [self] reply in conclude(reply) }
    }

    func reject(at now: Timestamp) { state.withLock { $0.token.reject(at: now) } }

    private func conclude(_ reply: Result<TransportReply, TransportError>) {
        let grant = FCMGrant.read(reply)
        let waiters = state.withLock { state in
            switch grant {
            case .success(let grant): state.token.fetched(grant.token, lifetime: grant.lifetime)
            case .failure: state.token.failed()
            }
            defer { state.waiters = [] }
            return state.waiters
        }
        var failure: Failure?
        if case .failure(let found) = grant { failure = found }
        for waiter in waiters { waiter(failure) }
    }

    /// The request for a token, which costs nothing and sends nothing.
    func tokenRequest(at now: Timestamp) -> TransportRequest {
        let header: JSONValue = [
            "alg": .string(key.algorithm.rawValue), "typ": "JWT", "kid": .string(keyID),
        ]
        let claims: JSONValue = [
            "iss": .string(clientEmail), "scope": .string(Self.scope), "aud": .string(Self.audience),
            "iat": .integer(now.unixSeconds), "exp": .integer(now.unixSeconds + Self.lifetime),
        ]
        let assertion = JSONWebToken.signed(header: header.bytes, claims: claims.bytes, by: key)
        return .http(
            HTTPRequest(
                method: "POST", target: url,
                headers: HTTPHeaders(["content-type": "application/x-www-form-urlencoded"]),
                body: Array("grant_type=\(Self.grant)&assertion=\(assertion)".utf8)))
    }

    var customMirror: Mirror { Mirror(self, children: ["clientEmail": clientEmail]) }
}

/// What Google's token endpoint answered.
struct FCMGrant: Equatable {
    let token: Secret
    let lifetime: Duration

    /// Whatever went wrong, no message has left yet: a failure is never ambiguous.
    static func read(_ reply: Result<TransportReply, TransportError>) -> Result<FCMGrant, Failure> {
        switch reply {
        case .failure(let error): .failure(Failure(.unavailable, "no access token: \(error.detail)"))
        case .success(.http(let response)) where response.status == 200:
            FCMGrant(in: response).map(Result.success)
                ?? .failure(Failure(.unavailable, "the token endpoint answered 200 without an access token"))
        case .success(.http(let response)): .failure(refusal(response))
        case .success: .failure(Failure(.unavailable, "no access token: \(Failure.foreignReply.detail)"))
        }
    }

    /// nil where the answer holds no token that could go into a header.
    private init?(in response: HTTPResponse) {
        guard let body = try? JSONValue(parsing: response.body), let token = body["access_token"]?.string,
            !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.token = Secret(token)
        let seconds = body["expires_in"]?.integer ?? 3600
        guard (1...366 * 86_400).contains(seconds) else { return nil }
        lifetime = .seconds(seconds)
    }

    /// Statuses and errors that Google's own library tries again.
    private static let passingStatuses: Set<Int> = [408, 429, 500, 502, 503, 504]
    private static let passingErrors: Set<String> = ["internal_failure", "server_error", "temporarily_unavailable"]

    private static func refusal(_ response: HTTPResponse) -> Failure {
        let body = try? JSONValue(parsing: response.body)
        let error = body?["error"]?.codeWord
        let detail = Redaction([]).sentenceWithoutTokens(
            "the token endpoint answered \(response.status) \(error ?? "without an error's name")",
            body?["error_description"]?.string)
        let passes =
            passingStatuses.contains(response.status) || error.map(passingErrors.contains) == true
            || !(400..<500).contains(response.status)
        if passes { return Failure(.unavailable, detail, code: error) }
        // The clock, the key, the account or the URL: trying again does not mend it.
        return Failure(.misconfigured, detail, scope: .account, code: error)
    }
}
