import Foundation

/// What a demo looks like: numbers in, lines out.
struct DemoPicture {
    struct Row {
        var name: String
        var breaker: String
        /// Messages a second.
        var rate: Double
        var total: Int
        var inFlight: Int
    }

    var rows: [Row] = []
    var accepted = 0
    var acceptedRate = 0.0
    var waiting = 0
    private var notes: [String] = []
    private static let maxNotes = 12
    private static let barLength = 30

    mutating func add(_ note: String) {
        notes.append(note)
        if notes.count > Self.maxNotes { notes.removeFirst() }
    }

    static func time(_ span: Duration) -> String { String(format: "%5.1f s", Self.seconds(span)) }

    private static func seconds(_ span: Duration) -> Double {
        let (seconds, attoseconds) = span.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// For a terminal. `ends` is when the demo does, where it does by itself.
    func lines(at now: Duration, url: String, ends: Duration?) -> [String] {
        let until = ends.map { " of \(Int(Self.seconds($0))) s" } ?? "   Ctrl-C ends it"
        var lines = [
            Self.bold("Waypost demo") + Self.time(now) + until,
            "router \(url)   metrics \(url)/metrics",
            "",
            "accepted \(accepted), \(Int(acceptedRate.rounded())) a second; waiting \(waiting)",
            "",
            "provider   breaker     a second                                   sent   in flight",
        ]
        let fastest = max(1, rows.map(\.rate).max() ?? 1, acceptedRate)
        for row in rows {
            let length = Int((row.rate / fastest * Double(Self.barLength)).rounded())
            let bar = String(repeating: "█", count: length) + String(repeating: " ", count: Self.barLength - length)
            lines.append(
                Self.padded(row.name, 11) + Self.colored(Self.padded(row.breaker, 10), row.breaker) + "  " + bar
                    + Self.right("\(Int(row.rate.rounded()))", 6) + Self.right("\(row.total)", 10)
                    + Self.right("\(row.inFlight)", 12))
        }
        lines.append("")
        return lines + notes
    }

    /// For files and pipes.
    func plainLine(at now: Duration) -> String {
        let providers = rows.map { row in
            "\(row.name) \(row.breaker) \(Int(row.rate.rounded()))/s \(row.total)"
        }
        return Self.time(now) + "  accepted \(accepted)  waiting \(waiting)  " + providers.joined(separator: "  ")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func bold(_ text: String) -> String { "\u{1B}[1m\(text)\u{1B}[0m" }

    private static func colored(_ text: String, _ state: String) -> String {
        let color = state == "closed" ? 32 : state == "open" ? 31 : 33
        return "\u{1B}[\(color)m\(text)\u{1B}[0m"
    }
}
