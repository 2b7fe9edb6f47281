import Synchronization

/// Takes one sample: the label values, in the order of the labels, and the value.
package typealias SampleSink = (_ labels: [String], _ value: Double) -> Void

/// One name of several whose samples come from the same look at something.
package struct CollectedLevel<Facts>: Sendable {
    let descriptor: MetricDescriptor
    let collect: @Sendable (_ facts: Facts, _ sink: SampleSink) -> Void

    /// A level that is read from the facts at each scrape.
    package static func gauge(
        _ name: String, _ help: String, labels: [String] = [],
        collect: @escaping @Sendable (_ facts: Facts, _ sink: SampleSink) -> Void
    ) -> Self {
        Self(descriptor: MetricDescriptor(.gauge, name, help, labels: labels), collect: collect)
    }

    /// A count that somebody else keeps. The name ends in `_total`.
    package static func counter(
        _ name: String, _ help: String, labels: [String] = [],
        collect: @escaping @Sendable (_ facts: Facts, _ sink: SampleSink) -> Void
    ) -> Self {
        Self(descriptor: MetricDescriptor(.counter, name, help, labels: labels), collect: collect)
    }
}

/// Families whose samples are asked for at each scrape: for what somebody else already counts. What they tell comes from one
/// look, so that it is dear only once and the families agree.
final class CollectedFamilies<Facts>: MetricFamily {
    /// What the last scrape had, in its order, which mostly stays.
    private struct Series {
        var labels: [[String]] = []
        var lines: SeriesLines

        mutating func append(_ values: [String]) {
            labels.append(values)
            lines.append(values)
        }

        /// Forgets all but the first.
        mutating func keep(_ count: Int) {
            guard count < labels.count else { return }
            lines.removeLast(labels.count - count)
            labels.removeLast(labels.count - count)
        }
    }

    private let look: @Sendable () -> Facts
    private let levels: [CollectedLevel<Facts>]
    private let budget: SeriesBudget
    /// One for each level.
    private let series: Mutex<[Series]>

    init(
        from look: @escaping @Sendable () -> Facts, _ levels: [CollectedLevel<Facts>], budget: SeriesBudget
    ) {
        self.look = look
        self.levels = levels
        self.budget = budget
        series = Mutex(levels.map { Series(lines: SeriesLines($0.descriptor)) })
    }

    var descriptors: [MetricDescriptor] { levels.map(\.descriptor) }

    func write(to page: inout ExpositionPage) {
        let facts = look()
        for (place, level) in levels.enumerated() {
            // Taken out meanwhile, for `collect` may take its time: a second scraper at the same moment begins without.
            var series = series.withLock { all in
                defer { all[place] = Series(lines: SeriesLines(level.descriptor)) }
                return all[place]
            }
            write(level, of: facts, &series, to: &page)
            self.series.withLock { $0[place] = series }
        }
    }

    private func write(
        _ level: CollectedLevel<Facts>, of facts: Facts, _ series: inout Series, to page: inout ExpositionPage
    ) {
        let descriptor = level.descriptor
        var written = 0
        /// All that was written, once the order is another than last time.
        var seen: Set<[String]>?
        // A constant, which no line has to copy; what is new is written from what grows.
        let known = series.lines
        level.collect(facts) { labels, value in
            let isKnown = seen == nil && written < series.labels.count && series.labels[written] == labels
            if !isKnown, seen == nil {
                series.keep(written)
                seen = Set(series.labels)
            }
            // A sample with the wrong labels, or a second with the same ones, would spoil the whole page.
            guard labels.count == descriptor.labels.count, isKnown || seen?.contains(labels) == false else {
                return assertionFailure("\(descriptor.name): a sample with wrong or repeated labels")
            }
            guard budget.claimOnPage(1) else { return }
            if !isKnown {
                seen?.insert(labels)
                series.append(labels)
            }
            if written == 0 { page.begin(descriptor) }
            if isKnown {
                page.beginSample(known, line: written)
            } else {
                page.beginSample(series.lines, line: written)
            }
            page.append(number: value)
            page.endSample()
            written += 1
        }
        budget.releaseOnPage(written)
        series.keep(written)
    }
}
