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

    @Test func `the last observation of a bucket with a trace is its exemplar, in OpenMetrics alone`() {
        let waits = family().with("in")
        waits.observe(0.5, traceID: "old")
        waits.observe(0.7, traceID: "new")
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

    @Test func `a trace too long for an exemplar is counted without one`() {
        let waits = family().with("in")
        waits.observe(0.5, traceID: String(repeating: "a", count: 121))
        #expect(waits.count == 1)
        #expect(!openMetrics.contains("trace_id"))
    }
}
