import Testing
import WaypostCore
import WaypostJSON

@testable import WaypostDiagnostics

@Suite struct ReportTests {
    private func report(_ facts: DiagnosticFacts, after previous: JSONValue? = nil) -> JSONValue {
        DiagnosticReport(
            id: DiagnosticID(at: facts.at), facts: facts, duration: .milliseconds(12), by: "ops", version: "1"
        ).json(comparedTo: previous)
    }

    @Test func `a report has the members that the description names`() {
        #expect(
            report(RecommendationTests.healthy).members?.map(\.name) == [
                "id", "at", "by", "duration_ms", "version", "status", "summary", "recommendations", "services",
                "network",
                "mail", "performance", "security", "compared",
            ])
    }

    @Test func `the first report has nothing to be compared with`() {
        let report = report(RecommendationTests.healthy)
        #expect(report["status"] == "healthy")
        #expect(report["compared"]?["previous_id"] == .null)
        #expect(report["compared"]?["new_issues"] == [])
        #expect(report["summary"] == ["critical": 0, "high": 0, "medium": 0, "low": 0])
    }

    @Test func `what came and what went is told against the last`() {
        var before = RecommendationTests.healthy
        before.services.lastReloadFailed = true
        before.performance.channels[0].p99 = 0.1
        let previous = report(before)
        var now = RecommendationTests.healthy
        now.services.providers[0].freshCheck?.ailment = "401"
        now.services.providers[0].breakers["email"] = "open"
        now.performance.channels[0].p99 = 0.3
        let compared = report(now, after: previous)["compared"]
        #expect(compared?["previous_id"] == previous["id"])
        #expect(
            compared?["new_issues"] == ["breaker_open:ses/email", "provider_down:ses", "fallback:email"])
        #expect(compared?["resolved_issues"] == ["reload"])
        #expect(
            compared?["changes"] == [
                "ses health: pass → fail", "ses breaker on email: closed → open", "email p99: 100 ms → 300 ms",
            ])
    }

    @Test func `a report can be read again`() throws {
        var facts = RecommendationTests.healthy
        facts.hosts = [RecommendationTests.host(lead: .milliseconds(1234), resolve: .microseconds(1500))]
        facts.performance.maxFiles = .max
        var json = JSONWriter()
        json.element(report(facts))
        let read = try JSONValue(parsing: json.bytes)
        #expect(read["network"]?[0]?["dns"]?["ms"] == .number(1.5))
        #expect(read["network"]?[0]?["clock_lead_ms"] == 1234)
        #expect(read["network"]?[0]?["tls"]?["trusted"] == true)
    }
}
