import WaypostJSON

/// What one report says and the one before it did not.
package struct ReportComparison: Equatable, Sendable {
    /// nil: there was none.
    package var previousID: String?
    /// Keys of recommendations.
    package var newIssues: [String] = []
    package var resolvedIssues: [String] = []
    /// A sentence each, at most 100.
    package var changes: [String] = []

    /// Both in the form of the API.
    package init(of report: JSONValue, to previous: JSONValue?) {
        guard let previous else { return }
        previousID = previous["id"]?.string
        let (now, before) = (Self.keys(report), Self.keys(previous))
        newIssues = now.filter { !before.contains($0) }
        resolvedIssues = before.filter { !now.contains($0) }
        changes = Array(
            (Self.states(report, previous) + Self.checks(report, previous) + Self.times(report, previous)).prefix(100))
    }

    package var json: JSONValue {
        [
            "previous_id": .text(previousID), "new_issues": .texts(newIssues),
            "resolved_issues": .texts(resolvedIssues),
            "changes": .texts(changes),
        ]
    }

    private static func keys(_ report: JSONValue) -> [String] {
        (report["recommendations"]?.array ?? []).compactMap { $0["key"]?.string }
    }

    private static func states(_ now: JSONValue, _ before: JSONValue) -> [String] {
        ["version", "status"].compactMap { name in
            guard let new = now[name]?.string, let old = before[name]?.string, new != old else { return nil }
            return "\(name): \(old) → \(new)"
        }
    }

    /// Health checks of providers, and their breakers.
    private static func checks(_ now: JSONValue, _ before: JSONValue) -> [String] {
        let old = named(before["services"]?["providers"], by: "name")
        return (now["services"]?["providers"]?.array ?? []).flatMap { provider -> [String] in
            guard let name = provider["name"]?.string, let earlier = old[name] else { return [] }
            var found: [String] = []
            if let (from, to) = differing(earlier["check"]?["status"], provider["check"]?["status"]) {
                found.append("\(name) health: \(from) → \(to)")
            }
            for breaker in provider["breakers"]?.members ?? [] {
                if let (from, to) = differing(earlier["breakers"]?[breaker.name], breaker.value) {
                    found.append("\(name) breaker on \(breaker.name): \(from) → \(to)")
                }
            }
            return found
        }
    }

    /// What has at least doubled or halved, and is not merely a few milliseconds.
    private static func times(_ now: JSONValue, _ before: JSONValue) -> [String] {
        let lists = [
            (now["performance"]?["channels"], before["performance"]?["channels"], "channel", "p99_ms", "p99"),
            (now["performance"]?["providers"], before["performance"]?["providers"], "name", "p99_ms", "p99"),
            (now["network"], before["network"], "host", "connect_ms", "connect"),
        ]
        return lists.flatMap { new, old, key, field, word -> [String] in
            let earlier = named(old, by: key)
            return (new?.array ?? []).compactMap { item in
                guard let name = item[key]?.string, let to = number(item[field]),
                    let from = number(earlier[name]?[field]), max(from, to) >= 20, max(from, to) >= 2 * min(from, to)
                else { return nil }
                return "\(name) \(word): \(Int(from)) ms → \(Int(to)) ms"
            }
        }
    }

    private static func named(_ list: JSONValue?, by key: String) -> [String: JSONValue] {
        Dictionary(
            (list?.array ?? []).compactMap { item in item[key]?.string.map { ($0, item) } },
            uniquingKeysWith: { first, _ in first })
    }

    private static func differing(_ old: JSONValue?, _ new: JSONValue?) -> (String, String)? {
        guard let old = old?.string, let new = new?.string, old != new else { return nil }
        return (old, new)
    }

    private static func number(_ value: JSONValue?) -> Double? {
        switch value {
        case .integer(let whole): Double(whole)
        case .number(let number): number
        default: nil
        }
    }
}
