import WaypostCore

/// How an answer tells of the limits it met (draft-ietf-httpapi-ratelimit-headers; RFC 9110, 10.2.3).
package struct RateLimitHeaders: Equatable, Sendable {
    /// `RateLimit-Policy`: the limits, with their windows in seconds.
    package let policy: String
    /// `RateLimit`: what is left, and the seconds until more is.
    package let limit: String
    /// `Retry-After`, on a refusal only; nil also where no wait would help.
    package let retryAfter: String?

    /// `wait` is the longest wait among the windows that refused; nil when none did or no wait would help. All seconds
    /// are rounded up.
    package init(_ standings: [WindowStanding], wait: Duration? = nil) {
        policy = standings.map {
            "\(Self.quoted($0.name));q=\($0.settings.limit);w=\($0.settings.window.secondsRoundedUp)"
        }.joined(separator: ", ")
        limit = standings.map {
            "\(Self.quoted($0.name));r=\($0.remaining);t=\($0.nextFree.secondsRoundedUp)"
        }.joined(separator: ", ")
        retryAfter = wait.map { String(max(1, $0.secondsRoundedUp)) }
    }

    /// A string of RFC 9651, 3.3.3. Names come from code and are ASCII.
    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

extension Duration {
    fileprivate var secondsRoundedUp: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
