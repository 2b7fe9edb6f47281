import WaypostCore

extension DiagnosticFacts {
    /// What follows from the facts, most pressing first.
    package var recommendations: [Recommendation] {
        let all =
            ofStore + ofProviders + ofRoutes + ofHosts + ofDomains + ofChannels + ofProcess + ofSecurity + ofPolicy
        return all.enumerated().sorted {
            ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset)
        }.map(\.element)
    }

    private var ofStore: [Recommendation] {
        var found: [Recommendation] = []
        if let failure = services.storeFailure {
            found.append(
                .init(
                    .critical, .services, "store", "The store does not commit: \(failure).",
                    action: "Look at the disk and the file's permissions; nothing new is taken until it commits."))
        }
        for check in services.checks where check.name != "store" && check.name != "disk" {
            guard let failure = check.failure else { continue }
            found.append(
                .init(
                    .critical, .services, "check:\(check.name)", "The check \(check.name) fails: \(failure).",
                    action: "See /readyz?verbose and the log; restart the router where a thread is stuck."))
        }
        if let free = performance.diskFree, let needed = performance.diskNeeded, free < 4 * max(needed, 1) {
            let isFull = free < needed
            found.append(
                .init(
                    isFull ? .critical : .high, .performance, "disk",
                    "The store's disk has \(free >> 20) MiB left; below \(needed >> 20) MiB nothing new is taken.",
                    action: "Make room on it, or shorten store.retention."))
        }
        if services.lastReloadFailed {
            found.append(
                .init(
                    .high, .services, "reload", "The last reload of the configuration was refused.",
                    action: "Run waypost check on the file, mend it and reload; the old one is in force."))
        }
        for (kind, count) in services.overrides.sorted(by: { $0.key < $1.key }) where count > 0 {
            found.append(
                .init(
                    .low, .services, "override:\(kind)", "Operators hold \(count) override(s) of kind \(kind).",
                    action: "Lift those that have done their work: DELETE /v1/overrides/{id}."))
        }
        return found
    }

    private var ofProviders: [Recommendation] {
        services.providers.filter(\.isEnabled).flatMap { provider -> [Recommendation] in
            var found: [Recommendation] = []
            for (channel, state) in provider.breakers.sorted(by: { $0.key < $1.key }) where state == "open" {
                found.append(
                    .init(
                        .high, .services, "breaker_open:\(provider.name)/\(channel)",
                        "The breaker of \(provider.name) on \(channel) is open: it is not tried.",
                        action: "Wait for it to recover by itself; look at the provider's status page meanwhile.",
                        automated: true))
            }
            if let check = provider.freshCheck, let ailment = check.ailment {
                found.append(
                    .init(
                        .high, .services, "provider_down:\(provider.name)",
                        "\(provider.name) does not pass its health check: \(ailment).",
                        action: "Look at its status page and credentials; its backup carries the traffic meanwhile."))
            } else if provider.freshCheck == nil {
                found.append(
                    .init(
                        .high, .services, "provider_silent:\(provider.name)",
                        "\(provider.name) did not answer its health check in time.",
                        action: "See the network section for the step at which it stops."))
            }
            if provider.isResting {
                found.append(
                    .init(
                        .medium, .services, "throttled:\(provider.name)", "\(provider.name) asked us to slow down.",
                        action: "Set rate_limits of its entry to what the account allows.", automated: true))
            }
            return found
        }
    }

    private var ofRoutes: [Recommendation] {
        let known = Dictionary(services.providers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return services.routes.sorted { $0.key < $1.key }.flatMap { channel, names -> [Recommendation] in
            let all = names.compactMap { known[$0] }.filter(\.isEnabled)
            guard let first = all.first else { return [] }
            let serving = all.filter { $0.serves(channel) }
            if serving.isEmpty {
                return [
                    .init(
                        .critical, .services, "no_provider:\(channel)", "No provider of \(channel) works now.",
                        action: "Messages wait for their time-to-live; restore a provider or add another.")
                ]
            }
            if all.count == 1 {
                return [
                    .init(
                        .medium, .services, "no_backup:\(channel)",
                        "\(channel) has one provider, \(first.name), and no backup.",
                        action: "Configure a second provider for it and name it on the route.")
                ]
            }
            guard let backup = serving.first, backup.name != first.name else { return [] }
            return [
                .init(
                    .medium, .services, "fallback:\(channel)",
                    "\(channel) goes through its backup \(backup.name), since \(first.name) does not serve.",
                    action: "Nothing, while the backup holds; it goes back by itself.", automated: true)
            ]
        }
    }

    private var ofChannels: [Recommendation] {
        performance.channels.flatMap { channel -> [Recommendation] in
            var found: [Recommendation] = []
            // The lowest window tells of what is wrong now, or has been for long; one finding is enough.
            if let (window, rate) = channel.deliveryRates.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
                rate < 95
            {
                found.append(
                    .init(
                        rate < 80 ? .critical : .high, .performance, "delivery_rate:\(channel.name)",
                        "Of \(channel.name), \(Self.round(rate)) % was delivered in \(window).",
                        action: "Look at undelivered messages' reasons; clean the list, or switch to another provider.")
                )
            }
            if let p99 = channel.p99, p99 > 5 {
                found.append(
                    .init(
                        .high, .performance, "slow:\(channel.name)",
                        "One \(channel.name) message in a hundred takes longer than \(Self.round(p99)) s.",
                        action: "Raise max_in_flight, lower the timeouts, or put a faster provider first."))
            }
            if channel.oldestAge > 60 {
                found.append(
                    .init(
                        .high, .performance, "queue_age:\(channel.name)",
                        "The oldest \(channel.name) message that is due waits for \(Int(channel.oldestAge)) s.",
                        action: "See GET /v1/messages/{id}/explain of one of them for what it waits for."))
            }
            if channel.deadLetters > 0 {
                found.append(
                    .init(
                        .medium, .performance, "dead_letters:\(channel.name)",
                        "\(channel.deadLetters) \(channel.name) message(s) lie in the dead-letter queue.",
                        action: "Replay them once the cause is gone: waypost dead-letters replay."))
            }
            if channel.inDoubt > 0 {
                found.append(
                    .init(
                        .high, .performance, "in_doubt:\(channel.name)",
                        "Of \(channel.inDoubt) \(channel.name) message(s) nobody knows whether they were sent.",
                        action: "Ask the provider, then resolve them: POST /v1/dead-letters/resolve."))
            }
            return found
        }
    }

    static func round(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
