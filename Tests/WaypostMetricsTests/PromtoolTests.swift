import Foundation
import Testing
import WaypostMetrics

/// A second opinion from Prometheus's own tool.
@Suite struct PromtoolTests {
    @Test func `promtool finds nothing on a page with every kind of family`() throws {
        let registry = MetricsRegistry()
        registry.counter("calls_total", "Calls made.", labels: ["to"]).with("a\"b\\c\nd é").increment(by: 1e9 + 0.5)
        registry.gauge("store_size_bytes", "Size of the store.\nBackslash: \\").with().set(-.infinity)
        let waits = registry.histogram(
            "wait_duration_seconds", "Time waited.", labels: ["way"], buckets: [0.0005, 1, 10])
        for way in ["in", "out"] { waits.with(way).observe(.milliseconds(3), traceID: "0af7651916cd43dd") }
        registry.info("app_build_info", "What runs.", ["version": "1.0", "commit": "abc"])
        registry.collectedGauge("queue_depth", "What waits.", labels: ["of"]) { $0(["a"], 7) }
        registry.collectedCounter("reads_total", "Reads made.") { $0([], 1e21) }
        #expect(try Self.check(registry.page(.text)) == .silent)
    }

    @Test func `promtool would not be silent about a flaw`() throws {
        let flawed = try Self.check(Array("# TYPE waits counter\nwaits 1\n".utf8))
        #expect(flawed != .silent)
    }

    private enum Verdict: Equatable {
        case silent
        case said(String, status: Int32)
    }

    /// What `promtool check metrics` says of a page.
    private static func check(_ page: [UInt8]) throws -> Verdict {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/promtool")
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")
        try #require(
            isInstalled, "promtool is missing: install the Debian package prometheus (deploy/install-packages test)")
        try process.run()
        // promtool reads all before it writes anything, so neither side waits for the other.
        try input.fileHandleForWriting.write(contentsOf: Data(page))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let text = String(decoding: said, as: UTF8.self)
        return process.terminationStatus == 0 && text.isEmpty ? .silent : .said(text, status: process.terminationStatus)
    }
}
