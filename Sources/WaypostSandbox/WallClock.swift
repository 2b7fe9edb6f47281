import Glibc

/// The time of day, for what is compared with other machines' clocks.
enum WallClock {
    /// Since 1970-01-01T00:00:00Z.
    static var milliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Milliseconds since 1970 as RFC 3339 writes them: `2026-01-15T01:30:15.010Z`.
    static func text(_ milliseconds: Int64) -> String {
        func digits(_ number: Int, _ width: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [digits(Int(parts.tm_year) + 1900, 4), digits(Int(parts.tm_mon) + 1), digits(Int(parts.tm_mday))]
        let time = [digits(Int(parts.tm_hour)), digits(Int(parts.tm_min)), digits(Int(parts.tm_sec))]
        return "\(date.joined(separator: "-"))T\(time.joined(separator: ":")).\(digits(Int(milliseconds % 1000), 3))Z"
    }
}
