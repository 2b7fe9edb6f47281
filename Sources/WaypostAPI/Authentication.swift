import Synchronization
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostPolicy

/// Who calls.
struct Caller: Sendable {
    var name: ClientName
    var scopes: Set<Scope>
    /// Its place among the keys; nil where none is configured or none is needed.
    fileprivate var key: Int?

    /// Who asks what anybody may ask.
    static let anybody = Caller(name: .local, scopes: [], key: nil)

    func holds(_ scope: Scope) -> Bool { scopes.allow(scope) }
    var seesAll: Bool { holds(.operate) }
}

/// Finds out who calls, and keeps each client to its rate. The one seam for that: front doors for other APIs bring
/// proofs of their own.
package final class Authenticator: Sendable {
    /// An entry of `auth.keys`.
    package struct Key: Equatable, Sendable {
        package var name: ClientName
        package var tokenSHA256: [UInt8]
        package var scopes: Set<Scope>
        package var rateLimit: WindowSettings?
        /// Empty: from anywhere.
        package var allowed: [CIDR]
        package init(
            name: ClientName, tokenSHA256: [UInt8], scopes: Set<Scope>, rateLimit: WindowSettings?, allowed: [CIDR]
        ) {
            self.name = name
            self.tokenSHA256 = tokenSHA256
            self.scopes = scopes
            self.rateLimit = rateLimit
            self.allowed = allowed
        }
    }

    private struct State {
        var keys: [Key]
        var byHash: [[UInt8]: Int]
        var windows: [SlidingWindow?]
        var trustedProxies: [CIDR]

        init(_ keys: [Key], _ trustedProxies: [CIDR]) {
            self.keys = keys
            self.trustedProxies = trustedProxies
            byHash = Dictionary(zip(keys.map(\.tokenSHA256), keys.indices), uniquingKeysWith: { first, _ in first })
            windows = keys.map { $0.rateLimit.map(SlidingWindow.init) }
        }
    }
    private let state: Mutex<State>

    package init(keys: [Key], trustedProxies: [CIDR]) { state = Mutex(State(keys, trustedProxies)) }

    /// A reload; windows of keys that stay as they were go on.
    package func replace(keys: [Key], trustedProxies: [CIDR]) {
        state.withLock { state in
            let old = state
            state = State(keys, trustedProxies)
            for (index, key) in keys.enumerated() {
                guard let before = old.keys.firstIndex(where: { $0.name == key.name && $0.rateLimit == key.rateLimit })
                else {
                    continue
                }
                state.windows[index] = old.windows[before]
            }
        }
    }

    /// Who sent the request, by its bearer token; without any key configured a loopback client that no proxy stands before.
    func caller(of request: HTTPRequest) -> Result<Caller, Problem> {
        state.withLock { state in
            guard !state.keys.isEmpty else { return Self.local(request) }
            guard let header = request.headers["Authorization"], header.utf8.count <= 4096,
                let blank = header.firstIndex(of: " "), String(header[..<blank]).equalsIgnoringCase("Bearer")
            else { return .failure(Problem(.unauthorized, "Send Authorization: Bearer and a token.")) }
            let token = header[header.index(after: blank)...].drop { $0 == " " }
            // Looked up by its hash: how long a comparison takes says nothing about a token.
            guard let index = state.byHash[SHA256.hash(Array(token.utf8))] else {
                return .failure(Problem(.unauthorized, "The token is not known."))
            }
            let key = state.keys[index]
            if !key.allowed.isEmpty {
                let address = Self.address(of: request, trusted: state.trustedProxies)
                guard key.allowed.contains(where: { $0.contains(address) }) else {
                    return .failure(Problem(.forbidden, "This key may not be used from this address."))
                }
            }
            return .success(Caller(name: key.name, scopes: key.scopes, key: index))
        }
    }

    private static func local(_ request: HTTPRequest) -> Result<Caller, Problem> {
        let isLoopback =
            request.peer.hasPrefix("127.") || request.peer == "::1" || request.peer.hasPrefix("::ffff:127.")
        let isForwarded = request.headers.fields.contains { field in
            let name = field.name.lowercased()
            return name.hasPrefix("x-forwarded") || ["forwarded", "x-real-ip", "via"].contains(name)
        }
        guard isLoopback, !isForwarded else {
            return .failure(
                Problem(
                    .unauthorized, "No key is configured, so only loopback clients may call; add one under auth.keys."))
        }
        return .success(Caller(name: .local, scopes: Set(Scope.allCases), key: nil))
    }

    /// The nearest address that is not a trusted proxy's own.
    private static func address(of request: HTTPRequest, trusted: [CIDR]) -> String {
        guard trusted.contains(where: { $0.contains(request.peer) }) else { return request.peer }
        let hops = request.headers.all("X-Forwarded-For").joined(separator: ",").split(separator: ",").map(Self.host)
        return hops.last { hop in !trusted.contains { $0.contains(hop) } } ?? request.peer
    }

    /// The address of a hop, which some proxies write with its port: `192.0.2.1:567`, `[2001:db8::1]:567`. What is neither
    /// stays as it is, and is no address to anybody.
    private static func host(of hop: Substring) -> String {
        let hop = hop.trimmed
        let host: Substring
        let rest: Substring
        if hop.first == "[", let end = hop.firstIndex(of: "]") {
            host = hop[hop.index(after: hop.startIndex)..<end]
            rest = hop[hop.index(after: end)...]
            guard host.contains(":") else { return String(hop) }
        } else if let colon = hop.firstIndex(of: ":"), hop.lastIndex(of: ":") == colon {
            host = hop[..<colon]
            rest = hop[colon...]
        } else {
            return String(hop)
        }
        let port = rest.dropFirst()
        let isPort = rest.first == ":" && port.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(port) != nil
        return String(rest.isEmpty || isPort ? host : hop)
    }

    /// How the window of each limited client stands.
    func standings(at now: Instant) -> [LimitStanding] {
        state.withLock { state in
            zip(state.keys, state.windows).compactMap { key, window in
                guard let settings = key.rateLimit, let window else { return nil }
                return LimitStanding(
                    key: "client", value: key.name.text, settings: settings,
                    used: settings.limit - window.remaining(at: now), free: window.nextFree(at: now))
            }
        }
    }

    /// What a limited client is told with every answer.
    struct Quota: Sendable {
        var policy: String
        var state: String
        /// Set when the request is refused.
        var retryAfter: Duration?
    }

    /// Charges one request; nil for clients without a limit.
    func charge(_ caller: Caller, at now: Instant) -> Quota? {
        guard let key = caller.key else { return nil }
        return state.withLock { state in
            guard state.keys.indices.contains(key), let settings = state.keys[key].rateLimit,
                var window = state.windows[key]
            else { return nil }
            var retryAfter: Duration?
            if case .refused(let until) = window.take(1, at: now) { retryAfter = until.map { $0 - now } ?? .seconds(1) }
            state.windows[key] = window
            let remaining = window.remaining(at: now)
            let next = window.nextFree(at: now)
            return Quota(
                policy: "\"client\";q=\(settings.limit);w=\(settings.window.wholeSeconds)",
                state: "\"client\";r=\(remaining);t=\(next.wholeSeconds)", retryAfter: retryAfter)
        }
    }
}

extension Duration {
    /// Rounded up.
    var wholeSeconds: Int64 { components.attoseconds > 0 ? components.seconds + 1 : components.seconds }
}
