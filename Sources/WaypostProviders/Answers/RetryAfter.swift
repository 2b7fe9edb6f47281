import WaypostCore
import WaypostHTTP

/// When a provider that said "slow down" wants to be asked again.
package enum RetryAfter {
    /// Nobody is believed beyond this: a day's rest is an operator's decision.
    static let longest: Duration = .seconds(24 * 3600)

    /// `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3); nil where it is missing, unreadable or past.
    package static func moment(in headers: HTTPHeaders, after now: Timestamp) -> Timestamp? {
        guard let text = headers["Retry-After"] else { return nil }
        if let date = HTTPDate.parse(text) { return clamp(date, after: now) }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        // More digits than fit are more than the cap, too.
        return clamp(now + .seconds(min(Int64(text) ?? .max, longest.components.seconds)), after: now)
    }

    /// A header that holds the Unix second at which a window ends, as SendGrid's `X-RateLimit-Reset`.
    static func moment(unixSecond text: String?, after now: Timestamp) -> Timestamp? {
        guard let text, let second = Int64(text), second > 0, second < .max / 1000 else { return nil }
        return clamp(Timestamp(milliseconds: second * 1000), after: now)
    }

    private static func clamp(_ moment: Timestamp, after now: Timestamp) -> Timestamp? {
        moment > now ? min(moment, now + longest) : nil
    }
}

/// The date format of HTTP headers, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7, IMF-fixdate).
package enum HTTPDate {
    /// nil for anything else; the day of the week is not checked.
    package static func parse(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT", parts[1].utf8.count == 2,
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }

    /// English and never localised, as the RFCs want them.
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
