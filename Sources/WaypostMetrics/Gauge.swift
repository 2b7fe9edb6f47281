/// A level that goes up and down. Setting takes no lock.
package final class Gauge: Sendable {
    private let level = AtomicDouble()

    init() {}

    package func set(_ value: Double) { level.store(value) }
    package func add(_ amount: Double) { level.add(amount) }
    package var value: Double { level.value }
}

extension Gauge: Instrument {
    func write(_ lines: SeriesLines, from first: Int, to page: inout ExpositionPage) {
        page.beginSample(lines, line: first)
        page.append(number: value)
        page.endSample()
    }
}

/// Gauges of one name, one for each combination of label values.
package struct GaugeFamily: Sendable {
    let table: SeriesTable<Gauge>

    /// The gauge for these values, in the order of the labels. Keep it where it is used often.
    package func with(_ values: String...) -> Gauge { table.instrument(for: values) }
    package func with(_ values: [String]) -> Gauge { table.instrument(for: values) }
}
