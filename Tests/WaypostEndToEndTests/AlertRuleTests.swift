import Foundation
import Testing

/// The rules for Prometheus, before Prometheus's own tool and against the runbook.
@Suite struct AlertRuleTests {
    private static let folder = "deploy/prometheus/"

    @Test(arguments: [
        ["check", "rules", "recording.rules.yml", "alerts.rules.yml"], ["test", "rules", "alerts.test.yml"],
        ["check", "config", "prometheus.yml"],
    ])
    func `promtool finds nothing to complain of`(words: [String]) throws {
        try #require(Prometheus.isInstalled, "install the Debian package prometheus (deploy/install-packages test)")
        let arguments = words.map { $0.hasSuffix(".yml") ? Repository.path(Self.folder + $0) : $0 }
        let end = try Child.run(Prometheus.tool, arguments, in: Folder(), name: "promtool")
        #expect(end.status == 0, "\(end.output) \(end.complaints)")
    }

    /// The lines of each alert, by its name.
    private static func alerts() throws -> [(name: String, text: String)] {
        try Repository.text(folder + "alerts.rules.yml").components(separatedBy: "- alert: ").dropFirst().map { part in
            (String(part.prefix { !$0.isNewline }), part)
        }
    }

    @Test func `each alert says how bad it is, what happened, and where the runbook goes on`() throws {
        let runbook = try Repository.text("Sources/waypost/Waypost.docc/Runbook.md").split(separator: "\n")
        let alerts = try Self.alerts()
        #expect(alerts.count > 20 && Set(alerts.map(\.name)).count == alerts.count)
        for (name, text) in alerts {
            #expect(text.contains(/severity: (page|ticket)\b/), "\(name)")
            #expect(text.contains(/summary: "[^"]{10,}/) && text.contains(/description: "[^"]{10,}/), "\(name)")
            let section = try #require(text.firstMatch(of: /runbook_url: "Runbook\.md#(\w+)"/)?.1, "\(name)")
            #expect(runbook.contains("## \(section)"), "\(name): the runbook has no section \(section)")
        }
    }

    @Test func `each alert is tested once firing and once silent`() throws {
        let tests = try Repository.text(Self.folder + "alerts.test.yml")
        for (name, _) in try Self.alerts() {
            for ending in ["fires", "is silent"] {
                let text = tests.components(separatedBy: "- name: ").first { $0.hasPrefix("\(name) \(ending)\n") }
                let case_ = try #require(text, "\(name) \(ending) is not tested")
                #expect(case_.contains("alertname: \(name)\n"))
                #expect(case_.contains("exp_alerts: []") == (ending == "is silent"), "\(name) \(ending)")
            }
        }
    }
}
