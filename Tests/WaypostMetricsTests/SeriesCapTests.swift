import Synchronization
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

    @Test func `a fifth of the room is kept for what is asked for`() {
        let registry = MetricsRegistry(seriesLimit: 10)
        registry.collectedGauge("depth", "What waits.", labels: ["of"]) { sink in
            for name in ["a", "b", "c"] { sink([name], 7) }
        }
        let calls = registry.counter("calls_total", "Calls made.", labels: ["to"])
        for name in 0..<20 { calls.with("\(name)").increment() }
        let lines = String(decoding: registry.page(.text), as: UTF8.self).split(separator: "\n").filter {
            !$0.hasPrefix("#")
        }
        #expect(lines.count == 10)
        #expect(lines.count { $0.hasPrefix("calls_total") } == 7)
        #expect(lines.filter { $0.hasPrefix("depth") } == [#"depth{of="a"} 7"#, #"depth{of="b"} 7"#])
    }

    @Test func `series that come, go and change their order are each written once`() {
        let registry = MetricsRegistry()
        let names = Mutex(["a", "b", "c"])
        registry.collectedGauge("depth", "What waits.", labels: ["of", "at"]) { sink in
            for (place, name) in names.withLock({ $0 }).enumerated() { sink([name, "x"], Double(place)) }
        }
        func page(_ format: MetricsFormat) -> [Substring] {
            String(decoding: registry.page(format), as: UTF8.self).split(separator: "\n").filter {
                $0.hasPrefix("depth")
            }
        }
        for order in [["a", "b", "c"], ["a", "c"], ["a", "c", "b"], ["d"], [], ["c", "b", "a", "d"]] {
            names.withLock { $0 = order }
            for _ in 1...2 {
                #expect(page(.text) == order.enumerated().map { #"depth{of="\#($1)",at="x"} \#($0)"# })
                #expect(
                    page(.openMetrics(namesEscaping: false))
                        == order.enumerated().map { #"depth{at="x",of="\#($1)"} \#($0)"# })
            }
        }
    }

    @Test func `families of one look are told from the same facts`() {
        let registry = MetricsRegistry()
        let looks = Mutex(0)
        registry.collected(
            from: {
                looks.withLock {
                    $0 += 1
                    return $0
                }
            },
            .gauge("first", "The look.") { $1([], Double($0)) },
            .counter("second_total", "The same look.") { $1([], Double($0)) })
        let text = String(decoding: registry.page(.text), as: UTF8.self)
        #expect(text.contains("\nfirst 1\n") && text.contains("\nsecond_total 1\n"))
        #expect(looks.withLock { $0 } == 1)
    }
}
