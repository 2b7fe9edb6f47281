import Foundation
import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Boards and rules, asked of a real Prometheus that scrapes a real router.
    @Suite struct Monitoring {
        @Test func `every panel has something to show, every rule works, and an outage is seen`() throws {
            let traffic = try WatchedTraffic()
            defer { traffic.stop() }
            try traffic.flow()
            try checkPanels(of: traffic)
            try checkOutage(in: traffic)
            try checkNames(in: traffic)
            try checkPage(of: traffic)
            try traffic.router.checkBooks()
            try Pictures.draw(of: traffic)
        }

        private func checkPanels(of traffic: WatchedTraffic) throws {
            for board in try Dashboard.all() {
                for panel in board.panels {
                    for expression in panel.expressions {
                        let lines = try traffic.prometheus.range(
                            Dashboard.resolved(expression), from: traffic.start, to: traffic.end)
                        let isEmpty = lines.allSatisfy(\.drawn.isEmpty)
                        #expect(!isEmpty, "\(board.name), \(panel.title): \(expression)")
                    }
                }
                for variable in board.variables {
                    let values = try traffic.prometheus.values(
                        of: variable.label, on: Dashboard.resolved(variable.selector))
                    #expect(!values.isEmpty, "\(board.name), $\(variable.name)")
                }
            }
        }

        private func checkOutage(in traffic: WatchedTraffic) throws {
            func most(_ expression: String) throws -> Double {
                let lines = try traffic.prometheus.range(expression, from: traffic.start, to: traffic.end)
                return lines.flatMap(\.drawn).map(\.value).max() ?? -1
            }
            let breaker = #"waypost_breaker_state{provider="sendgrid",channel="email"}"#
            #expect(try most(breaker) == 2)
            #expect(try most("\(breaker) == 0") == 0)
            #expect(try most(#"waypost_failovers_total{from="sendgrid",to="ses"}"#) > 0)
            let accepted = #"waypost_attempts_total{outcome="accepted",provider="ses"}"#
            #expect(try most("rate(\(accepted)[5s])") > 1, "the backup carries")
            #expect(try most(#"messages_sent_total{channel="email",status="delivered"}"#) > 0, "receipts come")
            #expect(try most(#"messages_sent_total{channel="email",status="suppressed"}"#) > 0)
            #expect(try most(#"waypost_suppressed_total{channel="email"}"#) > 0)
            #expect(try most("waypost_idempotent_replays_total") == 1)
            #expect(try most(#"webhook_processing_duration_seconds_count{event_type="delivered"}"#) > 0)
            #expect(
                try most(#"webhook_processing_duration_seconds_count{provider="sendgrid",event_type="refused"}"#) == 1)
            #expect(try most(#"waypost_event_deliveries_total{endpoint="shop",result="delivered"}"#) > 0)
            for channel in ["email", "sms", "whatsapp", "voice", "push"] {
                #expect(try most(#"sum(messages_sent_total{status="sent",channel="\#(channel)"})"#) > 0, "\(channel)")
            }
            let exemplars = try traffic.prometheus.exemplars(
                of: #"message_processing_duration_seconds_bucket{channel="email"}"#, from: traffic.start,
                to: traffic.end)
            #expect(exemplars.contains(traffic.trace), "\(exemplars.count) others")
        }

        /// No query asks for what nobody exports.
        private func checkNames(in traffic: WatchedTraffic) throws {
            let rules = try traffic.prometheus.rules()
            #expect(rules.count > 30)
            for rule in rules { #expect(rule.error == nil, "\(rule.name): \(rule.error ?? "")") }
            let queries =
                rules.map(\.query)
                + (try Dashboard.all().flatMap { board in
                    board.panels.flatMap(\.expressions) + board.variables.map(\.selector)
                })
            let used = queries.reduce(into: Set<String>()) { $0.formUnion(MetricNames.used(in: $1)) }
            let exported = MetricNames.exported(by: try traffic.router.wire.get("/metrics").text)
            // Of the router with server.tls.
            #expect(used.subtracting(exported) == ["waypost_certificate_expiry_timestamp_seconds"])
            #expect(MetricNames.contract.subtracting(exported) == [])
        }

        private func checkPage(of traffic: WatchedTraffic) throws {
            let folder = traffic.router.folder
            let page = try traffic.router.wire.get("/metrics")
            #expect(page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            try folder.write(page.text, to: "page")
            let end = try Child.run(
                "/bin/sh", ["-c", "\(Prometheus.tool) check metrics < \(folder.file("page"))"], in: folder,
                name: "check")
            #expect(end.status == 0 && end.output.isEmpty && end.complaints.isEmpty, "\(end)")
            let wanted = ["Accept": "application/openmetrics-text; version=1.0.0"]
            let open = try traffic.router.wire.ask("GET", "/metrics", nil, wanted)
            #expect(open.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(open.text.hasSuffix("# EOF\n"))
            for operation in ["accept", "attempt", "total"] {
                let isThere = open.text.split(separator: "\n").contains {
                    $0.hasPrefix("message_processing_duration_seconds_bucket{")
                        && $0.contains("operation=\"\(operation)\"") && $0.contains(" # {trace_id=\"")
                }
                #expect(isThere, "no exemplar of \(operation)")
            }
            #expect(!page.text.contains("trace_id"))
        }
    }
}

/// The names of metrics in queries and on pages.
enum MetricNames {
    /// Of ours, or of the process; without the endings of a histogram's series.
    static func used(in query: String) -> Set<String> {
        let bare = query.replacing(/"[^"]*"/, with: "").replacing(/'[^']*'/, with: "")
            .replacing(/[a-z_]+:[a-z0-9_:]+/, with: "")
        let names = bare.matches(of: /\b(?:waypost|messages?|websocket|webhook|process)_[a-z_]+/).map {
            String($0.output)
        }
        return Set(names.map { $0.replacing(/_(bucket|count|sum)$/, with: "") })
    }

    static func exported(by page: String) -> Set<String> {
        Set(page.matches(of: #/(?m)^\# TYPE ([a-z_]+) /#).map { String($0.1) })
    }

    /// What is promised to those who write boards of their own, beside what a router has only with server.tls.
    static let contract: Set<String> = [
        "messages_sent_total", "message_processing_duration_seconds", "message_delivery_rate",
        "websocket_active_connections", "webhook_processing_duration_seconds", "waypost_attempts_total",
        "waypost_attempt_duration_seconds", "waypost_failovers_total", "waypost_breaker_state",
        "waypost_breaker_transitions_total", "waypost_provider_up", "waypost_provider_resting_seconds",
        "waypost_rate_limit_rejections_total", "waypost_rate_limit_remaining", "waypost_queue_depth",
        "waypost_queue_oldest_age_seconds", "waypost_dead_letters", "waypost_in_doubt", "waypost_ambiguous_total",
        "waypost_ledger_imbalance", "waypost_idempotent_replays_total", "waypost_suppressed_total",
        "waypost_webhooks_total", "waypost_event_deliveries_total", "waypost_http_requests_total",
        "waypost_http_request_duration_seconds", "waypost_override_active", "waypost_cost_micros_total",
        "waypost_store_commit_duration_seconds", "waypost_store_commit_batch_size", "waypost_store_size_bytes",
        "waypost_store_errors_total", "waypost_config_last_reload_successful",
        "waypost_config_last_reload_success_timestamp_seconds", "waypost_config_info", "waypost_build_info",
        "waypost_delivery_ratio", "waypost_metrics_series_dropped_total", "waypost_store_disk_free_bytes",
        "waypost_store_disk_size_bytes", "process_cpu_seconds_total", "process_resident_memory_bytes",
        "process_open_fds", "process_max_fds", "process_start_time_seconds",
    ]
}
