/// What stands before the values on the lines of a family's series, in both formats, written out once when a series is made:
/// a page is then little more than copying, from one end of this to the other.
struct SeriesLines: Sendable {
    /// Beginnings of lines, one after the other, and where each ends.
    private struct Beginnings: Sendable {
        var bytes: [UInt8] = []
        var ends: [Int] = []

        /// Copies by pointer: a page has thousands of lines, and a slice of each would have to be counted.
        func copy(_ line: Int, to page: inout [UInt8]) {
            let range = (line == 0 ? 0 : ends[line - 1])..<ends[line]
            bytes.withUnsafeBufferPointer { page.append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
        }

        mutating func removeLast(_ count: Int) {
            ends.removeLast(count)
            bytes.removeLast(bytes.count - (ends.last ?? 0))
        }
    }

    private let descriptor: MetricDescriptor
    /// Of a histogram, whose lines are the buckets, the sum and the count.
    private let bounds: HistogramBounds?
    private var text = Beginnings()
    private var openMetrics = Beginnings()
    /// Both formats write the same, and only `text` is kept.
    private let areSame: Bool

    init(_ descriptor: MetricDescriptor, bounds: HistogramBounds? = nil) {
        self.descriptor = descriptor
        self.bounds = bounds
        areSame = bounds == nil && descriptor.labels == descriptor.labels.sorted()
    }

    /// How many lines one series has.
    var linesPerSeries: Int { bounds.map { $0.labels.count + 2 } ?? 1 }

    /// Copies the beginning of a line, up to the value.
    func copy(_ line: Int, openMetrics isOpenMetrics: Bool, to page: inout [UInt8]) {
        if isOpenMetrics && !areSame { openMetrics.copy(line, to: &page) } else { text.copy(line, to: &page) }
    }

    /// The lines of one more series, with these values of the labels.
    mutating func append(_ values: [String]) {
        let declared = zip(descriptor.labels, values).map { (name: $0, value: $1) }
        Self.add(descriptor.name, declared[...], bounds?.labels.map(\.text), [], to: &text)
        if areSame { return }
        // Sorted by name, as OpenMetrics' reference writers do, `le` among them.
        let sorted = declared.sorted { $0.name < $1.name }
        let place = sorted.firstIndex { $0.name > "le" } ?? sorted.count
        Self.add(
            descriptor.name, sorted[..<place], bounds?.labels.map(\.openMetrics), sorted[place...], to: &openMetrics)
    }

    /// Takes away the lines of the series that came last.
    mutating func removeLast(_ series: Int) {
        text.removeLast(series * linesPerSeries)
        if !areSame { openMetrics.removeLast(series * linesPerSeries) }
    }

    private typealias Labels = ArraySlice<(name: String, value: String)>

    private static func add(
        _ name: String, _ before: Labels, _ bounds: [[UInt8]]?, _ after: Labels, to made: inout Beginnings
    ) {
        let (before, after) = (before.map(text), after.map(text))
        func add(_ suffix: String, _ bound: [UInt8]?) {
            made.bytes.append(contentsOf: (name + suffix).utf8)
            let labels = before + (bound.map { [$0] } ?? []) + after
            if !labels.isEmpty {
                made.bytes.append(UInt8(ascii: "{"))
                made.bytes.append(contentsOf: labels.joined(separator: [UInt8(ascii: ",")]))
                made.bytes.append(UInt8(ascii: "}"))
            }
            made.bytes.append(UInt8(ascii: " "))
            made.ends.append(made.bytes.count)
        }
        guard let bounds else { return add("", nil) }
        for bound in bounds { add("_bucket", bound) }
        add("_sum", nil)
        add("_count", nil)
    }

    private static func text(_ label: (name: String, value: String)) -> [UInt8] {
        var bytes = Array("\(label.name)=\"".utf8)
        bytes.appendEscaped(label.value, quotes: true)
        bytes.append(UInt8(ascii: "\""))
        return bytes
    }
}

extension [UInt8] {
    /// Both formats escape backslash and newline everywhere, and the quote where the text stands in quotes.
    mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\"") where quotes: append(contentsOf: "\\\"".utf8)
            default: append(byte)
            }
        }
    }
}
