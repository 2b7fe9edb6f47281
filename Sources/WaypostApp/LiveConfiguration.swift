import Foundation
import Synchronization
import WaypostAPI
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostDelivery
import WaypostPolicy
import WaypostJSON
import WaypostProviders
import WaypostServer
import WaypostStore

/// The configuration in force, and how a new one takes its place: whole, or not at all.
final class LiveConfiguration: Sendable {
    private struct State {
        var configuration: Configuration
        var port: Int
        var succeededAt: Timestamp
        var isLastGood = true
        /// Of the certificate that callers are shown, in unix seconds.
        var certificateEnd: Int64?
    }

    private let state: Mutex<State>
    private let source: WaypostApp.Source
    private let steering: Steering
    private let dispatcher: Dispatcher
    private let authenticator: Authenticator
    private let teller: EventTeller
    private let metrics: DeliveryMetrics
    private let commits: CommitQueue
    private let lines: LogLines
    private let service: ServiceManager?
    private let time: any TimeSource

    /// Shows newcomers another certificate.
    private let present = Mutex<(@Sendable (HTTPServer.TLS) throws(ListenError) -> Void)?>(nil)

    init(
        _ configuration: Configuration, source: WaypostApp.Source, steering: Steering, dispatcher: Dispatcher,
        authenticator: Authenticator, teller: EventTeller, metrics: DeliveryMetrics, commits: CommitQueue,
        lines: LogLines, service: ServiceManager?, time: any TimeSource
    ) {
        state = Mutex(
            State(
                configuration: configuration, port: configuration.server.listen.port, succeededAt: time.wallNow,
                certificateEnd: configuration.server.certificateEnd))
        self.source = source
        self.steering = steering
        self.dispatcher = dispatcher
        self.authenticator = authenticator
        self.teller = teller
        self.metrics = metrics
        self.commits = commits
        self.lines = lines
        self.service = service
        self.time = time
    }

    var current: Configuration { state.withLock { $0.configuration } }
    /// As people may see it, in JSON.
    var redacted: [UInt8] {
        var json = JSONWriter()
        json.element(current.redacted)
        return json.bytes
    }
    /// Whether the last reload was applied, and when one last was.
    var lastReload: (isGood: Bool, succeededAt: Timestamp) { state.withLock { ($0.isLastGood, $0.succeededAt) } }

    /// When the certificate that callers are shown ends, in unix seconds; nil without one.
    var certificateEnd: Int64? { state.withLock { $0.certificateEnd } }

    /// Told once the listener has its port: providers are given addresses that name it.
    func listens(on port: Int) {
        let configuration = state.withLock { state in
            state.port = port
            return state.configuration
        }
        steering.replace(
            configuration.plan(
                publicURL: configuration.server.publicURL(listeningOn: port), replacing: steering.current))
    }

    /// How a certificate that was renewed comes to be shown.
    func presents(with present: @escaping @Sendable (HTTPServer.TLS) throws(ListenError) -> Void) {
        self.present.withLock { $0 = present }
    }

    /// The files are read anew at each reload: certificates are renewed under the same names. Returns what is wrong.
    private func renewCertificate(_ fresh: Configuration) -> String? {
        guard let files = fresh.server.tls, let present = present.withLock({ $0 }) else { return nil }
        do {
            try present(try HTTPServer.TLS(files))
            return nil
        } catch let error as ListenError {
            return "\(source.path): server.tls: \(error.description)"
        } catch {
            return "\(source.path): server.tls: cannot be read: \(error.localizedDescription)"
        }
    }

    /// Reads the file again and applies it; the problems, where it was not applied.
    func reload(by actor: String) -> [String] {
        state.withLock { state in
            service?.reloads()
            let problems = load(into: &state)
            state.isLastGood = problems.isEmpty
            let log = lines.logger
            for problem in problems { log.error("configuration not reloaded", metadata: ["problem": "\(problem)"]) }
            if problems.isEmpty {
                log.notice("configuration reloaded", metadata: ["version": "\(state.configuration.version)"])
            }
            service?.hasReloaded(
                problems.isEmpty
                    ? "Serving by configuration \(state.configuration.version)"
                    : "Serving by the configuration before: the new one was refused (problems: \(problems.count))")
            audit(problems, version: state.configuration.version, by: actor)
            return problems
        }
    }

    /// Problems name places of the file, and none of its values that are secret.
    private func audit(_ problems: [String], version: String, by actor: String) {
        let entry =
            problems.isEmpty
            ? AuditEntry(.configurationReloaded, by: actor, target: version)
            : AuditEntry(.configurationRefused, by: actor, reason: problems.first ?? "")
        commits.submit("audit", .refuse) {
            try $0.audit(entry)
        } then: { _ in
        }
    }

    private func load(into state: inout State) -> [String] {
        let fresh: Configuration
        do throws(ConfigurationProblems) {
            fresh = try Configuration.load(path: source.path, environment: source.environment)
        } catch {
            return error.problems.map(\.description)
        }
        let refused = fresh.restartOnlyChanges(from: state.configuration, file: source.path)
        guard refused.isEmpty else { return refused.map(\.description) }
        if let problem = renewCertificate(fresh) { return [problem] }
        let plan = fresh.plan(
            publicURL: fresh.server.publicURL(listeningOn: state.port), replacing: steering.current)
        metrics.announce(plan)
        steering.replace(plan)
        authenticator.replace(
            keys: fresh.clients.map(Authenticator.Key.init), trustedProxies: fresh.server.trustedProxies)
        teller.tell(fresh.events.endpoints.map(\.endpoint))
        lines.apply(fresh.log)
        for note in fresh.changesForNextStart(from: state.configuration) {
            lines.logger.warning("configuration", metadata: ["warning": "\(note)"])
        }
        state.configuration = fresh
        state.succeededAt = time.wallNow
        state.certificateEnd = fresh.server.certificateEnd
        dispatcher.stir()
        return []
    }
}

extension Configuration {
    /// All that this says about the way of a message. `old`: the plan whose place it takes.
    func plan(publicURL: String, replacing old: DeliveryPlan? = nil) -> DeliveryPlan {
        DeliveryPlan(
            version: version, routes: routes,
            providers: Dictionary(
                providers.map(\.settings).map { settings in
                    (settings.name, ProviderCatalog.make(settings, replacing: old?.providers[settings.name]))
                },
                uniquingKeysWith: { first, _ in first }),
            gates: Dictionary(providers.map { ($0.name, $0.gate) }, uniquingKeysWith: { first, _ in first }),
            settings: delivery, limits: limits, policy: policy.settings(retention: store.retention.messages),
            templates: templates, publicURL: publicURL,
            callbacks: callbacks, maxQueued: store.maxQueued)
    }
}

extension Configuration {
    fileprivate var callbacks: CallbackSettings {
        CallbackSettings(
            tolerances: Dictionary(
                providers.map { ($0.name, $0.callbacks.tolerance) }, uniquingKeysWith: { first, _ in first }),
            senders: Dictionary(
                events.incoming.map { ($0.name, $0.sender) },
                uniquingKeysWith: { first, _ in first }))
    }
}

extension Configuration.Server {
    /// Read anew: a certificate is renewed under its old name.
    fileprivate var certificateEnd: Int64? {
        tls.flatMap { FileManager.default.contents(atPath: $0.certificate) }.flatMap {
            Certificate.end(ofPEM: Array($0))
        }
    }
}

extension HTTPServer.TLS {
    init(_ files: Configuration.Server.TLSFiles) throws {
        self.init(
            certificatePEM: try String(contentsOfFile: files.certificate, encoding: .utf8),
            privateKeyPEM: try String(contentsOfFile: files.privateKey, encoding: .utf8))
    }
}
