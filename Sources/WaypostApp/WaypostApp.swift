import Logging
import Synchronization
import WaypostAPI
import WaypostConfiguration
import WaypostCore
import WaypostCurl
import WaypostDelivery
import WaypostDiagnostics
import WaypostHTTP
import WaypostMetrics
import WaypostPolicy
import WaypostServer
import WaypostStore

/// The whole router, running: built from one configuration, ended by `drain`. Tests start the daemon through it.
package final class WaypostApp: Sendable {
    /// Why it could not start.
    package enum StartFailure: Error, Equatable, CustomStringConvertible {
        case store(String)
        case listen(String)

        package var description: String {
            switch self {
            case .store(let text), .listen(let text): text
            }
        }
    }

    /// Where the configuration came from, so that it can be read again.
    package struct Source: Sendable {
        package var path: String
        package var environment: [String: String]
        package init(path: String, environment: [String: String]) {
            self.path = path
            self.environment = environment
        }
    }

    /// Where it listens in fact.
    package let address: (host: String, port: Int)
    /// The second listener's, where there is one.
    package let operationsAddress: (host: String, port: Int)?

    private let configuration: LiveConfiguration
    private let store: StoreFile
    private let commits: CommitQueue
    private let transport: CurlTransport
    private let steering: Steering
    private let dispatcher: Dispatcher
    private let reconciler: Reconciler
    private let teller: EventTeller
    private let readers: BlockingPool
    private let imports: BlockingPool
    private let deadlines: Deadlines
    private let health: Health
    private let housekeeping: Housekeeping
    private let servers: [HTTPServer]
    private let service: ServiceManager?
    private let log: Logger

    /// Opens the store, takes up what the last run left, and serves from the moment it returns. `schedule` is for tests
    /// that cannot wait as long as providers may take. `service` is told how it goes; `sockets` stand in for addresses.
    package init(
        _ initial: Configuration, source: Source, reconciling schedule: ReconcileSchedule = ReconcileSchedule(),
        time: any TimeSource = SystemTime(), service: ServiceManager? = nil, sockets: PassedSockets = PassedSockets(),
        resolver: any Resolver = SystemResolver(), log lines: LogLines
    ) throws(StartFailure) {
        let log = lines.logger
        self.log = log
        self.service = service
        let registry = MetricsRegistry()
        let metrics = DeliveryMetrics(in: registry)
        let news = CommitNews()
        let opened = try OpenStore(initial.store, metrics: metrics, time: time, log: log, committed: news.tell)
        store = opened.file
        commits = opened.commits

        let plan = initial.plan(publicURL: initial.server.publicURL(listeningOn: initial.server.listen.port))
        let gates = ProviderGates(plan.gates) { transition in
            metrics.breaker(transition)
            log.notice(
                "breaker moved",
                metadata: [
                    "provider": "\(transition.provider)", "channel": "\(transition.channel.rawValue)",
                    "to": "\(transition.to)",
                ])
        }
        metrics.announce(plan)
        try opened.recover(plan, metrics: metrics, log: log)

        transport = CurlTransport()
        steering = Steering(plan, gates: gates, time: time)
        let waiters = Waiters()
        let exchange = Exchange(
            steering: steering, transport: transport, commits: commits, metrics: metrics, waiters: waiters,
            reconciling: schedule, time: time, log: log)
        dispatcher = Dispatcher(
            steering: steering, exchange: exchange, commits: commits, metrics: metrics, waiters: waiters, time: time,
            log: log)
        reconciler = Reconciler(
            schedule, steering: steering, transport: transport, exchange: exchange, dispatcher: dispatcher,
            commits: commits, metrics: metrics, waiters: waiters, time: time, log: log)
        let once = OnceOnly(commits, metrics: metrics)
        let recipients = RecipientWindows()
        let intake = Intake(
            steering: steering, commits: commits, once: once, dispatcher: dispatcher, exchange: exchange,
            recipients: recipients, addresses: opened.addresses, metrics: metrics, time: time)

        teller = EventTeller(
            reader: EndpointReader(store) { try? Message(decoding: $0) }, transport: transport, commits: commits,
            registry: registry, userAgent: "Waypost/\(Build.version)", time: time, log: log)
        news.listener = { [teller] in teller.ring() }
        teller.tell(initial.events.endpoints.map(\.endpoint))

        health = Health(steering: steering, commits: commits, time: time)
        let authenticator = Authenticator(
            keys: initial.clients.map(Authenticator.Key.init), trustedProxies: initial.server.trustedProxies)
        configuration = LiveConfiguration(
            initial, source: source, steering: steering, dispatcher: dispatcher, authenticator: authenticator,
            teller: teller, metrics: metrics, commits: commits, lines: lines, service: service, time: time)
        let checks = ProviderChecks(steering: steering, transport: transport, health: health, time: time)
        let live = configuration
        let operations = Operations(
            program: Operations.Program(
                reload: { live.reload(by: $0) }, configuration: { live.redacted }, probe: { checks.probe($0, then: $1) }
            ),
            commits: commits, once: once, steering: steering, dispatcher: dispatcher, recipients: recipients,
            addresses: opened.addresses, reader: OperatingReader(store), time: time, kept: opened.overrides)

        let reader = MessageReader(store, addresses: opened.addresses) { try? Message(decoding: $0) }
        readers = BlockingPool()
        imports = BlockingPool(threads: 1, bound: 4, name: "import")
        deadlines = Deadlines(time: time)
        let rates = RateBoard(reader, time: time) {
            live.current.metrics.deliveryWindows.map { RateBoard.Window(label: $0.label, length: $0.length) }
        }
        let diagnosis = Diagnosis(
            Diagnosis.Sources(
                configuration: configuration, path: source.path, steering: steering, commits: commits, reader: reader,
                health: health, operations: operations, checks: checks, registry: registry, resolver: resolver,
                time: time))
        let api = API(
            APIServices(
                authenticator: authenticator, intake: intake, once: once, commits: commits, steering: steering,
                dispatcher: dispatcher, reader: reader, people: PeopleReader(store),
                policies: PolicyReader(store, addresses: opened.addresses),
                suppressions: SuppressionReader(store, addresses: opened.addresses),
                consents: ConsentReader(store, addresses: opened.addresses),
                errands: TokenErrands(steering: steering, transport: transport, time: time),
                receipts: ReceiptDesk(steering: steering, commits: commits, exchange: exchange),
                callbackErrands: CallbackErrands(transport: transport, time: time, log: log), rates: rates,
                waiters: waiters,
                deadlines: deadlines, readers: readers, imports: imports,
                operations: operations, teller: teller, health: health, registry: registry, deliveryMetrics: metrics,
                time: time,
                log: log, maxWaiting: max(1, initial.server.maxConnections / 4),
                diagnostics: DiagnosticDesk { diagnosis.begin(by: $0, then: $1) }))
        let books = Books(reader)
        let disk = StoreDisk(storePath: initial.store.path)
        Gauges(
            steering: steering, commits: commits, reader: reader, health: health, operations: operations,
            configuration: configuration, books: books, rates: rates, disk: disk, epoch: opened.epoch, time: time
        ).register(in: registry)
        housekeeping = Housekeeping(
            commits: commits, disk: disk, health: health, checks: checks,
            operations: operations, books: books,
            lapses: LapseWatch(
                reader: OperatingReader(store), commits: commits, metrics: metrics, waiters: waiters, time: time,
                log: log),
            configuration: configuration, time: time, log: log)

        health.watch("commit") { [commits] in commits.lastTurn }
        health.watch("dispatch") { [dispatcher] in dispatcher.lastTurn }
        health.watch("transfer") { [transport] in transport.lastTurn }
        servers = try Self.listen(initial.server, on: sockets, api, log: log)
        address = servers[0].address
        operationsAddress = servers.dropFirst().first?.address
        configuration.listens(on: address.port)
        configuration.presents { [servers] tls throws(ListenError) in
            for server in servers { try server.replace(tls: tls) }
        }
        housekeeping.start()
        dispatcher.start()
        reconciler.start()
        health.started()
        for server in servers {
            log.notice("listening", metadata: ["address": "\(server.address.host):\(server.address.port)"])
        }
        for warning in initial.warnings { log.warning("configuration", metadata: ["warning": "\(warning)"]) }
        service?.serves("Serving on \(address.host):\(address.port)") { [health] in health.stuckThread }
    }

    /// Paths whose bodies may be larger than `max_body`: lists that are taken in row by row, and what providers send, who know
    /// nothing of our bounds.
    private static let largerBodies: [HTTPServer.LargerBodies] = [
        .init(prefix: "/v1/suppressions/import", bytes: 64 << 20), .init(prefix: "/webhooks/", bytes: 1 << 20),
    ]

    private static func listen(
        _ settings: Configuration.Server, on sockets: PassedSockets, _ api: API, log: Logger
    ) throws(StartFailure) -> [HTTPServer] {
        if sockets.operations != nil, settings.operationsListen == nil {
            throw .listen(
                "a socket named operations was passed and server.operations_listen is not set; set it, or take the socket away"
            )
        }
        do {
            let tls = try settings.tls.map(HTTPServer.TLS.init)
            var servers: [HTTPServer] = []
            let isDivided = settings.operationsListen != nil
            let doors: [(ListenAddress?, Int32?, API.Door)] = [
                (settings.listen, sockets.listen, isDivided ? .clients : .both),
                (settings.operationsListen, sockets.operations, .operators),
            ]
            for (address, passed, door) in doors {
                guard let address else { continue }
                let server = try HTTPServer(
                    HTTPServer.Settings(
                        host: address.host, port: address.port, passed: passed, maxBody: settings.maxBody,
                        maxConnections: settings.maxConnections,
                        maxConnectionsPerAddress: settings.maxConnectionsPerAddress,
                        requestTimeout: settings.requestTimeout, tls: tls, largerBodies: Self.largerBodies),
                    refusal: \.answer
                ) { api.answer($0, by: door) }
                if passed != nil, address.port != 0, address.port != server.address.port {
                    log.warning(
                        "configuration",
                        metadata: [
                            "warning":
                                "the socket that was passed listens on port \(server.address.port), not on \(address)"
                        ])
                }
                if let note = server.limitNote { log.warning("connections", metadata: ["warning": "\(note)"]) }
                servers.append(server)
            }
            return servers
        } catch let error as ListenError {
            throw .listen(error.description)
        } catch {
            throw .listen("cannot read server.tls: \(error.localizedDescription)")
        }
    }

    /// How each provider stands now.
    package var providers: [ProviderGates.Snapshot] { steering.gates.snapshots(at: ContinuousClock.now) }

    /// The running books.
    package var ledger: Ledger { commits.ledger }

    /// Applies the configuration file anew on a signal, whole or not at all; the problems where it was not applied.
    @discardableResult
    package func reload() -> [String] { configuration.reload(by: AuditEntry.signal) }

    /// Ends in order: not ready at once but still serving for `drain_delay`; then nothing new is taken and what is under
    /// way may end for `drain_timeout`; then everything is closed.
    ///
    /// `nap` waits for at most the given time; true from it means to hurry.
    package func drain(nap: (Duration) -> Bool) {
        let settings = configuration.current.server
        log.notice("draining")
        service?.drains(within: settings.drainDelay + settings.drainTimeout)
        health.leave()
        let isHurried = Self.wait(settings.drainDelay, nap: nap) { false } || leavePassedSockets(nap: nap)
        health.drain()
        dispatcher.pause()
        if !isHurried {
            _ = Self.wait(settings.drainTimeout, nap: nap) { [steering] in steering.gates.inFlight == 0 }
        }
        stop()
        service?.end()
        log.notice("stopped")
    }

    /// Newcomers wait in a passed socket for the next run from now on, rather than be told 503; who is in already is
    /// answered as ever, for two seconds at most. True when told to hurry.
    private func leavePassedSockets(nap: (Duration) -> Bool) -> Bool {
        let passed = servers.filter(\.isPassed)
        for server in passed { server.quiesce() }
        return Self.wait(.seconds(2), nap: nap) { passed.allSatisfy { $0.busyConnections == 0 } }
    }

    /// True when told to hurry.
    private static func wait(_ span: Duration, nap: (Duration) -> Bool, until isOver: () -> Bool) -> Bool {
        let end = ContinuousClock.now + span
        while !isOver() {
            let left = end - ContinuousClock.now
            guard left > .zero else { return false }
            if nap(min(left, .milliseconds(20))) { return true }
        }
        return false
    }

    /// The front first, so that nothing new comes; the store last, so that every outcome is kept.
    private func stop() {
        let farewell = Problem(.draining, "This router is shutting down.", retryAfter: .seconds(5))
        for server in servers {
            server.stop(abandoned: farewell.response(requestID: "\(RequestID(at: SystemTime().wallNow))"))
        }
        housekeeping.stop()
        reconciler.stop()
        dispatcher.stop()
        teller.stop()
        transport.stop()
        deadlines.stop()
        readers.stop()
        imports.stop()
        do throws(StoreError) {
            try commits.perform("end") {
                try $0.audit(AuditEntry(.routerStopped, by: AuditEntry.router))
                try $0.endRun()
            }
        } catch {
            log.error("the store could not be told of the end", metadata: ["error": "\(error.detail)"])
        }
        commits.stop()
        store.close()
    }
}

extension Authenticator.Key {
    init(_ client: Configuration.Client) {
        self.init(
            name: client.name, tokenSHA256: client.tokenSHA256, scopes: client.scopes, rateLimit: client.rateLimit,
            allowed: client.allowedNetworks)
    }
}
