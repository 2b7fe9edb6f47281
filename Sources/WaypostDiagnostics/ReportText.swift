import WaypostJSON

/// A report as people read it: what to do first, then the facts in tables.
package enum ReportText {
    /// `report` in the form of the API; what it lacks is shown as `-`.
    package static func lines(_ report: JSONValue) -> [String] {
        var lines = [
            "\(text(report["status"])): \(text(report["id"])), \(text(report["at"])), "
                + "in \(text(report["duration_ms"])) ms, waypost \(text(report["version"]))"
        ]
        lines += section("Recommendations", recommendations(report))
        lines += section(
            "Providers", table(["name", "enabled", "check", "ms", "breakers", "said"], providers(report)))
        lines += section(
            "Network",
            table(
                ["provider", "host", "dns ms", "connect ms", "tls", "first byte ms", "certificate until"], hosts(report)
            ))
        lines += section("Mail domains", table(["domain", "spf", "dkim", "dmarc"], domains(report)))
        lines += section(
            "Channels", table(["channel", "p50 ms", "p99 ms", "queued", "dead", "in doubt"], channels(report)))
        lines += section("Router", router(report))
        if let previous = report["compared"]?["previous_id"]?.string {
            lines += section("Since \(previous)", changes(report))
        }
        return lines
    }

    /// Whether something pressing is recommended: what `waypost diagnose` ends with 1 for.
    package static func isPressing(_ report: JSONValue) -> Bool {
        (report["recommendations"]?.array ?? []).contains { ["critical", "high"].contains($0["priority"]?.string) }
    }

    private static func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", title] + lines.map { "  " + $0 }
    }

    private static func recommendations(_ report: JSONValue) -> [String] {
        let all = report["recommendations"]?.array ?? []
        guard !all.isEmpty else { return ["none"] }
        return all.flatMap { one in
            let note = one["automated"] == true ? " (by itself)" : ""
            return [
                "\(pad(text(one["priority"]), 8)) \(pad(text(one["area"]), 11)) \(text(one["issue"]))",
                "\(pad("", 20)) → \(text(one["action"]))\(note)",
            ]
        }
    }

    private static func providers(_ report: JSONValue) -> [[String]] {
        (report["services"]?["providers"]?.array ?? []).map { provider in
            let breakers = (provider["breakers"]?.members ?? []).map { "\($0.name) \(text($0.value))" }
            return [
                text(provider["name"]), text(provider["enabled"]), text(provider["check"]?["status"]),
                text(provider["check"]?["duration_ms"]), breakers.joined(separator: ", "),
                text(provider["check"]?["output"]),
            ]
        }
    }

    private static func hosts(_ report: JSONValue) -> [[String]] {
        (report["network"]?.array ?? []).map { host in
            [
                text(host["provider"]), "\(text(host["host"])):\(text(host["port"]))", text(host["dns"]?["ms"]),
                text(host["connect_ms"]), text(host["tls"]?["protocol"]), text(host["first_byte_ms"]),
                text(host["tls"]?["not_after"]),
            ]
        }
    }

    private static func domains(_ report: JSONValue) -> [[String]] {
        (report["mail"]?.array ?? []).map { domain in
            [text(domain["domain"])] + ["spf", "dkim", "dmarc"].map { text(domain[$0]?["status"]) }
        }
    }

    private static func channels(_ report: JSONValue) -> [[String]] {
        (report["performance"]?["channels"]?.array ?? []).map { channel in
            ["channel", "p50_ms", "p99_ms", "queued", "dead_letters", "in_doubt"].map { text(channel[$0]) }
        }
    }

    private static func router(_ report: JSONValue) -> [String] {
        let performance = report["performance"]
        let (store, process) = (performance?["store"], performance?["process"])
        let rows = [
            ["messages a second", text(performance?["throughput_per_second"])],
            ["commit p99 ms", text(store?["commit_p99_ms"])], ["store", bytes(store?["size_bytes"])],
            ["disk free", bytes(store?["disk_free_bytes"])], ["memory", bytes(process?["resident_bytes"])],
            ["processors used", text(process?["cpu_share"])],
            ["files open", "\(text(process?["open_files"])) of \(text(process?["max_files"]))"],
            ["up for s", text(process?["uptime_seconds"])],
        ]
        return table(nil, rows)
    }

    private static func changes(_ report: JSONValue) -> [String] {
        let compared = report["compared"]
        let lists = [("new", "new_issues"), ("gone", "resolved_issues"), ("changed", "changes")]
        let lines = lists.flatMap { word, name in
            (compared?[name]?.array ?? []).map { "\(pad(word, 8)) \(text($0))" }
        }
        return lines.isEmpty ? ["nothing changed"] : lines
    }

    // MARK: Cells

    static func table(_ head: [String]?, _ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let all = (head.map { [$0] } ?? []) + rows
        let widths = (all.first ?? []).indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = zip(row, widths).map { pad($0, $1) }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func bytes(_ value: JSONValue?) -> String {
        value?.integer.map { "\($0 >> 20) MiB" } ?? "-"
    }

    /// On one line, and nothing that a terminal would obey.
    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text):
            String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .bool(let flag): flag ? "yes" : "no"
        default: "-"
        }
    }
}
