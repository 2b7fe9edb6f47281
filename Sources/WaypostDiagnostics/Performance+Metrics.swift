extension DiagnosticFacts.Performance {
    /// As our own page of metrics tells it.
    package init(_ page: MetricsPage, now: Double) {
        self.init()
        let names = Set(page.all("message_processing_duration_seconds_count").compactMap { $0.labels["channel"] })
        channels = names.sorted().map { Channel($0, page) }
        providers = Set(page.all("waypost_attempts_total").compactMap { $0.labels["provider"] }).sorted().map {
            Provider($0, page)
        }
        uptime = max(0, now - (page.value("process_start_time_seconds") ?? now))
        if uptime > 0 {
            throughput = page.sum("messages_sent_total", ["status": "sent"]) / uptime
            processorShare = (page.value("process_cpu_seconds_total") ?? 0) / uptime
        }
        failovers = Int(page.sum("waypost_failovers_total"))
        commitP50 = page.quantile(0.5, of: "waypost_store_commit_duration_seconds")
        commitP99 = page.quantile(0.99, of: "waypost_store_commit_duration_seconds")
        storeErrors = Int(page.sum("waypost_store_errors_total"))
        ledgerImbalance = Int(page.sum("waypost_ledger_imbalance"))
        storeSize = Int(page.sum("waypost_store_size_bytes"))
        storeLogSize = Int(page.sum("waypost_store_log_size_bytes"))
        residentMemory = Int(page.sum("process_resident_memory_bytes"))
        openFiles = Int(page.sum("process_open_fds"))
        maxFiles = Int(exactly: page.sum("process_max_fds").rounded()) ?? .max  // a limit of none is beyond Int
    }
}

extension DiagnosticFacts.Performance.Channel {
    fileprivate init(_ name: String, _ page: MetricsPage) {
        self.init(name: name)
        let own = ["channel": name]
        let total = own.merging(["operation": "total"]) { $1 }
        p50 = page.quantile(0.5, of: "message_processing_duration_seconds", total)
        p99 = page.quantile(0.99, of: "message_processing_duration_seconds", total)
        queued = Int(page.sum("waypost_queue_depth", own.merging(["state": "queued"]) { $1 }))
        oldestAge = page.sum("waypost_queue_oldest_age_seconds", own)
        deadLetters = Int(page.sum("waypost_dead_letters", own))
        inDoubt = Int(page.sum("waypost_in_doubt", own))
        for sample in page.all("message_delivery_rate", own) {
            if let window = sample.labels["time_window"] { deliveryRates[window] = sample.value }
        }
    }
}

extension DiagnosticFacts.Performance.Provider {
    fileprivate init(_ name: String, _ page: MetricsPage) {
        self.init(name: name)
        let own = ["provider": name]
        attempts = Int(page.sum("waypost_attempts_total", own))
        errors = attempts - Int(page.sum("waypost_attempts_total", own.merging(["outcome": "accepted"]) { $1 }))
        p99 = page.quantile(0.99, of: "waypost_attempt_duration_seconds", own)
        refusedCallbacks = Int(page.sum("waypost_webhooks_total", own.merging(["result": "refused"]) { $1 }))
    }
}
