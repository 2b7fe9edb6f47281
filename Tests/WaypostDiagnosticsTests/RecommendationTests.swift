import Testing
import WaypostCore
import WaypostCrypto

@testable import WaypostDiagnostics

@Suite struct RecommendationTests {
    static let noon = Timestamp(milliseconds: 1_790_000_000_000)
    private static let day: Int64 = 86_400

    /// Two providers that work, and nothing to say.
    static var healthy: DiagnosticFacts {
        var facts = DiagnosticFacts(at: noon)
        facts.services.commitTime = .milliseconds(1)
        facts.services.providers = ["ses", "relay"].map { name in
            var provider = DiagnosticFacts.Services.Provider(name: name, kind: name)
            provider.freshCheck = .init(ailment: nil, at: noon, duration: .milliseconds(5))
            provider.breakers = ["email": "closed"]
            return provider
        }
        facts.services.routes = ["email": ["ses", "relay"]]
        facts.performance.channels = [.init(name: "email")]
        facts.performance.diskFree = 100 << 30
        facts.performance.diskNeeded = 256 << 20
        return facts
    }

    static func host(days: Int64 = 90, namesHost: Bool = true, distrust: String? = nil) -> HostFacts {
        var host = HostFacts(
            target: HostTarget(provider: "ses", host: "ses.test", port: 443, manner: .https(["http/1.1"])))
        host.tls = TLSFacts(
            version: "TLSv1.3", cipher: "x", application: nil, issuer: "CA",
            validity: 0...(noon.unixSeconds + days * day), namesHost: namesHost, distrust: distrust)
        return host
    }

    static func host(_ stage: ProbeFailure.Stage) -> HostFacts {
        var host = host()
        host.failure = ProbeFailure(stage, "no")
        return host
    }

    static func host(lead: Duration, resolve: Duration = .zero) -> HostFacts {
        var host = host()
        host.clockLead = lead
        host.resolveTime = resolve
        return host
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var change: @Sendable (inout DiagnosticFacts) -> Void
        var expected: [String]
        var testDescription: String { expected.joined(separator: ", ") }
        init(_ expected: String..., change: @escaping @Sendable (inout DiagnosticFacts) -> Void) {
            self.expected = expected
            self.change = change
        }
    }

    static let services: [Case] = [
        Case { _ in },
        Case("critical store") { $0.services.storeFailure = "full" },
        Case("critical check:thread-dispatch") { $0.services.checks = [.init("thread-dispatch", failure: "stuck")] },
        Case { $0.services.checks = [.init("thread-dispatch")] },
        Case("high provider_down:ses", "medium fallback:email") {
            $0.services.providers[0].freshCheck?.ailment = "401"
        },
        Case("high provider_down:relay") { $0.services.providers[1].freshCheck?.ailment = "401" },
        Case("high breaker_open:ses/email", "medium fallback:email") {
            $0.services.providers[0].breakers["email"] = "open"
        },
        Case("high provider_silent:ses", "medium fallback:email") { $0.services.providers[0].freshCheck = nil },
        Case("critical no_provider:email", "high provider_silent:ses", "high provider_silent:relay") { facts in
            for index in 0...1 { facts.services.providers[index].freshCheck = nil }
        },
        Case("medium no_backup:email") { $0.services.providers[1].isEnabled = false },
        Case("medium no_backup:email") { $0.services.routes = ["email": ["ses"]] },
        Case("medium throttled:ses") { $0.services.providers[0].isResting = true },
        Case("high reload") { $0.services.lastReloadFailed = true },
        Case("low override:breaker_held") { $0.services.overrides = ["breaker_held": 2] },
    ]

    static let performance: [Case] = [
        Case("high delivery_rate:email") { $0.performance.channels[0].deliveryRates = ["1h": 94.9, "24h": 99] },
        Case { $0.performance.channels[0].deliveryRates = ["1h": 95] },
        Case("critical delivery_rate:email") { $0.performance.channels[0].deliveryRates = ["1h": 50] },
        Case("high slow:email") { $0.performance.channels[0].p99 = 5.1 },
        Case { $0.performance.channels[0].p99 = 5 },
        Case("high queue_age:email") { $0.performance.channels[0].oldestAge = 61 },
        Case("medium dead_letters:email") { $0.performance.channels[0].deadLetters = 1 },
        Case("high in_doubt:email") { $0.performance.channels[0].inDoubt = 1 },
        Case("critical disk") { $0.performance.diskFree = 100 << 20 },
        Case("high disk") { $0.performance.diskFree = 600 << 20 },
        Case("critical ledger") { $0.performance.ledgerImbalance = 1 },
        Case("high store_errors") { $0.performance.storeErrors = 1 },
        Case("medium slow_store") { $0.performance.commitP99 = 0.3 },
        Case("high files") { ($0.performance.openFiles, $0.performance.maxFiles) = (90, 100) },
        Case("high callbacks_refused:ses") { facts in
            facts.performance.providers = [.init(name: "ses")]
            facts.performance.providers[0].refusedCallbacks = 1
        },
        Case("medium errors:ses") { $0.performance.providers = [Self.errors(10, of: 100)] },
        Case("high errors:ses") { $0.performance.providers = [Self.errors(30, of: 100)] },
        Case { $0.performance.providers = [Self.errors(5, of: 100)] },
        Case { $0.performance.providers = [Self.errors(5, of: 5)] },
    ]

    private static func errors(_ errors: Int, of attempts: Int) -> DiagnosticFacts.Performance.Provider {
        var provider = DiagnosticFacts.Performance.Provider(name: "ses")
        (provider.attempts, provider.errors) = (attempts, errors)
        return provider
    }

    static let network: [Case] = [
        Case { $0.hosts = [host()] },
        Case("high certificate:ses/ses.test") { $0.hosts = [host(days: 13)] },
        Case { $0.hosts = [host(days: 14)] },
        Case("critical certificate:ses/ses.test") { $0.hosts = [host(days: 2)] },
        Case("critical certificate:ses/ses.test") { $0.hosts = [host(days: -1)] },
        Case("critical certificate:ses/ses.test") { $0.hosts = [host(namesHost: false)] },
        Case("critical certificate:ses/ses.test") { $0.hosts = [host(distrust: "self-signed")] },
        Case("high unreachable:ses/ses.test") { $0.hosts = [host(.resolve)] },
        Case("high unreachable:ses/ses.test") { $0.hosts = [host(.connect)] },
        Case("high clock:ses/ses.test") { $0.hosts = [host(lead: .seconds(6))] },
        Case("high clock:ses/ses.test") { $0.hosts = [host(lead: .seconds(-6))] },
        Case { $0.hosts = [host(lead: .seconds(5))] },
        Case("medium slow_dns:ses/ses.test") { $0.hosts = [host(lead: .zero, resolve: .seconds(2))] },
        Case("high spf:a.test", "high dkim:a.test", "medium dmarc:a.test") {
            $0.domains = [
                SenderDomain(name: "a.test", providers: ["ses"], spf: .missing, dkim: .missing, dmarc: .missing)
            ]
        },
        Case("low dns:a.test") {
            $0.domains = [
                SenderDomain(
                    name: "a.test", providers: ["ses"], spf: .unknown("late"), dkim: .unknown("late"),
                    dmarc: .unknown("late"))
            ]
        },
    ]

    static let security: [Case] = [
        Case("high no_keys") { $0.security.hasKeys = false },
        Case("critical no_keys") { ($0.security.hasKeys, $0.security.isPublic) = (false, true) },
        Case("high no_tls") { ($0.security.isPublic, $0.security.hasTLS) = (true, false) },
        Case { $0.security.hasTLS = false },
        Case("high public_url") { $0.security.publicURLIsClear = true },
        Case("high clear_text:relay") { $0.security.clearHosts = ["relay": "mail.test"] },
        Case("medium unsigned:ses") { $0.security.unsignedProviders = ["ses"] },
        Case("medium open_operators", "low open_keys") {
            ($0.security.openKeys, $0.security.openOperators) = (["a", "b"], ["a"])
        },
        Case("low no_encryption") { $0.security.isEncrypted = false },
        Case("high readable:configuration") {
            $0.security.files = [.init(role: "configuration", mode: 0o644, changedAt: $0.at)]
        },
        Case { $0.security.files = [.init(role: "configuration", mode: 0o640, changedAt: $0.at)] },
        Case("low old:configuration") {
            $0.security.files = [.init(role: "configuration", mode: 0o600, changedAt: $0.at - .seconds(366 * 86_400))]
        },
        Case("high own_certificate") { $0.security.certificateExpiresAt = $0.at + .seconds(10 * 86_400) },
        Case("low no_consent") { $0.security.requiresConsent = false },
        Case("low no_quiet_hours") { $0.security.hasQuietHours = false },
    ]

    @Test(arguments: services + performance + network + security)
    func `what follows from the facts`(entry: Case) {
        var facts = Self.healthy
        entry.change(&facts)
        let found = facts.recommendations
        #expect(found.map { "\($0.priority.rawValue) \($0.key)" } == entry.expected)
        #expect(found.allSatisfy { !$0.issue.isEmpty && !$0.action.isEmpty })
    }

    @Test func `the router's own doing is marked, and the most pressing comes first`() {
        var facts = Self.healthy
        facts.services.overrides = ["breaker_held": 1]
        facts.services.providers[0].breakers["email"] = "open"
        facts.services.storeFailure = "full"
        let found = facts.recommendations
        #expect(found.map(\.priority) == [.critical, .high, .medium, .low])
        #expect(found.map(\.automated) == [false, true, true, false])
    }
}
