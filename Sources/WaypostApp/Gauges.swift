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
        registry.collected(
            from: { commits.ledger },
            .gauge(
                "waypost_queue_depth", "Deliveries that have not come to an end.", labels: ["channel", "state"]
            ) { ledger, sink in
                for channel in channels {
                    for state in [DeliveryState.scheduled, .queued, .sending] {
                        sink([channel.rawValue, state.word], Double(ledger[channel, state].live))
                    }
                }
            },
            .gauge(
                "waypost_dead_letters", "Deliveries in the dead-letter queue.", labels: ["channel"]
            ) { ledger, sink in
                for channel in channels { sink([channel.rawValue], Double(ledger[channel, .dead].live)) }
            },
            .gauge(
                "waypost_in_doubt", "Deliveries that a provider may or may not have.", labels: ["channel"]
            ) { ledger, sink in
                for channel in channels { sink([channel.rawValue], Double(ledger[channel, .inDoubt].live)) }
            })
        registry.collectedGauge(
            "waypost_queue_oldest_age_seconds", "Since when the oldest delivery that is due waits.",
            labels: ["channel"]
        ) { sink in
            let now = time.wallNow
            let channels = channels
            let oldest = (try? reader.oldestDue(on: channels, epoch: epoch)) ?? [:]
            for channel in channels {
                sink([channel.rawValue], oldest[channel].map { max(0, (now - $0).seconds) } ?? 0)
            }
        }
    }

    private func providers(_ registry: MetricsRegistry) {
        registry.collected(
            from: {
                let now = time.now
                return steering.gates.snapshots(at: now).map { (gate: $0, name: $0.provider.text, now: now) }
            },
            .gauge(
                "waypost_breaker_state", "Circuit breakers: 0 closed, 1 half-open, 2 open.",
                labels: ["provider", "channel"]
            ) { gates, sink in
                for (gate, name, _) in gates {
                    for (channel, state) in gate.breakers {
                        let level: Double =
                            switch state.word.effect {
                            case .halfOpen: 1
                            case .open: 2
                            default: 0
                            }
                        sink([name, channel.rawValue], level)
                    }
                }
            },
            .gauge(
                "waypost_provider_resting_seconds", "How long a provider is left alone after a throttle.",
                labels: ["provider"]
            ) { gates, sink in
                for (gate, name, now) in gates {
                    sink([name], gate.restingUntil.map { max(0, ($0 - now).seconds) } ?? 0)
                }
            },
            .gauge(
                "waypost_rate_limit_remaining", "What a provider's sliding windows leave.",
                labels: ["provider", "window"]
            ) { gates, sink in
                for (gate, name, _) in gates {
                    for (settings, remaining) in gate.windows {
                        sink([name, DurationText.write(settings.window)], Double(remaining))
                    }
                }
            },
            .gauge("waypost_provider_in_flight", "Attempts under way.", labels: ["provider"]) { gates, sink in
                for (gate, name, _) in gates { sink([name], Double(gate.inFlight)) }
            })
        registry.collectedGauge(
            "waypost_provider_up", "Whether the last health check of a provider went well.", labels: ["provider"]
        ) { sink in
            for name in steering.current.gates.keys.sorted() {
                if let health = health.provider(name) { sink([name.text], health.ailment == nil ? 1 : 0) }
            }
        }
    }

    private func store(_ registry: MetricsRegistry) {
        registry.collectedGauge(
            "waypost_ledger_imbalance", "Deliveries by which the running counters differ from a recount of the rows."
        ) { $0([], Double(books.lastImbalance)) }
        registry.collected(
            from: { reader.size() },
            .gauge("waypost_store_size_bytes", "Size of the database file.") { $1([], Double($0.database)) },
            .gauge("waypost_store_log_size_bytes", "Size of the write-ahead log.") { $1([], Double($0.log)) })
        registry.collected(
            from: { disk.space },
            .gauge("waypost_store_disk_free_bytes", "What is free on the store's disk.") { space, sink in
                if let space { sink([], Double(space.free)) }
            },
            .gauge("waypost_store_disk_size_bytes", "Size of the store's disk.") { space, sink in
                if let space { sink([], Double(space.size)) }
            })
    }

    /// From the store, read at most once a second. Nothing is said of a window in which nothing was sent.
    private func deliveryRates(_ registry: MetricsRegistry) {
        registry.collected(
            from: { (try? rates.current()) ?? [] },
            .gauge(
                "message_delivery_rate",
                "Deliveries of what was sent, in percent; what a provider took that never tells counts as delivered.",
                labels: ["channel", "time_window"]
            ) { rates, sink in
                for rate in rates where rate.provider == nil {
                    if let ratio = rate.ratio { sink([rate.channel.rawValue, rate.window], ratio * 100) }
                }
            },
            .gauge(
                "waypost_delivery_ratio", "Deliveries of what was sent, from 0 to 1.", labels: ["channel", "window"]
            ) { rates, sink in
                for rate in rates where rate.provider == nil {
                    if let ratio = rate.ratio { sink([rate.channel.rawValue, rate.window], ratio) }
                }
            },
            .gauge(
                "waypost_provider_delivery_ratio", "The same of what one provider took.",
                labels: ["provider", "channel", "window"]
            ) { rates, sink in
                for rate in rates {
                    guard let provider = rate.provider, let ratio = rate.ratio else { continue }
                    sink([provider.text, rate.channel.rawValue, rate.window], ratio)
                }
            })
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
