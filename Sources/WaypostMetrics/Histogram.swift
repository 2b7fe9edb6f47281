import Synchronization

/// Counts observations by size. Observing takes no lock, except to leave an exemplar.
package final class Histogram: Sendable {
    /// The observation that an operator can look up, a late one of its bucket.
    struct Exemplar: Sendable {
        let traceID: String
        let value: Double
        /// Unix time.
        let milliseconds: Int64
    }

    private let bounds: HistogramBounds
    /// By bucket, not cumulative.
    private let counts: AtomicCounts
    private let sum = AtomicDouble()
    private let exemplars = Mutex<[Exemplar?]>([])
    private let wallClock: WallClock

    init(_ bounds: HistogramBounds, wallClock: @escaping WallClock) {
        self.bounds = bounds
        self.wallClock = wallClock
        counts = AtomicCounts(bounds.labels.count)
    }

    /// Takes in one observation, in the base unit of the name; what is no number is ignored. With a trace id it becomes
    /// its bucket's exemplar, unless that is younger than a second or another thread is leaving one this very moment:
    /// only then is the id asked for, so that it costs next to nothing where thousands are observed a second.
    package func observe(_ value: Double, traceID: @autoclosure () -> String?) {
        guard let bucket = count(value) else { return }
        let now = wallClock()
        _ = exemplars.withLockIfAvailable { exemplars in
            if exemplars.isEmpty { exemplars = Array(repeating: nil, count: bounds.labels.count) }
            if let age = exemplars[bucket].map({ now - $0.milliseconds }), (0..<1000).contains(age) { return }
            // OpenMetrics allows 128 characters for name and value of an exemplar's labels.
            guard let traceID = traceID(), traceID.count <= 120 else { return }
            exemplars[bucket] = Exemplar(traceID: traceID, value: value, milliseconds: now)
        }
    }

    /// The same without a trace.
    package func observe(_ value: Double) { _ = count(value) }

    /// The bucket in which it was counted.
    private func count(_ value: Double) -> Int? {
        guard !value.isNaN else { return nil }
        let bucket = bounds.bucket(of: value)
        counts.increment(bucket)
        sum.add(value)
        return bucket
    }

    /// Takes in a time, in seconds.
    package func observe(_ duration: Duration, traceID: @autoclosure () -> String?) {
        observe(Self.seconds(duration), traceID: traceID())
    }

    package func observe(_ duration: Duration) { observe(Self.seconds(duration)) }

    private static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// How many observations there were.
    package var count: UInt64 { counts.values.reduce(0, &+) }
}

extension Histogram: Instrument {
    /// The count is the sum of the buckets as they were read, so that `+Inf` and `_count` cannot differ.
    func write(_ lines: SeriesLines, from first: Int, to page: inout ExpositionPage) {
        let values = counts.values
        let exemplars = page.isOpenMetrics ? exemplars.withLock { $0 } : []
        var total: UInt64 = 0
        for (bucket, count) in values.enumerated() {
            total &+= count
            page.beginSample(lines, line: first + bucket)
            page.append(whole: total)
            if bucket < exemplars.count, let exemplar = exemplars[bucket] { page.append(exemplar) }
            page.endSample()
        }
        page.beginSample(lines, line: first + values.count)
        page.append(number: sum.value)
        page.endSample()
        page.beginSample(lines, line: first + values.count + 1)
        page.append(whole: total)
        page.endSample()
    }
}

/// The upper bounds of a histogram's buckets, with the `le` label of each as both formats spell it.
struct HistogramBounds: Sendable {
    let values: [Double]
    /// One more than there are values: the last is `+Inf`.
    let labels: [BoundLabel]

    struct BoundLabel: Sendable {
        /// `le="1"`
        let text: [UInt8]
        /// `le="1.0"`: OpenMetrics wants the canonical form.
        let openMetrics: [UInt8]
    }

    init(_ values: [Double]) {
        precondition(!values.isEmpty && values.allSatisfy(\.isFinite), "a histogram's bounds are numbers")
        precondition(zip(values, values.dropFirst()).allSatisfy(<), "a histogram's bounds ascend")
        self.values = values
        labels = (values + [.infinity]).map { bound in
            BoundLabel(
                text: Array("le=\"\(MetricNumber.text(bound))\"".utf8),
                openMetrics: Array("le=\"\(MetricNumber.canonical(bound))\"".utf8))
        }
    }

    /// The place of the bucket that a value belongs to.
    func bucket(of value: Double) -> Int { values.firstIndex { value <= $0 } ?? values.count }
}

/// Histograms of one name and one set of bounds, one for each combination of label values.
package struct HistogramFamily: Sendable {
    let table: SeriesTable<Histogram>

    /// The histogram for these values, in the order of the labels. Keep it where it is used often.
    package func with(_ values: String...) -> Histogram { table.instrument(for: values) }
    package func with(_ values: [String]) -> Histogram { table.instrument(for: values) }
}
