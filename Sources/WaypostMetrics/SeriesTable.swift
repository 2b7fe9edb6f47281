import Synchronization

/// Something that is measured, and can write its samples.
protocol Instrument: AnyObject, Sendable {
    /// Its lines are those from `first` on.
    func write(_ lines: SeriesLines, from first: Int, to page: inout ExpositionPage)
    /// All of a family. A requirement, so that each kind of instrument has a loop of its own, made for it by the compiler.
    static func write(_ all: [Self], _ lines: SeriesLines, to page: inout ExpositionPage)
}

extension Instrument {
    static func write(_ all: [Self], _ lines: SeriesLines, to page: inout ExpositionPage) {
        let step = lines.linesPerSeries
        var line = 0
        for instrument in all {
            instrument.write(lines, from: line, to: &page)
            line += step
        }
    }
}

/// One name with all that is exported under it, or several that belong together.
protocol MetricFamily: Sendable {
    var descriptors: [MetricDescriptor] { get }
    func write(to page: inout ExpositionPage)
}

/// The instruments of one family by their label values. Looking one up takes a lock, using it does not.
final class SeriesTable<Made: Instrument>: MetricFamily {
    private struct Members {
        var places: [[String]: Int] = [:]
        /// In the order in which they were made, which stays.
        var instruments: [Made] = []
        var lines: SeriesLines
        /// Measured by all that found no room, and never exported.
        var overflow: Made?
    }

    private let descriptor: MetricDescriptor
    private let budget: SeriesBudget
    /// How many lines one instrument exports.
    private let cost: Int
    private let make: @Sendable () -> Made
    private let members: Mutex<Members>

    init(
        _ descriptor: MetricDescriptor, budget: SeriesBudget, bounds: HistogramBounds? = nil,
        make: @escaping @Sendable () -> Made
    ) {
        self.descriptor = descriptor
        self.budget = budget
        let lines = SeriesLines(descriptor, bounds: bounds)
        cost = lines.linesPerSeries
        members = Mutex(Members(lines: lines))
        self.make = make
        // What needs no labels is there from the first scrape.
        if descriptor.labels.isEmpty { _ = instrument(for: []) }
    }

    var descriptors: [MetricDescriptor] { [descriptor] }

    func instrument(for values: [String]) -> Made {
        precondition(values.count == descriptor.labels.count, "\(descriptor.name): one value for each label")
        return members.withLock { members in
            if let place = members.places[values] { return members.instruments[place] }
            guard budget.claim(cost) else {
                let overflow = members.overflow ?? make()
                members.overflow = overflow
                return overflow
            }
            let instrument = make()
            members.places[values] = members.instruments.count
            members.instruments.append(instrument)
            members.lines.append(values)
            return instrument
        }
    }

    func write(to page: inout ExpositionPage) {
        let (instruments, lines) = members.withLock { ($0.instruments, $0.lines) }
        guard !instruments.isEmpty else { return }
        page.begin(descriptor)
        Made.write(instruments, lines, to: &page)
    }
}
