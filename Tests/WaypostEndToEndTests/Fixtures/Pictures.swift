import Foundation

/// Pictures for the README, drawn from what Prometheus answered: `WAYPOST_PICTURES=1 swift test --filter Monitoring`.
enum Pictures {
    static func draw(of traffic: WatchedTraffic) throws {
        guard ProcessInfo.processInfo.environment["WAYPOST_PICTURES"] != nil else { return }
        func lines(_ expression: String, named label: String) throws -> [Graph.Line] {
            try traffic.prometheus.range(expression, from: traffic.start, to: traffic.end)
                .map {
                    Graph.Line(name: $0.labels[label] ?? "", points: $0.drawn.map { ($0.at - traffic.start, $0.value) })
                }
                .filter { !$0.points.isEmpty }.sorted { $0.name < $1.name }
        }
        let span = traffic.end - traffic.start
        let outage = traffic.outage.lowerBound - traffic.start...traffic.outage.upperBound - traffic.start
        let carriers = Graph(
            title: "Who carries it", unit: "emails accepted a second", span: span, shade: outage,
            lines: try lines(
                #"sum by (provider) (rate(waypost_attempts_total{channel="email",outcome="accepted"}[3s]))"#,
                named: "provider"))
        try Repository.write(carriers.svg, to: "dashboards/who-carries-it.svg")
        let breakers = Graph(
            title: "Circuit breakers", unit: "0 closed, 1 half-open, 2 open", span: span, shade: outage,
            isStepped: true,
            top: 2, lines: try lines(#"waypost_breaker_state{channel="email"}"#, named: "provider"))
        try Repository.write(breakers.svg, to: "dashboards/circuit-breakers.svg")
        let rates = Graph(
            title: "Delivery rate by channel", unit: "% of what was sent, within the last hour", span: span,
            shade: outage, top: 100,
            lines: try lines(#"message_delivery_rate{time_window="1h"}"#, named: "channel"))
        try Repository.write(rates.svg, to: "dashboards/delivery-rate.svg")
    }
}

/// A graph over time as SVG, plain enough to be read in a diff.
struct Graph {
    struct Line {
        var name: String
        /// Seconds from the start.
        var points: [(at: Double, value: Double)]
    }

    var title: String
    var unit: String
    /// Seconds shown.
    var span: Double
    /// The outage.
    var shade: ClosedRange<Double>
    /// The value holds until the next point.
    var isStepped = false
    /// The highest value shown; nil: of the lines.
    var top: Double?
    var lines: [Line]

    private static let colors = ["#1f6feb", "#d1602c", "#2da44e", "#8250df", "#9a6700"]
    private let left = 44.0
    private let right = 700.0
    private let floor = 210.0
    private let ceiling = 48.0

    init(
        title: String, unit: String, span: Double, shade: ClosedRange<Double>, isStepped: Bool = false,
        top: Double? = nil, lines: [Line]
    ) {
        self.title = title
        self.unit = unit
        self.span = span
        self.shade = shade
        self.isStepped = isStepped
        self.top = top
        self.lines = lines
    }

    private var height: Double { max(1, top ?? (lines.flatMap(\.points).map(\.value).max() ?? 1) * 1.1) }
    private func x(_ at: Double) -> String { Self.text(left + (right - left) * min(max(0, at), span) / span) }
    private func y(_ value: Double) -> String { Self.text(floor - (floor - ceiling) * value / height) }
    private static func text(_ number: Double) -> String { String(format: "%.1f", number) }

    var svg: String {
        var parts = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 270" font-family="sans-serif" font-size="12">"#,
            ##"<rect width="720" height="270" fill="#ffffff"/>"##,
            ##"<text x="16" y="22" font-size="15" font-weight="bold" fill="#1f2328">\##(title)</text>"##,
            ##"<text x="16" y="38" fill="#59636e">\##(unit)</text>"##,
            "<rect x=\"\(x(shade.lowerBound))\" y=\"\(y(height))\" "
                + "width=\"\(Self.text((right - left) * (shade.upperBound - shade.lowerBound) / span))\" "
                + "height=\"\(Self.text(floor - ceiling))\" fill=\"#d1242f\" opacity=\"0.08\"/>",
            "<text x=\"\(x(shade.lowerBound))\" dx=\"4\" y=\"\(Self.text(floor - 10))\" fill=\"#d1242f\">"
                + "sendgrid answers 503</text>",
        ]
        for step in 0...4 {
            let value = height * Double(step) / 4
            let label = height >= 8 ? String(Int(value.rounded())) : String(format: "%g", (value * 10).rounded() / 10)
            parts.append(
                "<line x1=\"\(Self.text(left))\" x2=\"\(Self.text(right))\" y1=\"\(y(value))\" y2=\"\(y(value))\" "
                    + "stroke=\"#d1d9e0\"/>")
            parts.append(
                "<text x=\"\(Self.text(left - 6))\" y=\"\(y(value))\" dy=\"4\" text-anchor=\"end\" fill=\"#59636e\">"
                    + "\(label)</text>")
        }
        for second in stride(from: 0.0, through: span, by: 5) {
            parts.append(
                "<text x=\"\(x(second))\" y=\"\(Self.text(floor + 18))\" text-anchor=\"middle\" fill=\"#59636e\">"
                    + "\(Int(second)) s</text>")
        }
        for (index, line) in lines.enumerated() {
            let color = Self.colors[index % Self.colors.count]
            parts.append(
                "<polyline fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" points=\"\(path(line))\"/>")
            let at = left + Double(index) * 120
            parts.append(
                "<rect x=\"\(Self.text(at))\" y=\"244\" width=\"12\" height=\"12\" fill=\"\(color)\"/>"
                    + "<text x=\"\(Self.text(at + 18))\" y=\"254\" fill=\"#1f2328\">\(line.name)</text>")
        }
        return parts.joined(separator: "\n") + "\n</svg>\n"
    }

    private func path(_ line: Line) -> String {
        var places: [String] = []
        for (index, point) in line.points.enumerated() {
            if isStepped, index > 0 { places.append("\(x(point.at)),\(y(line.points[index - 1].value))") }
            places.append("\(x(point.at)),\(y(point.value))")
        }
        return places.joined(separator: " ")
    }
}
