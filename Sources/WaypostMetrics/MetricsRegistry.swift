import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Milliseconds of Unix time.
package typealias WallClock = @Sendable () -> Int64

/// All that the process exports to Prometheus. Families are made when it starts and written in that order.
///
/// At most `seriesLimit` series are exported; what is measured beyond that goes nowhere and is counted in
/// `waypost_metrics_series_dropped_total`.
package final class MetricsRegistry: Sendable {
    private struct Contents {
        var families: [any MetricFamily] = []
        /// Their names in OpenMetrics, which drops suffixes.
        var names: Set<String> = []
        /// Of the last page, so that the next is written without growing.
        var pageSize = 16_384
    }

    private let contents = Mutex(Contents())
    private let budget: SeriesBudget
    private let wallClock: WallClock

    /// `wallClock` stamps exemplars.
    package init(seriesLimit: Int = 10_000, wallClock: @escaping WallClock = MetricsRegistry.systemClock) {
        self.wallClock = wallClock
        budget = SeriesBudget(seriesLimit)
        let dropped = budget.dropped
        add(
            SeriesTable(
                MetricDescriptor(
                    .counter, "waypost_metrics_series_dropped_total",
                    "Series that were not exported because the limit on series was reached.", labels: []),
                budget: budget
            ) { dropped })
    }

    /// A count of what happened. The name ends in `_total`.
    package func counter(_ name: String, _ help: String, labels: [String] = []) -> CounterFamily {
        let descriptor = MetricDescriptor(.counter, name, help, labels: labels)
        return CounterFamily(table: add(SeriesTable(descriptor, budget: budget) { Counter() }))
    }

    /// A level that goes up and down.
    package func gauge(_ name: String, _ help: String, labels: [String] = []) -> GaugeFamily {
        let descriptor = MetricDescriptor(.gauge, name, help, labels: labels)
        return GaugeFamily(table: add(SeriesTable(descriptor, budget: budget) { Gauge() }))
    }

    /// Observations counted by size. The bounds ascend and are in the base unit of the name; `+Inf` is added.
    package func histogram(
        _ name: String, _ help: String, labels: [String] = [], buckets: [Double]
    ) -> HistogramFamily {
        let descriptor = MetricDescriptor(.histogram, name, help, labels: labels)
        let bounds = HistogramBounds(buckets)
        let wallClock = wallClock
        return HistogramFamily(
            table: add(
                SeriesTable(descriptor, budget: budget, bounds: bounds) {
                    Histogram(bounds, wallClock: wallClock)
                }))
    }

    /// Facts about the process that do not change, as labels of a gauge that is 1. The name ends in `_info`.
    package func info(_ name: String, _ help: String, _ facts: KeyValuePairs<String, String>) {
        let descriptor = MetricDescriptor(.info, name, help, labels: facts.map(\.key))
        add(SeriesTable(descriptor, budget: budget) { Gauge() }).instrument(for: facts.map(\.value)).set(1)
    }

    /// Levels that are asked for at each scrape. The closure runs on the scraper's thread and must not block for long.
    package func collectedGauge(
        _ name: String, _ help: String, labels: [String] = [],
        collect: @escaping @Sendable (_ sink: SampleSink) -> Void
    ) {
        collected(from: {}, .gauge(name, help, labels: labels) { collect($1) })
    }

    /// Counts that somebody else keeps, asked for at each scrape. The name ends in `_total`.
    package func collectedCounter(
        _ name: String, _ help: String, labels: [String] = [],
        collect: @escaping @Sendable (_ sink: SampleSink) -> Void
    ) {
        collected(from: {}, .counter(name, help, labels: labels) { collect($1) })
    }

    /// Levels and counts that are read from one look at something, taken at each scrape: what is dear to ask is asked once,
    /// and what belongs together agrees. `look` runs on the scraper's thread and must not block for long.
    package func collected<Facts>(
        from look: @escaping @Sendable () -> Facts, _ levels: CollectedLevel<Facts>...
    ) {
        add(CollectedFamilies(from: look, levels, budget: budget))
    }

    /// The page in Prometheus text 0.0.4.
    package func text() -> [UInt8] { page(openMetrics: false) }

    /// The page in OpenMetrics 1.0, with exemplars.
    package func openMetrics() -> [UInt8] { page(openMetrics: true) }

    /// The page in the format that was agreed on.
    package func page(_ format: MetricsFormat) -> [UInt8] { page(openMetrics: format != .text) }

    private func page(openMetrics: Bool) -> [UInt8] {
        let (families, size) = contents.withLock { ($0.families, $0.pageSize) }
        var page = ExpositionPage(openMetrics: openMetrics, expecting: size + size / 8)
        for family in families { family.write(to: &page) }
        page.end()
        let written = page.bytes.count
        contents.withLock { $0.pageSize = written }
        return page.bytes
    }

    /// A name that is taken already is a mistake in the program.
    @discardableResult
    private func add<Family: MetricFamily>(_ family: Family) -> Family {
        contents.withLock { contents in
            for descriptor in family.descriptors {
                let isNew = contents.names.insert(descriptor.openMetricsName).inserted
                precondition(isNew, "\(descriptor.name) is registered twice")
            }
            contents.families.append(family)
        }
        return family
    }

    package static let systemClock: WallClock = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
