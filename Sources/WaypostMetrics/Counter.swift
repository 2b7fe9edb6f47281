import Synchronization

/// Counts what happened; never goes down. Adding takes no lock.
package final class Counter: Sendable {
    /// Whole amounts and fractions apart, so that counting stays exact beyond 2⁵³.
    private let whole = Atomic<UInt64>(0)
    private let fraction = AtomicDouble()

    init() {}

    /// Adds a whole amount; one below zero is ignored.
    package func increment(by amount: Int = 1) {
        if amount > 0 { increment(by: UInt64(amount)) }
    }

    package func increment(by amount: UInt64) { whole.wrappingAdd(amount, ordering: .relaxed) }

    /// Adds any amount; one below zero, or that is no number, is ignored.
    package func increment(by amount: Double) {
        if amount > 0, amount.isFinite { fraction.add(amount) }
    }

    package var value: Double { Double(whole.load(ordering: .relaxed)) + fraction.value }
}

extension Counter: Instrument {
    func write(_ lines: SeriesLines, from first: Int, to page: inout ExpositionPage) {
        let fraction = fraction.value
        let whole = whole.load(ordering: .relaxed)
        page.beginSample(lines, line: first)
        if fraction == 0 { page.append(whole: whole) } else { page.append(number: Double(whole) + fraction) }
        page.endSample()
    }
}

/// Counters of one name, one for each combination of label values.
package struct CounterFamily: Sendable {
    let table: SeriesTable<Counter>

    /// The counter for these values, in the order of the labels. Keep it where it is used often.
    package func with(_ values: String...) -> Counter { table.instrument(for: values) }
    package func with(_ values: [String]) -> Counter { table.instrument(for: values) }
}
