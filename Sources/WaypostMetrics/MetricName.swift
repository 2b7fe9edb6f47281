/// What Prometheus takes for a name (exposition formats, "Comments, help text, and type information").
package enum MetricName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, without the colons, which are kept for recording rules.
    package static func isMetric(_ name: String) -> Bool { isIdentifier(name) }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`; names that begin with two underscores are Prometheus's own.
    package static func isLabel(_ name: String) -> Bool { isIdentifier(name) && !name.hasPrefix("__") }

    private static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { byte in
            isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// What is said of a family before its samples.
struct MetricDescriptor: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
        /// A gauge that is 1 and speaks by its labels; OpenMetrics has a word for it.
        case info
    }

    let name: String
    let help: String
    let kind: Kind
    let labels: [String]

    /// Names and labels are written in code: a wrong one is a mistake there, found when the registry is built.
    init(_ kind: Kind, _ name: String, _ help: String, labels: [String]) {
        precondition(MetricName.isMetric(name), "\(name) is not a metric name")
        precondition(labels.allSatisfy(MetricName.isLabel), "\(name): a label's name is wrong")
        precondition(Set(labels).count == labels.count, "\(name): a label stands twice")
        precondition(kind != .histogram || !labels.contains("le"), "\(name): le is the histogram's own label")
        precondition(name.hasSuffix("_total") == (kind == .counter), "\(name): counters end in _total, others do not")
        precondition(kind != .info || name.hasSuffix("_info"), "\(name): an info ends in _info")
        precondition(!help.isEmpty, "\(name): say what it measures")
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
    }

    /// OpenMetrics names a counter and an info without their suffix.
    var openMetricsName: String {
        switch kind {
        case .counter: String(name.dropLast("_total".count))
        case .info: String(name.dropLast("_info".count))
        case .gauge, .histogram: name
        }
    }

    /// The base unit at the end of the name, for OpenMetrics.
    var unit: String? { ["seconds", "bytes", "ratio"].first { openMetricsName.hasSuffix("_" + $0) } }
}
