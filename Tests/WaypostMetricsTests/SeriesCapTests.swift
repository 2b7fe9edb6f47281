import Testing
import WaypostMetrics

@Suite struct SeriesCapTests {
    /// The registry's own count is a series too.
    let registry = MetricsRegistry(seriesLimit: 3)

    private var lines: [Substring] {
        String(decoding: registry.page(.text), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    @Test func `series beyond the cap are measured, not exported, and counted as dropped`() {
        let calls = registry.counter("calls_total", "Calls made.", labels: ["to"])
        for name in ["a", "b", "c", "d"] { calls.with(name).increment() }
        calls.with("a").increment()
        #expect(
            lines == ["waypost_metrics_series_dropped_total 2", #"calls_total{to="a"} 2"#, #"calls_total{to="b"} 1"#])
    }

    @Test func `a histogram costs all its lines or is dropped whole`() {
        let waits = registry.histogram("wait_seconds", "Time waited.", labels: ["way"], buckets: [1, 2])
        waits.with("in").observe(1.5)
        let calls = registry.counter("calls_total", "Calls made.", labels: ["to"])
        calls.with("a").increment()
        #expect(lines == ["waypost_metrics_series_dropped_total 5", #"calls_total{to="a"} 1"#])
    }

    @Test func `collected samples take room for one page only`() {
        registry.collectedGauge("depth", "What waits.", labels: ["of"]) { sink in
            for name in ["a", "b", "c"] { sink([name], 7) }
        }
        #expect(lines.dropFirst() == [#"depth{of="a"} 7"#, #"depth{of="b"} 7"#])
        #expect(lines.dropFirst() == [#"depth{of="a"} 7"#, #"depth{of="b"} 7"#])
        #expect(lines.first == "waypost_metrics_series_dropped_total 2")
    }

    @Test func `collected families ask at each scrape, and are absent while there is nothing to say`() {
        let level = registry.gauge("level", "A level.").with()
        registry.collectedCounter("reads_total", "Reads made.", labels: ["kind"]) { sink in
            if level.value > 0 { sink(["x"], level.value) }
        }
        #expect(!String(decoding: registry.page(.text), as: UTF8.self).contains("reads_total"))
        level.set(3)
        #expect(lines.last == #"reads_total{kind="x"} 3"#)
        level.set(4)
        #expect(lines.last == #"reads_total{kind="x"} 4"#)
    }
}
