import Synchronization
import WaypostAPI
import WaypostCore
import WaypostDelivery
import WaypostDiagnostics
import WaypostJSON
import WaypostMetrics
import WaypostStore

/// Looks at everything at once, one look at a time, on threads that serve nobody else; keeps what it found.
final class Diagnosis: Sendable {
    /// Whom it asks.
    struct Sources: Sendable {
        var configuration: LiveConfiguration
        /// Where the configuration's file is.
        var path: String
        var steering: Steering
        var commits: CommitQueue
        var reader: MessageReader
        var health: Health
        var operations: Operations
        var checks: ProviderChecks
        var registry: MetricsRegistry
        var resolver: any Resolver
        var time: any TimeSource
    }

    private let sources: Sources
    private let isRunning = Atomic(false)
    /// When it stops gathering; what has not come by then is said not to have come.
    private static let patience: Duration = .seconds(16)
    /// Of each of its two transactions.
    private static let commitPatience: Duration = .seconds(2)

    init(_ sources: Sources) { self.sources = sources }

    /// As `DiagnosticDesk` says.
    func begin(by: String, then: @escaping @Sendable ([UInt8]) -> Void) -> Bool {
        guard isRunning.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else {
            return false
        }
        _ = WorkerThread(name: "diagnosis") { [self] in
            let report = report(by: by)
            isRunning.store(false, ordering: .releasing)
            then(report)
        }
        return true
    }

    private func report(by: String) -> [UInt8] {
        let started = sources.time.now
        let at = sources.time.wallNow
        let facts = gather(at: at, until: started + Self.patience)
        let report = DiagnosticReport(
            id: DiagnosticID(at: at), facts: facts, duration: sources.time.now - started, by: by,
            version: Build.version)
        // Without the one before there is nothing to compare with, and a report that cannot be kept is told all the same.
        let previous = ((try? sources.reader.diagnostics(atMost: 1)) ?? []).first.flatMap {
            try? JSONValue(parsing: $0)
        }
        var json = JSONWriter(capacity: 16_384)
        json.element(report.json(comparedTo: previous))
        let body = json.bytes
        _ = commit { try $0.keepDiagnostic(body, by: by) }
        return body
    }

    /// How long a transaction took, or why it failed.
    private func commit(
        _ body: @escaping @Sendable (WriteSession) throws -> Void
    ) -> Result<Duration, StoreError> {
        let started = sources.time.now
        let over = Monitor<Result<Void, StoreError>?>(nil)
        sources.commits.submit("diagnose", .refuse, body) { result in over.change { $0 = result } }
        guard let result = over.wait(atMost: Self.commitPatience, { $0 }) else {
            return .failure(.unavailable("it took longer than \(Self.commitPatience.components.seconds) s"))
        }
        return result.map { sources.time.now - started }
    }

    private func gather(at: Timestamp, until deadline: Instant) -> DiagnosticFacts {
        let configuration = sources.configuration.current
        var facts = DiagnosticFacts(at: at)
        switch commit({ try $0.beat() }) {
        case .success(let time): facts.services.commitTime = time
        case .failure(let error): facts.services.storeFailure = error.detail
        }
        facts.services.checks = (sources.health.liveness + sources.health.readiness).map {
            .init($0.name, failure: $0.failure)
        }
        let before = Dictionary(
            configuration.providers.map { ($0.name, sources.health.provider($0.name)) },
            uniquingKeysWith: { first, _ in first })
        let enabled = configuration.providers.filter(\.gate.enabled)
        let fresh = Monitor<[ProviderName: ProviderHealth]>([:])
        for provider in enabled {
            sources.checks.probe(provider.name) { health in fresh.change { $0[provider.name] = health } }
        }
        (facts.hosts, facts.domains) = probe(enabled, patience: deadline - sources.time.now)
        let left = max(.zero, deadline - sources.time.now)
        _ = fresh.wait(atMost: left) { $0.count == enabled.count ? true : nil }
        let checked = fresh.withLock { $0 }
        facts.services.providers = providers(configuration, before.compactMapValues(\.self), checked)
        facts.services.routes = [String: [String]](
            uniqueKeysWithValues: sources.steering.current.providersByChannel.map {
                ($0.key.rawValue, $0.value.map(\.text))
            })
        facts.services.overrides = Dictionary(
            sources.operations.overrides.map { ($0.kind.rawValue, 1) }, uniquingKeysWith: +)
        facts.services.lastReloadFailed = !sources.configuration.lastReload.isGood
        facts.performance = .init(
            MetricsPage(String(decoding: sources.registry.text(), as: UTF8.self)),
            now: Double(sources.time.wallNow.milliseconds) / 1000)
        facts.performance.diskFree = sources.health.disk.map { Int($0.free) }
        facts.performance.diskNeeded = sources.health.disk.map { Int($0.needed) }
        facts.security = .init(configuration, path: sources.path)
        return facts
    }

    private func providers(
        _ configuration: Configuration, _ before: [ProviderName: ProviderHealth],
        _ checked: [ProviderName: ProviderHealth]
    ) -> [DiagnosticFacts.Services.Provider] {
        sources.steering.gates.snapshots(at: sources.time.now).map { snapshot in
            let entry = configuration.providers.first { $0.name == snapshot.provider }
            var provider = DiagnosticFacts.Services.Provider(
                name: snapshot.provider.text, kind: entry?.kind.rawValue ?? "")
            provider.isEnabled = snapshot.enabled
            provider.disabledReason = snapshot.disabledBecause
            provider.breakers = Dictionary(
                snapshot.breakers.map { ($0.channel.rawValue, $0.state.word.effect.rawValue) },
                uniquingKeysWith: { first, _ in first })
            provider.lastCheck = before[snapshot.provider].map(DiagnosticFacts.Services.Checked.init)
            provider.freshCheck = checked[snapshot.provider].map(DiagnosticFacts.Services.Checked.init)
            provider.isResting = snapshot.restingUntil.map { $0 > sources.time.now } ?? false
            return provider
        }
    }

    private enum Job: Sendable {
        case host(HostTarget)
        case domain(String, providers: [String], selectors: [String])
    }
    private enum Found: Sendable {
        case host(HostFacts)
        case domain(SenderDomain)
    }

    /// Hosts and mail domains side by side.
    private func probe(_ entries: [ProviderEntry], patience: Duration) -> ([HostFacts], [SenderDomain]) {
        let domains = Dictionary(
            grouping: entries.filter { $0.sender != nil },
            by: { entry in entry.sender?.split(separator: "@").last.map { $0.lowercased() } ?? "" })
        let jobs =
            entries.flatMap(\.hostTargets).map(Job.host)
            + domains.sorted { $0.key < $1.key }.map { domain, entries in
                Job.domain(
                    domain, providers: entries.map(\.name.text), selectors: entries.flatMap(\.signingSelectors))
            }
        let (probe, resolver) = (HostProbe(time: sources.time), sources.resolver)
        let found = ProbePool.run(jobs, patience: patience) { job -> Found in
            switch job {
            case .host(let target): .host(probe.look(at: target))
            case .domain(let name, let providers, let selectors):
                .domain(Self.domain(resolver, name, providers, selectors))
            }
        }
        var (hosts, mail): ([HostFacts], [SenderDomain]) = ([], [])
        for (job, found) in zip(jobs, found) {
            switch (job, found) {
            case (_, .host(let facts)): hosts.append(facts)
            case (_, .domain(let domain)): mail.append(domain)
            case (.host(let target), nil):
                var facts = HostFacts(target: target)
                facts.failure = ProbeFailure(.deadline, "the diagnosis was over first")
                hosts.append(facts)
            case (.domain(let name, let providers, _), nil):
                let late = SenderDomain.Record.unknown("the diagnosis was over first")
                mail.append(SenderDomain(name: name, providers: providers, spf: late, dkim: late, dmarc: late))
            }
        }
        return (hosts, mail)
    }

    /// Opens the protocol's value.
    private static func domain(
        _ resolver: some Resolver, _ name: String, _ providers: [String], _ selectors: [String]
    ) -> SenderDomain {
        SenderDomain(asking: resolver, about: name, providers: providers, selectors: selectors)
    }
}

extension DiagnosticFacts.Services.Checked {
    init(_ health: ProviderHealth) {
        self.init(ailment: health.ailment, at: health.checkedAt, duration: health.duration)
    }
}
