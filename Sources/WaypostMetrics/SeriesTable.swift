import Synchronization

/// Something that is measured, and can write its samples.
protocol Instrument: AnyObject, Sendable {
    func write(_ labels: SeriesLabels, of descriptor: MetricDescriptor, to page: inout ExpositionPage)
}

/// One name with all that is exported under it.
protocol MetricFamily: Sendable {
    var descriptor: MetricDescriptor { get }
    func write(to page: inout ExpositionPage)
}

/// The instruments of one family by their label values. Looking one up takes a lock, using it does not.
final class SeriesTable<Made: Instrument>: MetricFamily {
    private struct Series {
        let labels: SeriesLabels
        let instrument: Made
    }

    private struct Members {
        var places: [[String]: Int] = [:]
        /// In the order in which they were made, which stays.
        var series: [Series] = []
        /// Measured by all that found no room, and never exported.
        var overflow: Made?
    }

    let descriptor: MetricDescriptor
    private let budget: SeriesBudget
    /// How many lines one instrument exports.
    private let cost: Int
    private let make: @Sendable () -> Made
    private let members = Mutex(Members())

    init(_ descriptor: MetricDescriptor, budget: SeriesBudget, cost: Int = 1, make: @escaping @Sendable () -> Made) {
        self.descriptor = descriptor
        self.budget = budget
        self.cost = cost
        self.make = make
        // What needs no labels is there from the first scrape.
        if descriptor.labels.isEmpty { _ = instrument(for: []) }
    }

    func instrument(for values: [String]) -> Made {
        precondition(values.count == descriptor.labels.count, "\(descriptor.name): one value for each label")
        return members.withLock { members in
            if let place = members.places[values] { return members.series[place].instrument }
            guard budget.claim(cost) else {
                let overflow = members.overflow ?? make()
                members.overflow = overflow
                return overflow
            }
            let instrument = make()
            members.places[values] = members.series.count
            members.series.append(
                Series(labels: SeriesLabels(descriptor.labels, values), instrument: instrument))
            return instrument
        }
    }

    func write(to page: inout ExpositionPage) {
        let series = members.withLock { $0.series }
        guard !series.isEmpty else { return }
        page.begin(descriptor)
        for one in series { one.instrument.write(one.labels, of: descriptor, to: &page) }
    }
}

/// How many series may still be made. What finds no room is measured, not exported, and counted here.
final class SeriesBudget: Sendable {
    private let left: Atomic<Int>
    let dropped = Counter()

    init(_ series: Int) { left = Atomic(series) }

    /// Takes room for so many series; false, and they count as dropped, where there is not enough.
    func claim(_ count: Int) -> Bool {
        if left.subtract(count, ordering: .relaxed).newValue >= 0 { return true }
        left.add(count, ordering: .relaxed)
        dropped.increment(by: count)
        return false
    }

    /// Gives room back.
    func release(_ count: Int) { left.add(count, ordering: .relaxed) }
}
