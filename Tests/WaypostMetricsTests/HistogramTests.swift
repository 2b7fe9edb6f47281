import Synchronization
import Testing
import WaypostMetrics

@Suite struct HistogramTests {
    let registry = MetricsRegistry(wallClock: { 1_736_942_400_007 })

    private var text: String { String(decoding: registry.page(.text), as: UTF8.self) }
    private var openMetrics: String {
        String(decoding: registry.page(.openMetrics(namesEscaping: false)), as: UTF8.self)
    }

    private func family() -> HistogramFamily {
        registry.histogram("wait_seconds", "Time waited.", labels: ["way"], buckets: [0.1, 1, 10])
    }

    @Test func `buckets count what is at most their bound, cumulatively, and the count is the last of them`() {
        let waits = family().with("in")
        for value in [0.1, 0.100001, 1, 9, 10, 11] { waits.observe(value) }
        waits.observe(.nan)
        #expect(waits.count == 6)
        #expect(
            text.hasSuffix(
                """
                # HELP wait_seconds Time waited.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{way="in",le="0.1"} 1
                wait_seconds_bucket{way="in",le="1"} 3
                wait_seconds_bucket{way="in",le="10"} 5
                wait_seconds_bucket{way="in",le="+Inf"} 6
                wait_seconds_sum{way="in"} 31.200001
                wait_seconds_count{way="in"} 6

                """))
    }

    @Test func `OpenMetrics has canonical bounds and sorted labels`() {
        family().with("in").observe(.milliseconds(1_500))
        #expect(
            openMetrics.hasSuffix(
                """
                # TYPE wait_seconds histogram
                # UNIT wait_seconds seconds
                # HELP wait_seconds Time waited.
                wait_seconds_bucket{le="0.1",way="in"} 0
                wait_seconds_bucket{le="1.0",way="in"} 0
                wait_seconds_bucket{le="10.0",way="in"} 1
                wait_seconds_bucket{le="+Inf",way="in"} 1
                wait_seconds_sum{way="in"} 1.5
                wait_seconds_count{way="in"} 1
                # EOF

                """))
    }

    @Test func `an observation of a bucket with a trace is its exemplar, in OpenMetrics alone`() {
        let waits = family().with("in")
        waits.observe(0.7, traceID: "new")
        waits.observe(0.8)
        waits.observe(0.9)
        waits.observe(99, traceID: "top")
        let lines = openMetrics.split(separator: "\n").filter { $0.contains(" # ") && !$0.hasPrefix("#") }
        #expect(
            lines == [
                #"wait_seconds_bucket{le="1.0",way="in"} 3 # {trace_id="new"} 0.7 1736942400.007"#,
                #"wait_seconds_bucket{le="+Inf",way="in"} 4 # {trace_id="top"} 99.0 1736942400.007"#,
            ])
        #expect(!text.contains("trace_id"))
    }

    @Test func `an exemplar stays for a second, in which no other trace is asked for`() {
        let now = Atomic<Int64>(5_000)
        let asked = Atomic<Int>(0)
        func trace(_ id: String) -> String {
            asked.wrappingAdd(1, ordering: .relaxed)
            return id
        }
        let registry = MetricsRegistry(wallClock: { now.load(ordering: .relaxed) })
        let waits = registry.histogram("wait_seconds", "Time waited.", buckets: [1]).with()
        for (moment, id) in [(5_000, "a"), (5_999, "b"), (6_000, "c"), (6_500, "d"), (2_000, "set back")] {
            now.store(Int64(moment), ordering: .relaxed)
            waits.observe(0.5, traceID: trace(id))
            waits.observe(2, traceID: nil)
        }
        let page = String(decoding: registry.page(.openMetrics(namesEscaping: false)), as: UTF8.self)
        #expect(page.contains(##"le="1.0"} 5 # {trace_id="set back"} 0.5 2.000"##))
        #expect(asked.load(ordering: .relaxed) == 3 && waits.count == 10)
    }

    @Test func `a trace too long for an exemplar is counted without one`() {
        let waits = family().with("in")
        waits.observe(0.5, traceID: String(repeating: "a", count: 121))
        #expect(waits.count == 1)
        #expect(!openMetrics.contains("trace_id"))
    }
}
