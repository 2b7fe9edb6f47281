/// A moment in UTC to the millisecond: whatever is stored or written on the wire. Time-outs and windows use `Instant`.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Since 1970-01-01T00:00:00Z, leap seconds not counted.
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package static func + (time: Timestamp, span: Duration) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds + span.milliseconds)
    }

    package static func - (time: Timestamp, span: Duration) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds - span.milliseconds)
    }

    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }

    /// Whole seconds since the epoch, as providers count.
    package var unixSeconds: Int64 { (milliseconds - (milliseconds % 1000 + 1000) % 1000) / 1000 }

    /// Year, month (1…12) and day of the proleptic Gregorian calendar, by Howard Hinnant's `civil_from_days`.
    package var civil: (year: Int, month: Int, day: Int, secondOfDay: Int) {
        let seconds = Int(unixSeconds)
        let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day, seconds - days * 86_400)
    }

    /// `days_from_civil`, the inverse of `civil`.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    /// The description as UTF-8.
    package var bytes: [UInt8] {
        let (year, month, day, second) = civil
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func put(_ value: Int, digits: Int) {
            var divisor = 1
            for _ in 1..<digits { divisor *= 10 }
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
                divisor /= 10
            }
        }
        put(year, digits: 4)
        text.append(UInt8(ascii: "-"))
        put(month, digits: 2)
        text.append(UInt8(ascii: "-"))
        put(day, digits: 2)
        text.append(UInt8(ascii: "T"))
        put(second / 3600, digits: 2)
        text.append(UInt8(ascii: ":"))
        put(second / 60 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        put(second % 60, digits: 2)
        text.append(UInt8(ascii: "."))
        put(Int(milliseconds - unixSeconds * 1000), digits: 3)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// Reads RFC 3339 with any offset and any number of fraction digits (cut to milliseconds); nil for anything else.
    package init?(_ text: String) {
        var rest = Substring(text).utf8
        func digits(_ count: Int) -> Int? {
            guard rest.count >= count else { return nil }
            var value = 0
            for byte in rest.prefix(count) {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            rest = rest.dropFirst(count)
            return value
        }
        func skip(_ allowed: UInt8...) -> Bool {
            guard let first = rest.first, allowed.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = digits(4), skip(0x2D), let month = digits(2), skip(0x2D), let day = digits(2),
            skip(0x54, 0x74, 0x20), let hour = digits(2), skip(0x3A), let minute = digits(2), skip(0x3A),
            let second = digits(2), (1...12).contains(month), hour < 24, minute < 60, second <= 60
        else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day >= 1, day <= lengths[month - 1] else { return nil }
        var fraction = 0
        if skip(0x2E) {
            var scale = 100
            var seen = 0
            while let byte = rest.first, byte >= 0x30, byte <= 0x39 {
                fraction += Int(byte - 0x30) * scale
                scale /= 10
                seen += 1
                rest = rest.dropFirst()
            }
            guard seen > 0 else { return nil }
        }
        var offset = 0
        if !skip(0x5A, 0x7A) {
            guard let sign = rest.first, sign == 0x2B || sign == 0x2D else { return nil }
            rest = rest.dropFirst()
            guard let hours = digits(2), skip(0x3A), let minutes = digits(2), hours < 24, minutes < 60 else {
                return nil
            }
            offset = (hours * 60 + minutes) * (sign == 0x2D ? -60 : 60)
        }
        guard rest.isEmpty else { return nil }
        let seconds =
            Self.days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        milliseconds = Int64(seconds * 1000 + fraction)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }

    /// Seconds as a floating-point number, for metrics and reports.
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
