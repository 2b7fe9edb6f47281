/// Spans of time as people write them in the API: `500ms`, `10s`, `5m`, `24h`, `7d`. One whole number, one unit.
package enum DurationText {
    /// Units with their length in milliseconds, the largest first.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// nil for anything else, a sign or a fraction included, and for what is over a hundred years.
    package static func parse(_ text: String) -> Duration? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let unit = text.utf8.dropFirst(digits.count)
        guard (1...15).contains(digits.count), let count = Int64(Substring(digits)),
            let length = units.first(where: { $0.name.utf8.elementsEqual(unit) })?.milliseconds,
            count <= 100 * 365 * units[0].milliseconds / length
        else { return nil }
        return .milliseconds(count * length)
    }

    /// The largest unit that needs no fraction: `90s`, `24h`→`1d`; what lies between milliseconds is cut off.
    package static func write(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        guard milliseconds != 0 else { return "0s" }
        for unit in units where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}
