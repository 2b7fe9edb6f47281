/// Spans of time and sizes as people write them in the configuration: one whole number, one unit.
enum Units {
    private static let spans: [(unit: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    private static let sizes: [(unit: String, bytes: Int)] = [
        ("", 1), ("B", 1), ("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("KiB", 1 << 10),
        ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    /// `500ms`, `10s`, `5m`, `24h`, `7d`, and `0`, which needs no unit; nil for anything else.
    static func duration(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        guard let (count, unit) = parts(of: text), let span = spans.first(where: { $0.unit == unit }) else {
            return nil
        }
        let (milliseconds, overflow) = Int64(count).multipliedReportingOverflow(by: span.milliseconds)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// The shortest way to write a whole number of milliseconds: `90s`, `24h`.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        for span in spans.reversed() where milliseconds != 0 && milliseconds % span.milliseconds == 0 {
            return "\(milliseconds / span.milliseconds)\(span.unit)"
        }
        return "0s"
    }

    /// `1MiB`, `512KiB`, `10MB`, `1000`; nil for anything else.
    static func bytes(_ text: String) -> Int? {
        guard let (count, unit) = parts(of: text), let size = sizes.first(where: { $0.unit == unit }) else {
            return nil
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size.bytes)
        return overflow ? nil : bytes
    }

    /// The shortest way to write a number of bytes: `1MiB`, `1000`.
    static func text(bytes: Int) -> String {
        for unit in ["GiB", "MiB", "KiB"] {
            guard let size = sizes.first(where: { $0.unit == unit })?.bytes else { continue }
            if bytes >= size, bytes % size == 0 { return "\(bytes / size)\(unit)" }
        }
        return "\(bytes)"
    }

    private static func parts(of text: String) -> (count: Int, unit: Substring)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits) else { return nil }
        return (count, text[digits.endIndex...])
    }
}
