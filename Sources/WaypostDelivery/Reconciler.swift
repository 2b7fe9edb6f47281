import Logging
import WaypostCore
import WaypostHTTP
import WaypostPolicy
import WaypostProviders
import WaypostStore

/// Finds out about attempts whose answers were lost, under the policy `reconcile`: asks their providers, or gives their
/// reports time to come. A thread that sleeps while nothing is in doubt.
///
/// What is in doubt lies in the store; in memory are only the looks under way, `atOnce` at most. A report that comes
/// meanwhile moves the deliveries by itself, and the look finds nothing left to do.
package final class Reconciler: Sendable {
    /// What came of it; labels `waypost_ambiguous_total`.
    enum Resolution: String, Sendable { case confirmed, resent, held }

    private struct Inbox {
        /// When something is due; nil: nothing is in doubt.
        var dueAt: Timestamp?
        var isTaking = false
        /// Looks under way.
        var busy: [ProviderName: Int] = [:]
        var isStopping = false

        var room: Int { max(0, Reconciler.atOnce - busy.values.reduce(0, +)) }
    }

    private let inbox: Monitor<Inbox>
    private let schedule: ReconcileSchedule
    private let steering: Steering
    private let transport: any Transport
    private let exchange: Exchange
    private let dispatcher: Dispatcher
    private let commits: CommitQueue
    private let metrics: DeliveryMetrics
    private let waiters: Waiters
    private let time: any TimeSource
    private let log: Logger
    private let startedAt: Timestamp
    private let thread: Monitor<WorkerThread?> = Monitor(nil)

    /// Looks under way at once, in all and at one provider: messages go first.
    private static let atOnce = 16
    private static let perProvider = 4
    /// A look that was not settled by then, whatever became of it, is made again. Longer than any look takes.
    private static let lease = Duration.seconds(60)
    private static let longestLook = Duration.seconds(15)

    package init(
        _ schedule: ReconcileSchedule, steering: Steering, transport: any Transport, exchange: Exchange,
        dispatcher: Dispatcher, commits: CommitQueue, metrics: DeliveryMetrics, waiters: Waiters, time: any TimeSource,
        log: Logger
    ) {
        self.schedule = schedule
        self.steering = steering
        self.transport = transport
        self.exchange = exchange
        self.dispatcher = dispatcher
        self.commits = commits
        self.metrics = metrics
        self.waiters = waiters
        self.time = time
        self.log = log
        startedAt = time.wallNow
        // What the run before left is due at once.
        inbox = Monitor(Inbox(dueAt: startedAt))
        exchange.connect(doubted: { [weak self] dueAt in self?.expect(dueAt) })
    }

    package func start() {
        thread.change { $0 = WorkerThread(name: "reconcile") { [self] in run() } }
    }

    package func stop() {
        inbox.change { $0.isStopping = true }
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    /// Something will be due then.
    private func expect(_ dueAt: Timestamp) {
        inbox.change { $0.dueAt = min($0.dueAt ?? dueAt, dueAt) }
    }

    // MARK: The thread

    private func run() {
        while true {
            let due = inbox.withLock { $0.isTaking || $0.room == 0 ? nil : $0.dueAt }
            // A wall clock that is set is noticed within a second.
            let patience = due.map { min(.seconds(1), max(.milliseconds(1), $0 - time.wallNow)) } ?? .seconds(60)
            let turn: Turn? = inbox.wait(atMost: patience) { inbox in
                if inbox.isStopping { return .end }
                let room = inbox.room
                guard room > 0, !inbox.isTaking, let dueAt = inbox.dueAt else { return nil }
                guard dueAt <= time.wallNow else { return dueAt != due ? .again : nil }
                inbox.isTaking = true
                inbox.dueAt = nil
                return .take(room: room, busy: inbox.busy)
            }
            switch turn {
            case .end: return
            case .take(let room, let busy): take(room: room, busy: busy)
            case .again, nil: break
            }
        }
    }

    private enum Turn {
        case end
        case take(room: Int, busy: [ProviderName: Int])
        /// Another moment than the one that was waited for.
        case again
    }

    private func take(room: Int, busy: [ProviderName: Int]) {
        commits.submit("reconcile", .refuse) {
            try $0.takeReconciliations(
                atMost: room, lease: Self.lease, perProvider: Self.perProvider, busy: busy)
        } then: { [self] result in
            let due = (try? result.get()) ?? .nothing(until: time.wallNow + .milliseconds(250))
            inbox.change { inbox in
                inbox.isTaking = false
                if let next = due.nextDue { inbox.dueAt = min(inbox.dueAt ?? next, next) }
                for item in due.items { inbox.busy[item.provider, default: 0] += 1 }
            }
            for provider in due.reported { metrics.reconciled(provider, .confirmed) }
            for item in due.items { look(at: item) }
        }
    }

    // MARK: One look

    /// Called on the commit thread; the transport answers on its own.
    private func look(at item: Reconciliation) {
        guard let message = try? Message(decoding: item.body) else {
            log.error("the content of a message cannot be read", metadata: ["seq": "\(item.seq)"])
            return done(with: item)
        }
        let plan = steering.current
        let now = time.wallNow
        guard let provider = plan.providers[item.provider] else {
            return settle(item, message, .impossible("\(item.provider) is not configured any more"), askedAt: now)
        }
        switch provider.evidence(for: message) {
        case .none: settle(item, message, .impossible("\(item.provider) cannot be asked"), askedAt: now)
        case .callback: settle(item, message, .silence, askedAt: now)
        case .inquiry:
            guard let provider = provider as? any InquirableProvider else {
                return settle(item, message, .impossible("\(item.provider) cannot be asked"), askedAt: now)
            }
            if let obstacle = obstacle(item.provider) {
                return settle(item, message, .finding(.unknown(reason: obstacle)), askedAt: now)
            }
            ask(provider, about: item, message, publicURL: plan.publicURL)
        }
    }

    /// Why a provider is left alone now. An open breaker is no reason: a look is small, and what it says is needed.
    private func obstacle(_ name: ProviderName) -> String? {
        let now = time.now
        guard let gate = steering.gates.snapshots(at: now).first(where: { $0.provider == name }) else { return nil }
        if !gate.enabled { return "it is disabled" }
        if let until = gate.restingUntil, until > now { return "it asked to be left alone" }
        return nil
    }

    private func ask(
        _ provider: any InquirableProvider, about item: Reconciliation, _ message: Message, publicURL: String
    ) {
        let deliveries = message.content.deliveries
        let context = AttemptContext(
            message: message,
            deliveries: item.ordinals.compactMap { deliveries.indices.contains($0) ? deliveries[$0] : nil },
            attempt: item.attempt, startedAt: item.startedAt, publicURL: publicURL)
        let settings = provider.transfer.lasting(atMost: Self.longestLook)
        let askedAt = time.wallNow
        authorize(provider) { [self] failure in
            if let failure {
                return settle(item, message, .finding(.unknown(reason: failure.detail)), askedAt: askedAt)
            }
            let request: TransportRequest
            do throws(Failure) { request = try provider.inquiry(about: context, endedAt: item.endedAt) } catch {
                return settle(item, message, .finding(.unknown(reason: error.detail)), askedAt: askedAt)
            }
            // A pool of its own, so that no message waits behind a question.
            transport.send(request, pool: "\(provider.name)/inquiry", settings: settings) { [self] answer in
                let finding =
                    switch answer {
                    case .success(let reply):
                        provider.finding(in: reply, about: context, endedAt: item.endedAt, at: time.wallNow)
                    case .failure(let error): InquiryFinding.unknown(reason: error.detail)
                    }
                settle(item, message, .finding(finding), askedAt: askedAt)
            }
        }
    }

    private func authorize(_ provider: any Provider, then: @escaping @Sendable (Failure?) -> Void) {
        guard let authorizer = provider.authorizer else { return then(nil) }
        authorizer.ready(
            over: transport, pool: "\(provider.name)/token", settings: provider.transfer, at: time.wallNow, then: then)
    }

    // MARK: What follows

    private func settle(_ item: Reconciliation, _ message: Message, _ sighting: Look.Sighting, askedAt: Timestamp) {
        let look = Look(
            item: item, message: message, sighting: sighting, askedAt: askedAt, since: max(item.endedAt, startedAt),
            price: steering.current.gates[item.provider]?.price, rules: steering.current.receiptRules)
        commits.submit("reconcile", .refuse) { [schedule] session in
            try look.settle(by: schedule, in: session)
        } then: { [self] result in
            done(with: item)
            switch result {
            case .failure: break  // the store fails: the look is made again when its lease is over
            case .success(.later(let at)): expect(at)
            case .success(.ended(let end, let count, let receipts)):
                tell(item, message, end, count: count)
                exchange.tell(receipts)
            }
        }
    }

    private func done(with item: Reconciliation) {
        inbox.change { $0.busy[item.provider, default: 1] -= 1 }
    }

    private func tell(_ item: Reconciliation, _ message: Message, _ end: ReconciliationEnd, count: Int) {
        guard count > 0 else { return }  // its report came first, which the row's next turn counts
        let resolution: Resolution
        switch end {
        case .sent(_, let cost):
            resolution = .confirmed
            if let cost {
                metrics.cost.with(item.provider.text, message.channel.rawValue, cost.currency)
                    .increment(by: UInt64(max(0, cost.micros)))
            }
        case .onward: resolution = .resent
        case .inDoubt: resolution = .held
        }
        metrics.reconciled(item.provider, resolution)
        if end.state.isOpen {
            dispatcher.spilled(message, dueAt: time.wallNow)
        } else {
            metrics.entered(end.state, message, count: count)
            metrics.took(
                "total", message, time.wallNow - max(message.createdAt, message.sendAt ?? message.createdAt))
        }
        log.info(
            "attempt in doubt reconciled",
            metadata: [
                "message_id": "\(message.id)", "attempt_id": "\(item.attempt)", "provider": "\(item.provider)",
                "resolution": "\(resolution.rawValue)",
            ])
        waiters.tell(message.id)
    }
}

extension TransferSettings {
    fileprivate func lasting(atMost timeout: Duration) -> TransferSettings {
        var settings = self
        settings.timeout = min(settings.timeout, timeout)
        return settings
    }
}
