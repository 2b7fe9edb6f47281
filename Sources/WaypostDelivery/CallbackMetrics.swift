import WaypostCore
import WaypostMetrics

/// What is measured of callbacks (contract/metrics.md).
package struct CallbackMetrics: Sendable {
    /// What became of one event of a callback, or of the callback as a whole.
    package enum Result: String, CaseIterable, Sendable { case accepted, duplicate, refused, unknown }

    private let callbacks: CounterFamily
    private let seconds: HistogramFamily

    package init(in registry: MetricsRegistry) {
        callbacks = registry.counter(
            "waypost_webhooks_total", "Events that providers told: new, repeated, refused or of nothing we know.",
            labels: ["provider", "result"])
        seconds = registry.histogram(
            "webhook_processing_duration_seconds",
            "Time from a callback to its answer, counted for each of its events.",
            labels: ["provider", "event_type"], buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1])
    }

    /// Makes the counters exist with 0 from the first scrape on.
    package func announce(_ providers: some Sequence<String>) {
        for provider in providers {
            for result in Result.allCases { _ = callbacks.with(provider, result.rawValue) }
            _ = seconds.with(provider, "refused")
        }
    }

    package func count(_ count: Int, _ result: Result, from provider: String) {
        if count > 0 { callbacks.with(provider, result.rawValue).increment(by: UInt64(count)) }
    }

    package func took(_ duration: Duration, for events: [Receipt], from provider: String) {
        for (word, count) in Dictionary(events.map { ($0.news.word, 1) }, uniquingKeysWith: +) {
            let histogram = seconds.with(provider, word)
            for _ in 0..<count { histogram.observe(duration) }
        }
    }

    /// `word` from a closed list: `refused`, `ignored`, `subscription`, `received`.
    package func took(_ duration: Duration, _ word: String, from provider: String) {
        seconds.with(provider, word).observe(duration)
    }
}

extension Receipt.News {
    /// The `event_type` label.
    package var word: String {
        switch self {
        case .taken: "sent"
        case .deferred: "deferred"
        case .delivered: "delivered"
        case .read: "read"
        case .opened: "opened"
        case .clicked: "clicked"
        case .failed: "undelivered"
        case .bounced: "bounced"
        case .complained: "complained"
        case .unsubscribed: "unsubscribed"
        case .resubscribed: "resubscribed"
        case .inbound: "inbound"
        }
    }
}
