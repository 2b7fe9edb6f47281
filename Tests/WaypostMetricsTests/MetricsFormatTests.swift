import Testing
import WaypostMetrics

@Suite struct MetricsFormatTests {
    private static let plain = MetricsFormat.openMetrics(namesEscaping: false)
    private static let escaping = MetricsFormat.openMetrics(namesEscaping: true)

    @Test(
        arguments: [
            (nil, .text), ("", .text), ("*/*", .text), ("text/html", .text), ("text/plain;version=0.0.4", .text),
            ("application/openmetrics-text", plain), ("application/openmetrics-text; version=1.0.0", plain),
            ("APPLICATION/OpenMetrics-Text;VERSION=\"1.0.0\"", plain),
            ("application/openmetrics-text;version=0.0.1", .text),
            ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4", plain),
            ("application/openmetrics-text;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.4", .text),
            ("text/plain,application/openmetrics-text", .text),
            ("application/openmetrics-text,text/plain", plain),
            ("application/openmetrics-text;q=0", .text), ("application/openmetrics-text;q=x", .text),
            ("application/openmetrics-text;q=7", .text),
            ("application/openmetrics-text;note=\"a,b;c\";version=1.0.0", plain),
            // Prometheus 2.42, and 3 with its names in UTF-8.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", plain
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", escaping
            ),
        ] as [(String?, MetricsFormat)])
    func `the scraper gets what it likes best of what there is`(accept: String?, format: MetricsFormat) {
        #expect(MetricsFormat.negotiate(accept: accept) == format)
    }

    @Test func `the answer names its format`() {
        #expect(MetricsFormat.text.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(Self.plain.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(Self.escaping.contentType.hasSuffix("; escaping=underscores"))
    }

    @Test(arguments: [
        ("a", true), ("a_1", true), ("1a", false), ("", false), ("a-b", false), ("a:b", false), ("é", false),
    ])
    func `names are what Prometheus takes for one`(name: String, isOne: Bool) {
        #expect(MetricName.isMetric(name) == isOne)
        #expect(MetricName.isLabel(name) == isOne)
    }

    @Test func `labels of Prometheus's own are not ours to use`() {
        #expect(!MetricName.isLabel("__name__"))
    }
}
