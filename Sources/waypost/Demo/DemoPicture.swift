import Foundation

/// What a demo looks like: numbers in, lines out.
struct DemoPicture {
    /// One channel.
    struct Pane {
        var name: String
        var accepted = 0
        var waiting = 0
        /// nil where no provider tells.
        var delivered: Int?
        /// Primary first.
        var rows: [Row] = []
    }

    struct Row {
        var name: String
        var breaker: String
        /// Messages a second.
        var rate: Double
        var total: Int
        /// What it told to be delivered and the router took; nil where it never tells.
        var delivered: Int?
        var inFlight: Int
    }

    var panes: [Pane] = []
    var acceptedRate = 0.0
    private var notes: [String] = []
    private static let maxNotes = 12
    private static let barLength = 13

    mutating func add(_ note: String) {
        notes.append(note)
        if notes.count > Self.maxNotes { notes.removeFirst() }
    }

    static func time(_ span: Duration) -> String { String(format: "%5.1f s", span.seconds) }

    private var accepted: Int { panes.reduce(0) { $0 + $1.accepted } }
    private var waiting: Int { panes.reduce(0) { $0 + $1.waiting } }

    /// For a terminal of that size. `ends` is when the demo does, where it does by itself.
    func lines(at now: Duration, url: String, ends: Duration?, size: Terminal.Size) -> [String] {
        let until = ends.map { " of \(Int($0.seconds)) s" } ?? "   Ctrl-C ends it"
        let total = "   accepted \(accepted), \(Int(acceptedRate.rounded())) a second, waiting \(waiting)"
        var lines = [
            Self.bold("Waypost demo") + Self.time(now) + until + total,
            "router \(url)   metrics \(url)/metrics".clipped(to: size.columns),
            "",
        ]
        for pane in panes { lines += self.lines(of: pane) }
        lines.append("")
        // One row stays free for the cursor: a picture that scrolls could not be drawn over.
        return lines + notes.suffix(max(0, size.rows - lines.count - 1)).map { $0.clipped(to: size.columns) }
    }

    private func lines(of pane: Pane) -> [String] {
        let head = pane.name.padded(to: 15) + "breaker    a second"
        let delivered = pane.delivered.map { ["delivered \($0)"] } ?? []
        let counts = (["accepted \(pane.accepted)"] + delivered + ["waiting \(pane.waiting)"]).joined(separator: ", ")
        let fastest = max(1, pane.rows.reduce(0) { $0 + $1.rate })
        return [Self.bold(head) + counts.padded(from: 78 - head.count)]
            + pane.rows.map { row in
                let length = min(Self.barLength, Int((row.rate / fastest * Double(Self.barLength)).rounded()))
                return "  " + row.name.padded(to: 13) + Self.colored(row.breaker.padded(to: 11), row.breaker)
                    + String(repeating: "█", count: length).padded(to: Self.barLength)
                    + "\(Int(row.rate.rounded()))".padded(from: 6) + " \(row.total) sent".padded(from: 12)
                    + (row.delivered.map { " \($0) delivered" } ?? "").padded(from: 17)
                    + (row.inFlight > 0 ? "+\(row.inFlight)" : "").padded(from: 5)
            }
    }

    /// For files and pipes.
    func plainLine(at now: Duration) -> String {
        let channels = panes.map { pane in
            let rows = pane.rows.map { row in
                row.name + (row.breaker == "closed" ? "" : " \(row.breaker)") + " \(Int(row.rate.rounded()))/s"
            }
            let delivered = pane.delivered.map { ", delivered \($0)" } ?? ""
            return "\(pane.name): " + rows.joined(separator: ", ") + delivered
        }
        return Self.time(now) + "  accepted \(accepted)  waiting \(waiting)  " + channels.joined(separator: "  ")
    }

    private static func bold(_ text: String) -> String { "\u{1B}[1m\(text)\u{1B}[0m" }

    private static func colored(_ text: String, _ state: String) -> String {
        let color = state == "closed" ? 32 : state == "open" ? 31 : 33
        return "\u{1B}[\(color)m\(text)\u{1B}[0m"
    }
}
