import Testing

@testable import WaypostDiagnostics

@Suite struct MetricsPageTests {
    private let page = MetricsPage(
        """
        # HELP message_processing_duration_seconds Time.
        # TYPE message_processing_duration_seconds histogram
        message_processing_duration_seconds_bucket{channel="email",operation="total",le="1"} 90
        message_processing_duration_seconds_bucket{channel="email",operation="total",le="10"} 100
        message_processing_duration_seconds_bucket{channel="email",operation="total",le="+Inf"} 100
        message_processing_duration_seconds_count{channel="email",operation="total"} 100
        waypost_attempts_total{provider="ses",channel="email",outcome="accepted"} 75
        waypost_attempts_total{provider="ses",channel="email",outcome="unavailable"} 25
        waypost_queue_depth{channel="email",state="queued"} 4
        waypost_queue_depth{channel="email",state="sending"} 9
        message_delivery_rate{channel="email",time_window="1h"} 91.5
        waypost_webhooks_total{provider="ses",result="refused"} 2
        odd{a="x,\\"y\\"\\n}",b="2"} +Inf
        process_start_time_seconds 1000
        process_cpu_seconds_total 5
        messages_sent_total{channel="email",type="transactional",status="sent"} 50
        """)

    @Test func `samples are found by name and labels`() {
        #expect(page.sum("waypost_attempts_total", ["provider": "ses"]) == 100)
        #expect(page.value("waypost_attempts_total", ["outcome": "unavailable"]) == 25)
        #expect(page.value("nothing") == nil)
        #expect(page.all("odd").first?.labels == ["a": "x,\"y\"\n}", "b": "2"])
        #expect(page.value("odd") == .infinity)
    }

    @Test(arguments: [(0.45, 0.5), (0.9, 1), (0.95, 5.5), (1, 10)])
    func `a quantile lies straight within its bucket`(fraction: Double, expected: Double) throws {
        let found = try #require(
            page.quantile(fraction, of: "message_processing_duration_seconds", ["operation": "total"]))
        #expect(abs(found - expected) < 1e-9)
    }

    @Test func `beyond the last bound it is that bound, and of nothing there is none`() {
        let page = MetricsPage("x_bucket{le=\"1\"} 0\nx_bucket{le=\"+Inf\"} 3")
        #expect(page.quantile(0.5, of: "x") == 1)
        #expect(MetricsPage("x_bucket{le=\"+Inf\"} 0").quantile(0.5, of: "x") == nil)
    }

    @Test func `how it runs is read off the page`() throws {
        let performance = DiagnosticFacts.Performance(page, now: 1010)
        let channel = try #require(performance.channels.first)
        #expect(channel.name == "email" && channel.queued == 4 && channel.deliveryRates == ["1h": 91.5])
        #expect(channel.p99.map { abs($0 - 9.1) < 1e-9 } == true)
        let provider = try #require(performance.providers.first)
        #expect(provider.attempts == 100 && provider.errors == 25 && provider.refusedCallbacks == 2)
        #expect(performance.throughput == 5 && performance.processorShare == 0.5)
    }
}
