/// What a scraper gets, while it is written: text 0.0.4, or OpenMetrics 1.0.
struct ExpositionPage {
    let isOpenMetrics: Bool
    private(set) var bytes: [UInt8] = []

    init(openMetrics: Bool, expecting size: Int) {
        isOpenMetrics = openMetrics
        bytes.reserveCapacity(size)
    }

    /// The lines before a family's samples.
    mutating func begin(_ family: MetricDescriptor) {
        if isOpenMetrics {
            let name = family.openMetricsName
            append("# TYPE \(name) \(family.kind.rawValue)\n")
            if let unit = family.unit { append("# UNIT \(name) \(unit)\n") }
            append("# HELP \(name) ")
            bytes.appendEscaped(family.help, quotes: true)
            append("\n")
        } else {
            append("# HELP \(family.name) ")
            bytes.appendEscaped(family.help, quotes: false)
            // Info is a word of OpenMetrics alone.
            let kind = family.kind == .info ? .gauge : family.kind
            append("\n# TYPE \(family.name) \(kind.rawValue)\n")
        }
    }

    /// Everything of a sample up to its value.
    mutating func beginSample(_ lines: SeriesLines, line: Int) {
        lines.copy(line, openMetrics: isOpenMetrics, to: &bytes)
    }

    mutating func append(whole value: UInt64) { MetricNumber.append(whole: value, to: &bytes) }

    mutating func append(number value: Double) { MetricNumber.append(value, to: &bytes) }

    /// OpenMetrics: ` # {trace_id="…"} value seconds`, between a sample's value and the end of its line.
    mutating func append(_ exemplar: Histogram.Exemplar) {
        append(" # {trace_id=\"")
        bytes.appendEscaped(exemplar.traceID, quotes: true)
        append("\"} \(MetricNumber.canonical(exemplar.value)) ")
        append(whole: UInt64(max(0, exemplar.milliseconds)) / 1000)
        let milliseconds = String(max(0, exemplar.milliseconds) % 1000)
        append("." + String(repeating: "0", count: 3 - milliseconds.count) + milliseconds)
    }

    mutating func endSample() { bytes.append(UInt8(ascii: "\n")) }

    /// The line that OpenMetrics asks for at the end.
    mutating func end() {
        if isOpenMetrics { append("# EOF\n") }
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
