import WaypostAPI
import WaypostCore
import WaypostDelivery
import WaypostMetrics
import WaypostPolicy
import WaypostStore

/// Levels that are read when Prometheus asks: queues, breakers, limits, the books (contract/metrics.md).
struct Gauges: Sendable {
    let steering: Steering
    let commits: CommitQueue
    let reader: MessageReader
    let health: Health
    let operations: Operations
    let configuration: LiveConfiguration
    let books: Books
    let rates: RateBoard
    let disk: StoreDisk
    let epoch: Int64
    let time: any TimeSource

    func register(in registry: MetricsRegistry) {
        queues(registry)
        providers(registry)
        store(registry)
        deliveryRates(registry)
        program(registry)
        ProcessFacts.register(in: registry)
    }

    private func queues(_ registry: MetricsRegistry) {
        registry.collectedGauge(
            "waypost_queue_depth", "Deliveries that have not come to an end.", labels: ["channel", "state"]
        ) { sink in
            let ledger = commits.ledger
            for channel in channels {
                for state in [DeliveryState.scheduled, .queued, .sending] {
                    sink([channel.rawValue, state.word], Double(ledger[channel, state].live))
                }
            }
        }
        registry.collectedGauge(
            "waypost_queue_oldest_age_seconds", "Since when the oldest delivery that is due waits.",
            labels: ["channel"]
        ) { sink in
            let now = time.wallNow
            let oldest = (try? reader.oldestDue(epoch: epoch)) ?? [:]
            for channel in channels {
                sink([channel.rawValue], oldest[channel].map { max(0, (now - $0).seconds) } ?? 0)
            }
        }
        registry.collectedGauge(
            "waypost_dead_letters", "Deliveries in the dead-letter queue.", labels: ["channel"]
        ) { sink in
            let ledger = commits.ledger
            for channel in channels { sink([channel.rawValue], Double(ledger[channel, .dead].live)) }
        }
        registry.collectedGauge(
            "waypost_in_doubt", "Deliveries that a provider may or may not have.", labels: ["channel"]
        ) { sink in
            let ledger = commits.ledger
            for channel in channels { sink([channel.rawValue], Double(ledger[channel, .inDoubt].live)) }
        }
    }

    private func providers(_ registry: MetricsRegistry) {
        registry.collectedGauge(
            "waypost_breaker_state", "Circuit breakers: 0 closed, 1 half-open, 2 open.",
            labels: ["provider", "channel"]
        ) { sink in
            for gate in steering.gates.snapshots(at: time.now) {
                for (channel, state) in gate.breakers {
                    let level: [CircuitBreaker.Word: Double] = [.halfOpen: 1, .open: 2]
                    sink([gate.provider.text, channel.rawValue], level[state.word.effect] ?? 0)
                }
            }
        }
        registry.collectedGauge(
            "waypost_provider_up", "Whether the last health check of a provider went well.", labels: ["provider"]
        ) { sink in
            for name in steering.current.gates.keys.sorted() {
                if let health = health.provider(name) { sink([name.text], health.ailment == nil ? 1 : 0) }
            }
        }
        registry.collectedGauge(
            "waypost_provider_resting_seconds", "How long a provider is left alone after a throttle.",
            labels: ["provider"]
        ) { sink in
            let now = time.now
            for gate in steering.gates.snapshots(at: now) {
                sink([gate.provider.text], gate.restingUntil.map { max(0, ($0 - now).seconds) } ?? 0)
            }
        }
        registry.collectedGauge(
            "waypost_rate_limit_remaining", "What a provider's sliding windows leave.", labels: ["provider", "window"]
        ) { sink in
            for gate in steering.gates.snapshots(at: time.now) {
                for (settings, remaining) in gate.windows {
                    sink([gate.provider.text, DurationText.write(settings.window)], Double(remaining))
                }
            }
        }
        registry.collectedGauge(
            "waypost_provider_in_flight", "Attempts under way.", labels: ["provider"]
        ) { sink in
            for gate in steering.gates.snapshots(at: time.now) { sink([gate.provider.text], Double(gate.inFlight)) }
        }
    }

    private func store(_ registry: MetricsRegistry) {
        registry.collectedGauge(
            "waypost_ledger_imbalance", "Deliveries by which the running counters differ from a recount of the rows."
        ) { $0([], Double(books.lastImbalance)) }
        registry.collectedGauge("waypost_store_size_bytes", "Size of the database file.") { sink in
            sink([], Double(reader.size().database))
        }
        registry.collectedGauge("waypost_store_log_size_bytes", "Size of the write-ahead log.") { sink in
            sink([], Double(reader.size().log))
        }
        registry.collectedGauge("waypost_store_disk_free_bytes", "What is free on the store's disk.") { sink in
            if let space = disk.space { sink([], Double(space.free)) }
        }
        registry.collectedGauge("waypost_store_disk_size_bytes", "Size of the store's disk.") { sink in
            if let space = disk.space { sink([], Double(space.size)) }
        }
    }

    /// From the store, read at most once a second. Nothing is said of a window in which nothing was sent.
    private func deliveryRates(_ registry: MetricsRegistry) {
        registry.collectedGauge(
            "message_delivery_rate", "Deliveries of what was sent, in percent.", labels: ["channel", "time_window"]
        ) { sink in
            for rate in (try? rates.current()) ?? [] where rate.provider == nil {
                if let ratio = rate.ratio { sink([rate.channel.rawValue, rate.window], ratio * 100) }
            }
        }
        registry.collectedGauge(
            "waypost_delivery_ratio", "Deliveries of what was sent, from 0 to 1.", labels: ["channel", "window"]
        ) { sink in
            for rate in (try? rates.current()) ?? [] where rate.provider == nil {
                if let ratio = rate.ratio { sink([rate.channel.rawValue, rate.window], ratio) }
            }
        }
        registry.collectedGauge(
            "waypost_provider_delivery_ratio", "The same of what one provider took.",
            labels: ["provider", "channel", "window"]
        ) { sink in
            for rate in (try? rates.current()) ?? [] {
                guard let provider = rate.provider, let ratio = rate.ratio else { continue }
                sink([provider.text, rate.channel.rawValue, rate.window], ratio)
            }
        }
    }

    private func program(_ registry: MetricsRegistry) {
        registry.collectedGauge(
            "waypost_override_active", "What operators hold against the ordinary course.", labels: ["kind"]
        ) { sink in
            let active = operations.overrides
            for kind in Override.Kind.allCases {
                sink([kind.rawValue], Double(active.count { $0.kind == kind }))
            }
        }
        registry.collectedGauge(
            "waypost_config_last_reload_successful", "Whether the last reload of the configuration was applied."
        ) { $0([], configuration.lastReload.isGood ? 1 : 0) }
        registry.collectedGauge(
            "waypost_config_last_reload_success_timestamp_seconds", "When a configuration was last applied."
        ) { $0([], Double(configuration.lastReload.succeededAt.milliseconds) / 1000) }
        registry.collectedGauge(
            "waypost_config_info", "The configuration in force.", labels: ["version"]
        ) { $0([steering.current.version], 1) }
        registry.collectedGauge(
            "waypost_certificate_expiry_timestamp_seconds", "When a certificate that is shown to callers ends.",
            labels: ["certificate"]
        ) { sink in
            if let end = configuration.certificateEnd { sink(["server"], Double(end)) }
        }
        registry.info(
            "waypost_build_info", "What this build is.", ["version": Build.version, "commit": Build.commit])
        registry.gauge("websocket_active_connections", "Open WebSocket connections.").with().set(0)
    }

    private var channels: [Channel] {
        steering.current.providersByChannel.keys.sorted { $0.rawValue < $1.rawValue }
    }
}
