import WaypostCore
import WaypostJSON

/// One diagnosis, judged and ready to be told: facts, recommendations and what is new since the last.
package struct DiagnosticReport: Sendable {
    package var id: DiagnosticID
    package var facts: DiagnosticFacts
    package var recommendations: [Recommendation]
    package var duration: Duration
    /// Who asked for it.
    package var by: String
    package var version: String

    package init(id: DiagnosticID, facts: DiagnosticFacts, duration: Duration, by: String, version: String) {
        self.id = id
        self.facts = facts
        recommendations = facts.recommendations
        self.duration = duration
        self.by = by
        self.version = version
    }

    package enum Status: String, CaseIterable, Sendable { case healthy, degraded, critical }

    package var status: Status {
        switch recommendations.first?.priority {
        case .critical: .critical
        case .high: .degraded
        default: .healthy
        }
    }

    /// In the form of the API. `previous`: the report before this one, in the same form.
    package func json(comparedTo previous: JSONValue?) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .string("\(id)")), .init("at", .string("\(facts.at)")), .init("by", .string(by)),
            .init("duration_ms", .integer(duration.milliseconds)), .init("version", .string(version)),
            .init("status", .string(status.rawValue)),
            .init(
                "summary",
                .object(
                    Recommendation.Priority.allCases.map { priority in
                        .init(
                            priority.rawValue,
                            .integer(Int64(recommendations.count { $0.priority == priority })))
                    })),
            .init("recommendations", .array(recommendations.map(\.json))),
            .init("services", facts.services.json), .init("network", .array(facts.hosts.map(\.json))),
            .init("mail", .array(facts.domains.map(\.json))), .init("performance", facts.performance.json),
            .init("security", facts.security.json),
        ]
        members.append(.init("compared", ReportComparison(of: .object(members), to: previous).json))
        return .object(members)
    }
}

extension Recommendation {
    package var json: JSONValue {
        [
            "priority": .string(priority.rawValue), "area": .string(area.rawValue), "key": .string(key),
            "issue": .string(issue), "action": .string(action), "automated": .bool(automated),
        ]
    }
}

extension JSONValue {
    static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
    static func count(_ count: Int?) -> JSONValue { count.map { .integer(Int64($0)) } ?? .null }
    /// In milliseconds, to the hundredth.
    static func time(_ time: Duration?) -> JSONValue { .fraction(time.map { $0.seconds * 1000 }) }
    static func milliseconds(_ seconds: Double?) -> JSONValue { .fraction(seconds.map { $0 * 1000 }) }
    /// To the hundredth; whole ones as integers.
    static func fraction(_ value: Double?) -> JSONValue {
        guard let value, value.isFinite, value.magnitude < 1e15 else { return .null }
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() ? .integer(Int64(rounded)) : .number(rounded)
    }
    static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
    /// By name, in its order.
    static func map<Value>(_ values: [String: Value], _ json: (Value) -> JSONValue) -> JSONValue {
        .object(values.sorted { $0.key < $1.key }.map { .init($0.key, json($0.value)) })
    }
}
