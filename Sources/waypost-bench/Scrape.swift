import ArgumentParser
import Foundation
import WaypostCore
import WaypostMetrics
import WaypostSandbox

/// What a look at `/metrics` takes: of a router with many providers while it sends, and of a page as large as one may be.
struct Scrape: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time of a scrape: a router with many providers while it sends, and a page of 10,000 series.")

    @OptionGroup var measurement: Measurement

    @Option(help: "Providers beside the one that takes the messages.")
    var providers = 50

    @Option(help: "Messages sent a second meanwhile: a batch of a hundredth of them each 10 ms.")
    var rate = 500

    func validate() throws {
        guard (0...200).contains(providers) else { throw ValidationError("--providers takes 0 to 200") }
        guard (100...10_000).contains(rate) else { throw ValidationError("--rate takes 100 to 10000") }
    }

    func run() throws {
        let page = Self.full()
        print("a page of 10,000 series, \(page.bytes / 1024) KiB: \(Self.text(page.times))")
        var settings = Sandbox.Settings()
        settings.callbacks.isOn = false
        let sandbox = try Sandbox.start(settings)
        defer { sandbox.stop() }
        let router = try Router(provider: sandbox, idle: providers)
        defer { router.stop() }
        let isOver = Monitor(false)
        let sender = Thread { [port = router.port, rate] in
            guard var connection = try? BlockingConnection(port: port) else { return }
            var batch = 0
            while isOver.wait(atMost: .milliseconds(10), { $0 ? true : nil }) == nil {
                _ = try? connection.exchange(LoadGenerator.Load(batch: rate / 100).bytes(named: "scrape-\(batch)"))
                batch += 1
            }
            connection.hangUp()
        }
        sender.start()
        defer { isOver.change { $0 = true } }
        var connection = try BlockingConnection(port: router.port)
        defer { connection.hangUp() }
        for round in 1...measurement.rounds {
            var (whole, first): ([Double], [Double]) = ([], [])
            var (series, size) = (0, 0)
            let end = ContinuousClock.now + .seconds(measurement.seconds)
            while ContinuousClock.now < end {
                let started = ContinuousClock.now
                let status = try connection.ask(Array("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8))
                whole.append((ContinuousClock.now - started).seconds * 1000)
                first.append((connection.answeredAt - started).seconds * 1000)
                guard status == 200 else { throw BenchFailure("/metrics answered \(status)") }
                if whole.count == 1 {
                    series = connection.body.split(separator: UInt8(ascii: "\n")).count {
                        $0.first != UInt8(ascii: "#")
                    }
                    size = connection.body.count
                }
                usleep(20_000)
            }
            print(
                "round \(round): \(providers + 1) providers, \(series) series, \(size / 1024) KiB, \(rate) messages a "
                    + "second: to the first byte \(Self.text(first)), to the last \(Self.text(whole))")
        }
    }

    /// Milliseconds for a registry at its limit, of counters, histograms and levels that are asked for.
    private static func full() -> (times: [Double], bytes: Int) {
        let registry = MetricsRegistry()
        let attempts = registry.counter("attempts_total", "Attempts.", labels: ["provider", "channel", "outcome"])
        let seconds = registry.histogram(
            "attempt_duration_seconds", "Time.", labels: ["provider"], buckets: (1...13).map { Double($0) / 10 })
        for provider in 0..<50 {
            for channel in ["email", "sms", "push"] {
                for outcome in 0..<43 { attempts.with("provider-\(provider)", channel, "\(outcome)").increment() }
            }
            for place in 0..<2 { seconds.with("provider-\(provider)-\(place)").observe(Double(place)) }
        }
        registry.collectedGauge("queue_depth", "Depth.", labels: ["place"]) { sink in
            for place in 0..<2_000 { sink(["place-\(place)"], Double(place)) }
        }
        var bytes = 0
        let times = (0..<500).map { _ in
            let started = ContinuousClock.now
            bytes = registry.page(.openMetrics(namesEscaping: false)).count
            return (ContinuousClock.now - started).seconds * 1000
        }
        return (times, bytes)
    }

    private static func text(_ times: [Double]) -> String {
        let sorted = times.sorted()
        func at(_ share: Double) -> String {
            sorted.isEmpty
                ? "-" : String(format: "%.2f", sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
        }
        return "median \(at(0.5)) ms, p95 \(at(0.95)), p99 \(at(0.99)) ms of \(times.count)"
    }
}
