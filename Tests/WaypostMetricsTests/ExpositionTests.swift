import Testing
import WaypostMetrics

@Suite struct ExpositionTests {
    let registry = MetricsRegistry(wallClock: { 1_736_942_400_123 })

    /// What the registry itself counts is on every page.
    private static let own = """
        # HELP waypost_metrics_series_dropped_total Series that were not exported because the limit on series was reached.
        # TYPE waypost_metrics_series_dropped_total counter
        waypost_metrics_series_dropped_total 0

        """
    private static let ownOpen = """
        # TYPE waypost_metrics_series_dropped counter
        # HELP waypost_metrics_series_dropped Series that were not exported because the limit on series was reached.
        waypost_metrics_series_dropped_total 0

        """

    private var text: String { String(decoding: registry.page(.text), as: UTF8.self) }
    private var openMetrics: String {
        String(decoding: registry.page(.openMetrics(namesEscaping: false)), as: UTF8.self)
    }

    @Test func `a counter in both formats`() {
        let calls = registry.counter("calls_total", "Calls made.", labels: ["provider", "code"])
        calls.with("ses", "200").increment()
        calls.with("ses", "500").increment(by: 2.5)
        calls.with("ses", "500").increment(by: -7.0)
        calls.with("ses", "500").increment(by: -7)
        calls.with("ses", "500").increment(by: .nan)
        #expect(
            text == Self.own + """
                # HELP calls_total Calls made.
                # TYPE calls_total counter
                calls_total{provider="ses",code="200"} 1
                calls_total{provider="ses",code="500"} 2.5

                """)
        #expect(
            openMetrics == Self.ownOpen + """
                # TYPE calls counter
                # HELP calls Calls made.
                calls_total{code="200",provider="ses"} 1
                calls_total{code="500",provider="ses"} 2.5
                # EOF

                """)
    }

    @Test func `a gauge goes up and down, and says its unit in OpenMetrics`() {
        let size = registry.gauge("store_size_bytes", "Size of the store.").with()
        size.set(100)
        size.add(-150.5)
        #expect(text.hasSuffix("# TYPE store_size_bytes gauge\nstore_size_bytes -50.5\n"))
        #expect(
            openMetrics.hasSuffix(
                """
                # TYPE store_size_bytes gauge
                # UNIT store_size_bytes bytes
                # HELP store_size_bytes Size of the store.
                store_size_bytes -50.5
                # EOF

                """))
    }

    @Test func `an info is a gauge of 1 in text, and a kind of its own in OpenMetrics`() {
        registry.info("build_info", "What runs.", ["version": "1.0", "commit": "abc"])
        #expect(text.hasSuffix("# TYPE build_info gauge\nbuild_info{version=\"1.0\",commit=\"abc\"} 1\n"))
        #expect(
            openMetrics.hasSuffix(
                "# TYPE build info\n# HELP build What runs.\nbuild_info{commit=\"abc\",version=\"1.0\"} 1\n# EOF\n"))
    }

    @Test func `label values and help are escaped as each format asks`() {
        let levels = registry.gauge("level", "A \"quoted\" back\\slash\nand a line.", labels: ["name"])
        levels.with("a\"b\\c\nd é").set(1)
        #expect(
            text.hasSuffix(
                #"""
                # HELP level A "quoted" back\\slash\nand a line.
                # TYPE level gauge
                level{name="a\"b\\c\nd é"} 1

                """#))
        #expect(openMetrics.contains(#"# HELP level A \"quoted\" back\\slash\nand a line."# + "\n"))
        #expect(openMetrics.contains(#"level{name="a\"b\\c\nd é"} 1"# + "\n"))
    }

    @Test func `a family nobody has used is not on the page`() {
        _ = registry.counter("calls_total", "Calls made.", labels: ["provider"])
        #expect(text == Self.own)
        #expect(openMetrics == Self.ownOpen + "# EOF\n")
    }

    @Test(
        arguments: [
            (0.0, "0"), (-0.5, "-0.5"), (0.0001, "0.0001"), (0.00001, "1e-05"), (999_999, "999999"), (1e6, "1e+06"),
            (1_234_567.5, "1.2345675e+06"), (1e21, "1e+21"), (1.5e-300, "1.5e-300"), (0.1 + 0.2, "0.30000000000000004"),
            (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (123.456, "123.456"),
        ] as [(Double, String)])
    func `numbers are written as Prometheus writes them`(value: Double, expected: String) {
        registry.gauge("level", "A level.").with().set(value)
        #expect(text.hasSuffix("\nlevel \(expected)\n"))
    }

    @Test func `counting stays exact beyond what a double can hold`() {
        let calls = registry.counter("calls_total", "Calls made.").with()
        calls.increment(by: UInt64(9_007_199_254_740_993))
        #expect(text.hasSuffix("\ncalls_total 9007199254740993\n"))
    }

    @Test func `counting from many threads loses nothing`() async {
        let calls = registry.counter("calls_total", "Calls made.", labels: ["kind"])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<5_000 { calls.with("a").increment(by: 0.5) } }
            }
        }
        #expect(calls.with("a").value == 20_000)
    }
}
