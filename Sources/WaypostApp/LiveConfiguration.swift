import Foundation
import Synchronization
import WaypostAPI
import WaypostConfiguration
import WaypostCore
import WaypostDelivery
import WaypostJSON
import WaypostProviders

/// The configuration in force, and how a new one takes its place: whole, or not at all.
final class LiveConfiguration: Sendable {
    private struct State {
        var configuration: Configuration
        var port: Int
        var succeededAt: Timestamp
        var isLastGood = true
    }

    private let state: Mutex<State>
    private let source: WaypostApp.Source
    private let steering: Steering
    private let dispatcher: Dispatcher
    private let authenticator: Authenticator
    private let metrics: DeliveryMetrics
    private let lines: LogLines
    private let time: any TimeSource

    /// Certificate and key as they were read at start.
    private let certificate: [Data?]

    init(
        _ configuration: Configuration, source: WaypostApp.Source, steering: Steering, dispatcher: Dispatcher,
        authenticator: Authenticator, metrics: DeliveryMetrics, lines: LogLines, time: any TimeSource
    ) {
        state = Mutex(
            State(configuration: configuration, port: configuration.server.listen.port, succeededAt: time.wallNow))
        self.source = source
        certificate = Self.certificate(configuration)
        self.steering = steering
        self.dispatcher = dispatcher
        self.authenticator = authenticator
        self.metrics = metrics
        self.lines = lines
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

    /// Told once the listener has its port: providers are given addresses that name it.
    func listens(on port: Int) {
        let configuration = state.withLock { state in
            state.port = port
            return state.configuration
        }
        steering.replace(configuration.plan(publicURL: configuration.server.publicURL(listeningOn: port)))
    }

    private static func certificate(_ configuration: Configuration) -> [Data?] {
        guard let files = configuration.server.tls else { return [] }
        return [files.certificate, files.privateKey].map { try? Data(contentsOf: URL(fileURLWithPath: $0)) }
    }

    private func tlsNote(_ fresh: Configuration) -> [String] {
        Self.certificate(fresh) == certificate
            ? [] : ["the certificate or key in server.tls changed: it takes effect at the next start"]
    }

    /// Reads the file again and applies it; the problems, where it was not applied.
    func reload() -> [String] {
        state.withLock { state in
            let problems = load(into: &state)
            state.isLastGood = problems.isEmpty
            let log = lines.logger
            for problem in problems { log.error("configuration not reloaded", metadata: ["problem": "\(problem)"]) }
            if problems.isEmpty {
                log.notice("configuration reloaded", metadata: ["version": "\(state.configuration.version)"])
            }
            return problems
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
        let plan = fresh.plan(publicURL: fresh.server.publicURL(listeningOn: state.port))
        metrics.announce(plan)
        steering.replace(plan)
        authenticator.replace(
            keys: fresh.clients.map(Authenticator.Key.init), trustedProxies: fresh.server.trustedProxies)
        lines.apply(fresh.log)
        for note in fresh.changesForNextStart(from: state.configuration) + tlsNote(fresh) {
            lines.logger.warning("configuration", metadata: ["warning": "\(note)"])
        }
        state.configuration = fresh
        state.succeededAt = time.wallNow
        dispatcher.stir()
        return []
    }
}

extension Configuration {
    /// All that this says about the way of a message.
    func plan(publicURL: String) -> DeliveryPlan {
        DeliveryPlan(
            version: version, routes: routes,
            providers: Dictionary(
                providers.compactMap(\.settings).map { ($0.name, ProviderCatalog.make($0)) },
                uniquingKeysWith: { first, _ in first }),
            gates: Dictionary(providers.map { ($0.name, $0.gate) }, uniquingKeysWith: { first, _ in first }),
            settings: delivery, limits: limits, publicURL: publicURL, maxQueued: store.maxQueued)
    }
}
