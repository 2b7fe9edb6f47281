/// Takes one sample: the label values, in the order of the labels, and the value.
package typealias SampleSink = (_ labels: [String], _ value: Double) -> Void

/// A family whose samples are asked for at each scrape: for what somebody else already counts.
struct CollectedFamily: MetricFamily {
    let descriptor: MetricDescriptor
    let budget: SeriesBudget
    let collect: @Sendable (_ sink: SampleSink) -> Void

    func write(to page: inout ExpositionPage) {
        var seen: Set<[String]> = []
        collect { labels, value in
            // A sample with the wrong labels, or a second with the same ones, would spoil the whole page.
            guard labels.count == descriptor.labels.count, seen.insert(labels).inserted else {
                return assertionFailure("\(descriptor.name): a sample with wrong or repeated labels")
            }
            guard budget.claim(1) else {
                seen.remove(labels)
                return
            }
            if seen.count == 1 { page.begin(descriptor) }
            page.beginSample(descriptor, SeriesLabels(descriptor.labels, labels))
            page.append(number: value)
            page.endSample()
        }
        budget.release(seen.count)
    }
}
