import Glibc

/// Times as texts, in UTC, from and to milliseconds since 1970.
enum CivilTime {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// RFC 2822: `Wed, 15 Jan 2025 12:00:00 +0000`.
    static func mail(_ milliseconds: Int64) -> String {
        let time = parts(milliseconds)
        let day = days[Int(time.tm_wday)]
        let month = months[Int(time.tm_mon)]
        return "\(day), \(two(time.tm_mday)) \(month) \(time.tm_year + 1900) \(clock(time)) +0000"
    }

    /// RFC 3339 without fractions: `2025-01-15T12:00:00` and the zone's word.
    static func internet(_ milliseconds: Int64, zone: String = "+00:00") -> String {
        "\(day(milliseconds))T\(clock(parts(milliseconds)))\(zone)"
    }

    /// `2025-01-15`.
    static func day(_ milliseconds: Int64) -> String {
        let time = parts(milliseconds)
        return "\(time.tm_year + 1900)-\(two(time.tm_mon + 1))-\(two(time.tm_mday))"
    }

    /// Reads RFC 3339 (section 5.6), from 1970 to 9999; nil for anything else.
    static func milliseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, let day = startOfDay(String(decoding: bytes[..<10], as: UTF8.self)),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = number(bytes[11..<13], 0...23), let minute = number(bytes[14..<16], 0...59),
            let second = number(bytes[17..<19], 0...60)
        else { return nil }
        var rest = bytes[19...]
        var fraction: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            for place in 0..<3 {
                fraction = fraction * 10 + (place < digits.count ? Int64(digits[digits.startIndex + place] - 0x30) : 0)
            }
            rest = rest[digits.endIndex...]
        }
        guard let offset = offset(rest) else { return nil }
        return day + Int64(hour * 3600 + minute * 60 + second - offset * 60) * 1000 + fraction
    }

    /// Reads `2025-01-15`.
    static func startOfDay(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(bytes[0..<4], 1970...9999), let month = number(bytes[5..<7], 1...12),
            let day = number(bytes[8..<10], 1...31)
        else { return nil }
        var time = tm()
        time.tm_year = Int32(year - 1900)
        time.tm_mon = Int32(month - 1)
        time.tm_mday = Int32(day)
        let seconds = timegm(&time)
        // A day that the month lacks has been carried over.
        guard Int(time.tm_mday) == day else { return nil }
        return Int64(seconds) * 1000
    }

    /// In minutes.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(text)
        if bytes.count == 1, bytes[0] | 0x20 == UInt8(ascii: "z") { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = number(bytes[1..<3], 0...23),
            let minutes = number(bytes[4..<6], 0...59)
        else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>, _ range: ClosedRange<Int>) -> Int? {
        guard bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let number = bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return range.contains(number) ? number : nil
    }

    private static func parts(_ milliseconds: Int64) -> tm {
        var seconds = time_t(milliseconds / 1000)
        var time = tm()
        gmtime_r(&seconds, &time)
        return time
    }

    private static func clock(_ time: tm) -> String { "\(two(time.tm_hour)):\(two(time.tm_min)):\(two(time.tm_sec))" }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : String(number) }
}
