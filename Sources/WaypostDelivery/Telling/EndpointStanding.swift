import WaypostCore
import WaypostMetrics

/// How an endpoint stands, as operators see it.
package struct EndpointStanding: Equatable, Sendable {
    /// How the last try ended.
    package struct Last: Equatable, Sendable {
        package var at: Timestamp
        /// What was wrong; nil: it was told.
        package var complaint: String?
    }

    package var name: String
    /// Without a query, which may hold a credential.
    package var url: String
    /// Empty: all.
    package var types: [String]
    package var cursor: Int64
    /// Events that are to be told again, or wait behind one.
    package var waiting = 0
    package var failingSince: Timestamp?
    package var disabledAt: Timestamp?
    package var reason: String?
    /// Of this run.
    package var last: Last?
}

/// What telling measures (contract/metrics.md).
struct TellingMetrics: Sendable {
    enum Result: String, CaseIterable { case delivered, failed, givenUp = "given_up" }

    private let deliveries: CounterFamily

    init(in registry: MetricsRegistry) {
        deliveries = registry.counter(
            "waypost_event_deliveries_total",
            "Tries at telling an endpoint of an event, by how they ended, and events given up.",
            labels: ["endpoint", "result"])
    }

    func announce(_ endpoint: String) {
        for result in Result.allCases { _ = deliveries.with(endpoint, result.rawValue) }
    }

    func count(_ result: Result, _ endpoint: String) { deliveries.with(endpoint, result.rawValue).increment() }
}
