import Logging
import Synchronization
import WaypostCore
import WaypostPolicy
import WaypostProviders
import WaypostStore

/// Moves what waits: a thread that begins attempts as places become free, retries when they are due, takes from the store
/// what did not fit into memory, and ends what has lived too long.
///
/// What it holds in memory is bounded by `Backlog.Budget`; everything beyond lies in the store until there is room.
package final class Dispatcher: Sendable {
    private struct Inbox {
        var parcels: [Parcel] = []
        var claimed: [Claimed] = []
        /// Parcels whose rows have come to an end while they waited here; the store bounds how many.
        var ended: Set<ParcelKey> = []
        /// Something was freed or changed: whatever is blocked is looked at again.
        var isStirred = false
        var isPaused = false
        var isStopping = false
    }

    private struct Claimed: Sendable {
        var place: QueuePlace
        var parcels: [ClaimedParcel]
        /// When the next row of that place is due; nil: there is none.
        var nextDue: Timestamp?
        var failed: Bool
    }

    private let inbox = Monitor(Inbox())
    private let backlog: Mutex<Backlog>
    private let turned: Mutex<Instant>
    private let steering: Steering
    private let exchange: Exchange
    private let commits: CommitQueue
    private let metrics: DeliveryMetrics
    private let waiters: Waiters
    private let time: any TimeSource
    private let log: Logger
    private let thread: Mutex<WorkerThread?> = Mutex(nil)
    /// How many claims one round asks for.
    private static let claimSize = 256
    static let tooOld = "its time to live is over"

    package init(
        steering: Steering, exchange: Exchange, commits: CommitQueue, metrics: DeliveryMetrics, waiters: Waiters,
        time: any TimeSource, log: Logger
    ) {
        self.steering = steering
        self.exchange = exchange
        self.commits = commits
        self.metrics = metrics
        self.waiters = waiters
        self.time = time
        self.log = log
        backlog = Mutex(Backlog())
        turned = Mutex(time.now)
        exchange.connect(
            requeue: { [weak self] parcel in self?.requeue(parcel) }, freed: { [weak self] in self?.stirIfWaiting() },
            spilled: { [weak self] place in
                guard let self else { return }
                self.spilled(place, dueAt: self.time.wallNow)
            })
    }

    /// Begins; what lies in the store is taken up first.
    package func start() {
        lookAgain()
        thread.withLock { $0 = WorkerThread(name: "dispatch") { [self] in run() } }
    }

    /// Begins no further attempt; what is under way ends as it ends.
    package func pause() { inbox.change { $0.isPaused = true } }

    package func stop() {
        inbox.change { $0.isStopping = true }
        thread.join()
    }

    /// When the thread last went round; it does so at least once a second.
    package var lastTurn: Instant { turned.withLock { $0 } }

    /// Whatever is blocked is looked at again: a reload, an override, a lifted limit.
    package func stir() { inbox.change { $0.isStirred = true } }

    /// Drops parcels whose rows have ended in the store: those that wait here take no place any more.
    package func drop(_ ended: some Sequence<ParcelKey>) { inbox.change { $0.ended.formUnion(ended) } }

    private func stirIfWaiting() {
        if !backlog.withLock({ $0.isEmpty }) { stir() }
    }

    // MARK: Coming in

    /// Whether messages of this channel already wait, so that a new one must not overtake them.
    func hasWaiting(_ channel: Channel) -> Bool { backlog.withLock { $0.hasWaiting(channel, at: time.wallNow) } }

    /// Makes room for a new parcel of that size; false when it must lie in the store.
    func reserve(_ place: QueuePlace, bytes: Int) -> Bool {
        backlog.withLock { $0.reserve(place, bytes: bytes, at: time.wallNow) }
    }

    /// Gives a place back that was reserved for a parcel that did not come.
    func cancelReservation(_ channel: Channel, track: Int, bytes: Int) {
        backlog.withLock { $0.release(.init(channel, track), bytes: bytes) }
    }

    private func release(_ parcel: Parcel) {
        backlog.withLock { $0.release(.init(parcel.place), bytes: parcel.size) }
    }

    /// Takes a parcel for which a place was reserved, once the store knows it.
    func take(_ parcel: Parcel) { inbox.change { $0.parcels.append(parcel) } }

    /// A row lies in the store that nobody holds.
    func spilled(_ place: QueuePlace, dueAt: Timestamp) {
        backlog.withLock { $0.spill(place, dueAt: dueAt) }
        if dueAt <= time.wallNow { stir() }
    }

    /// The same for one whose track only the store knows.
    func spilled(_ message: Message, dueAt: Timestamp) {
        backlog.withLock { backlog in
            for track in QueuePlace.tracks {
                let place = QueuePlace(message.channel, lane: message.priority.lane, track: track)
                backlog.spill(place, dueAt: dueAt)
            }
        }
        if dueAt <= time.wallNow { stir() }
    }

    /// Rows may have become free for anybody, wherever they lie (a replay).
    package func lookAgain() {
        backlog.withLock { $0.lookEverywhere(at: time.wallNow) }
        stir()
    }

    /// A parcel whose attempt failed and that waits now; without room it lies in the store.
    private func requeue(_ parcel: Parcel) {
        var parcel = parcel
        parcel.track = steering.track(of: parcel.message, parcel.deliveries, excluded: parcel.excluded)
        if backlog.withLock({ $0.reserve(.init(parcel.place), bytes: parcel.size) }) {
            take(parcel)
        } else {
            letGo(parcel)
        }
    }

    private func letGo(_ parcel: Parcel) {
        commits.submit("spill", .insist) {
            try $0.letGo(parcel)
        } then: { [self] _ in
            spilled(parcel.place, dueAt: parcel.dueAt)
        }
    }

    // MARK: The thread

    private func run() {
        var desk = DispatchDesk(at: time.wallNow)
        while true {
            let nextSpill = backlog.withLock { $0.nextDue(except: desk.claiming) }
            let patience = desk.patience(at: time.now, time.wallNow, nextSpill: nextSpill)
            let news: Inbox? = inbox.wait(atMost: patience) { inbox in
                guard
                    inbox.isStirred || inbox.isStopping || !inbox.parcels.isEmpty || !inbox.claimed.isEmpty
                        || !inbox.ended.isEmpty
                else { return nil }
                let news = inbox
                inbox.isStirred = false
                inbox.parcels.removeAll(keepingCapacity: true)
                inbox.claimed.removeAll(keepingCapacity: true)
                inbox.ended = []
                return news
            }
            let now = time.now
            turned.withLock { $0 = now }
            if let news {
                if news.isStopping { return }
                desk.isPaused = news.isPaused
                if !news.ended.isEmpty { desk.drop(news.ended).forEach(release) }
                for claimed in news.claimed { take(claimed, &desk) }
                for parcel in news.parcels {
                    if news.ended.contains(parcel.key) { release(parcel) } else { arrange(parcel, &desk) }
                }
                if news.isStirred || !news.claimed.isEmpty { desk.lanes.unblock() }
            }
            let wall = time.wallNow
            while let parcel = desk.takeRipe(at: wall) { arrange(parcel, &desk) }
            for parcel in desk.sweep(at: wall) { end(parcel, .expired, reason: Self.tooOld) }
            if !desk.isPaused {
                var starts: [Exchange.Start] = []
                desk.wake = desk.lanes.drain(at: now) { begin($0, &starts) }
                begin(starts)
                claim(&desk, at: wall)
            }
        }
    }

    private func arrange(_ parcel: Parcel, _ desk: inout DispatchDesk) {
        if parcel.dueAt > time.wallNow {
            desk.postpone(parcel)
            return
        }
        let plan = steering.current
        let message = parcel.message
        var ability = 0
        for (place, provider) in plan.providers.values.sorted(by: { $0.name < $1.name }).enumerated()
        where parcel.excluded.contains(provider.name)
            || provider.objection(to: message, for: parcel.deliveries) != nil
        { ability |= 1 << (place % 63) }
        let rule = steering.candidates(for: message, parcel.deliveries, plan: plan).rule ?? -1
        desk.lanes.append(
            parcel, key: Lanes.Key(channel: message.channel, rule: rule, tried: parcel.tried, ability: ability))
    }

    /// Looks for a provider for the first parcel of a queue.
    private func begin(_ parcel: Parcel, _ starts: inout [Exchange.Start]) -> Lanes.Taken {
        let plan = steering.current
        let now = time.wallNow
        guard now < parcel.message.expiresAt else {
            end(parcel, .expired, reason: Self.tooOld)
            return .done
        }
        if let hold = plan.policy.quietHours?.hold(parcel.message, at: now) {
            self.hold(parcel, hold, at: now)
            return .done
        }
        switch steering.choose(for: parcel.message, parcel.deliveries, parcel.progress, plan: plan) {
        case .taken(let permit, let provider, let decision):
            metrics.decided(decision, on: parcel.message.channel)
            let begun = Begun(permit, decision, at: now)
            starts.append(Exchange.Start(parcel: parcel, permit: permit, provider: provider, begun: begun))
        case .wait(let until, _): return .blocked(until: until)
        case .nextRound(let at, let decision):
            metrics.decided(decision, on: parcel.message.channel)
            var parcel = parcel
            parcel.round += 1
            parcel.tried = []
            parcel.dueAt = at
            postpone(parcel, decision)
        case .finish(let state, let reason, _): end(parcel, state, reason: reason)
        }
        return .done
    }

    /// What has found a provider in one round begins together, in one transaction.
    private func begin(_ starts: [Exchange.Start]) {
        guard !starts.isEmpty else { return }
        commits.submit("begin", .refuse) { session in
            try starts.map { try session.begin($0.parcel, $0.begun) }
        } then: { [self] result in
            switch result {
            case .success(let begun):
                exchange.start(zip(starts, begun).compactMap { took($0, $1) })
                if begun.contains(where: \.ordinals.isEmpty) { stir() }
            case .failure:  // the store fails: they wait on, and are looked at again when the store is back
                for start in starts {
                    steering.gates.giveBack(start.permit, at: time.now)
                    var later = start.parcel
                    later.dueAt = max(later.dueAt, time.wallNow + .milliseconds(250))
                    take(later)
                }
            }
        }
    }

    /// The parcel's place is free again. Returns what is to be sent; nil where nothing of it waits any more.
    private func took(_ start: Exchange.Start, _ beginning: Beginning) -> Exchange.Start? {
        let message = start.parcel.message
        release(start.parcel)
        if !beginning.suppressed.isEmpty {
            metrics.entered(.suppressed, message, count: beginning.suppressed.count)
            metrics.keptBack(message.channel, for: beginning.suppressed.compactMap(\.suppressionCause))
        }
        guard !beginning.ordinals.isEmpty else {
            steering.gates.giveBack(start.permit, at: time.now)
            if !beginning.suppressed.isEmpty { waiters.tell(message.id) }
            return nil
        }
        metrics.took("queue_wait", message, max(.zero, start.begun.startedAt - start.parcel.dueAt))
        var start = start
        if beginning.ordinals.count < start.parcel.deliveries.count {
            start.parcel.deliveries.removeAll { !beginning.ordinals.contains($0.ordinal) }
        }
        return start
    }

    /// It has waited into quiet hours: it lies in the store until they end, and takes no place here.
    private func hold(_ parcel: Parcel, _ hold: QuietHours.Hold, at now: Timestamp) {
        var later = parcel
        later.dueAt = hold.until
        let held = later
        commits.submit("hold", .insist) {
            try $0.hold(held, for: hold.until - now, because: hold.reason)
        } then: { [self] _ in
            release(held)
            spilled(held.place, dueAt: held.dueAt)
        }
    }

    /// The parcel stays in memory, and its place stays reserved.
    private func postpone(_ parcel: Parcel, _ decision: RoutingDecision) {
        let json = decision.json
        commits.submit("postpone", .insist) {
            try $0.postpone(parcel, decision: json)
        } then: { [self] _ in
            take(parcel)
        }
    }

    private func end(_ parcel: Parcel, _ state: DeliveryState, reason: String) {
        commits.submit("end", .insist) {
            try $0.end(parcel, state, reason: reason)
        } then: { [self] result in
            release(parcel)
            guard case .success(let moves) = result, !moves.isEmpty else { return }
            metrics.entered(state, parcel.message, count: moves.count)
            waiters.tell(parcel.message.id)
        }
    }

    // MARK: From the store

    private func claim(_ desk: inout DispatchDesk, at now: Timestamp) {
        let claiming = desk.claiming
        let interventions = steering.interventions
        let claims = backlog.withLock { backlog in
            backlog.takeClaims(dueBy: now, atMost: Self.claimSize) { place in
                // What is stopped would only take room.
                !claiming.contains(place) && interventions.stop(on: place.channel) == nil
            }
        }
        for claim in claims {
            let place = claim.place
            desk.claiming.insert(place)
            let horizon = now
            commits.submit("claim", .refuse) { session in
                let parcels = try session.claim(
                    place, dueBy: horizon, atMost: claim.parcels, bytes: claim.bytes)
                return (parcels, try session.nextDue(place))
            } then: { [self] result in
                inbox.change { inbox in
                    switch result {
                    case .success(let (parcels, nextDue)):
                        inbox.claimed.append(Claimed(place: place, parcels: parcels, nextDue: nextDue, failed: false))
                    case .failure:
                        inbox.claimed.append(Claimed(place: place, parcels: [], nextDue: nil, failed: true))
                    }
                }
            }
        }
    }

    private func take(_ claimed: Claimed, _ desk: inout DispatchDesk) {
        desk.claiming.remove(claimed.place)
        // While the store fails it is asked again in a moment, not at once.
        let next = claimed.failed ? time.wallNow + .milliseconds(250) : claimed.nextDue
        if let next { backlog.withLock { $0.spill(claimed.place, dueAt: next) } }
        for row in claimed.parcels {
            guard let parcel = Parcel(row, track: claimed.place.track) else {
                log.error("the content of a message cannot be read", metadata: ["seq": "\(row.seq)"])
                continue
            }
            backlog.withLock { $0.hold(.init(parcel.place), bytes: parcel.size) }
            arrange(parcel, &desk)
        }
    }
}
