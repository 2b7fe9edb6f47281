import Logging
import Synchronization
import WaypostCore
import WaypostHTTP
import WaypostMetrics
import WaypostStore

/// Tells `events.endpoints` what happens: a thread that walks through the events in the order of their commits, one round
/// after another for each endpoint, and keeps what was not taken to tell it again.
///
/// At least once: the cursor moves when a round is over, so a crash repeats a round at most. Without endpoints the thread
/// sleeps. In memory lie one round and at most `EventEndpoint.width` requests an endpoint.
package final class EventTeller: Sendable {
    /// New events of one round, at most.
    static let roundSize = 128
    /// Events told again of one round, at most.
    static let retellSize = 64
    /// Events that may wait to be told again to one endpoint; beyond it new ones are not looked at, and the cursor waits.
    static let mostWaiting = 100_000
    /// Events looked through at once for those that are wanted.
    static let depth = 4096
    /// Unwanted events that the cursor on disk may lag behind.
    static let mostUnwritten: Int64 = 10_000

    private struct Inbox {
        var endpoints: [EventEndpoint]?
        var opened: [KeptEndpoint] = []
        var ended: [Ended] = []
        var settled: [Settled] = []
        /// Something was committed.
        var isRung = false
        var isStopping = false

        var isEmpty: Bool {
            endpoints == nil && opened.isEmpty && ended.isEmpty && settled.isEmpty && !isRung && !isStopping
        }
    }

    private struct Ended: Sendable {
        var endpoint: String
        var round: Int
        var place: Int
        var answer: Result<TransportReply, TransportError>
    }

    private struct Settled: Sendable {
        var endpoint: String
        var isWritten: Bool
        /// How the endpoint stood inside the transaction.
        var kept: KeptEndpoint?
    }

    private let inbox = Monitor(Inbox())
    private let isListening = Atomic(false)
    private let standing = Mutex<[EndpointStanding]>([])
    private let reader: EndpointReader
    private let transport: any Transport
    private let commits: CommitQueue
    private let metrics: TellingMetrics
    private let userAgent: String
    private let time: any TimeSource
    private let log: Logger
    private let thread: Mutex<WorkerThread?> = Mutex(nil)

    package init(
        reader: EndpointReader, transport: any Transport, commits: CommitQueue, registry: MetricsRegistry,
        userAgent: String, time: any TimeSource, log: Logger
    ) {
        self.reader = reader
        self.transport = transport
        self.commits = commits
        self.userAgent = userAgent
        self.time = time
        self.log = log
        metrics = TellingMetrics(in: registry)
        registry.collectedGauge(
            "waypost_event_endpoint_disabled", "1 where an endpoint is told nothing any more.", labels: ["endpoint"]
        ) { [weak self] sink in
            for endpoint in self?.standings ?? [] { sink([endpoint.name], endpoint.disabledAt == nil ? 0 : 1) }
        }
        registry.collectedGauge(
            "waypost_event_endpoint_lag", "Events that an endpoint's cursor is behind the newest.", labels: ["endpoint"]
        ) { [weak self] sink in
            guard let self, case let all = standings, !all.isEmpty, let newest = try? newestEvent() else { return }
            for endpoint in all { sink([endpoint.name], Double(max(0, newest - endpoint.cursor))) }
        }
    }

    /// Tells these from now on, and no others. Waits for the store: not for threads that serve others. A new one begins at
    /// the newest event of this moment.
    package func tell(_ endpoints: [EventEndpoint]) {
        for endpoint in endpoints { metrics.announce(endpoint.name) }
        guard !endpoints.isEmpty || isListening.load(ordering: .relaxed) else { return }
        let opened = open(endpoints.map(\.name))
        isListening.store(!endpoints.isEmpty, ordering: .relaxed)
        inbox.change { inbox in
            inbox.endpoints = endpoints
            inbox.opened += opened
        }
        thread.withLock { thread in
            if thread == nil { thread = WorkerThread(name: "events") { [self] in run() } }
        }
    }

    private func open(_ names: [String]) -> [KeptEndpoint] {
        do throws(StoreError) {
            return try commits.perform("endpoint") { try $0.openEndpoints(names) }
        } catch {
            log.error("event endpoints wait for the store", metadata: ["error": "\(error.detail)"])
            return []
        }
    }

    /// Something was committed; from the commit thread.
    package func ring() {
        guard isListening.load(ordering: .relaxed) else { return }
        inbox.change { $0.isRung = true }
    }

    /// An endpoint's row was changed by hand.
    package func refresh(_ kept: KeptEndpoint) {
        inbox.change { $0.opened.append(kept) }
    }

    /// By name.
    package var standings: [EndpointStanding] { standing.withLock { $0 } }

    /// Blocks for a look into the store.
    package func newestEvent() throws -> Int64 { try reader.newestEvent() }

    /// Begins nothing more, waits a moment for what is under way and writes down how far it came.
    package func stop() {
        isListening.store(false, ordering: .relaxed)
        inbox.change { $0.isStopping = true }
        thread.join()
    }

    // MARK: The thread

    /// What the thread alone knows.
    private struct Office {
        var desks: [String: EndpointDesk] = [:]
        /// Those whose row is not known yet.
        var unopened: [String: EventEndpoint] = [:]
        var random = SystemRandomNumberGenerator()
        /// Begun so far.
        var rounds = 0
        /// Told to stop: what is under way is waited for until then.
        var closesAt: Instant?
    }

    /// How long requests under way are waited for at the end.
    private static let lastWait: Duration = .seconds(1)

    private func run() {
        var office = Office()
        while true {
            let patience = patience(office)
            let news: Inbox? = inbox.wait(atMost: patience) { inbox in
                guard !inbox.isEmpty else { return nil }
                let news = inbox
                inbox = Inbox()
                return news
            }
            if let news { take(news, &office) }
            if !office.unopened.isEmpty, office.closesAt == nil, news?.endpoints == nil {
                enter(open(Array(office.unopened.keys)), &office)
            }
            for name in office.desks.keys { advance(name, &office) }
            standing.withLock { $0 = office.desks.values.map(\.standing).sorted { $0.name < $1.name } }
            if let closesAt = office.closesAt, isClosed(office) || time.now >= closesAt {
                return close(&office)
            }
        }
    }

    private func patience(_ office: Office) -> Duration? {
        if let closesAt = office.closesAt { return max(.milliseconds(1), min(.milliseconds(100), closesAt - time.now)) }
        if office.desks.isEmpty { return office.unopened.isEmpty ? nil : .seconds(1) }
        let (now, instant) = (time.wallNow, time.now)
        let first = office.desks.values.compactMap { $0.patience(at: now, instant) }.min()
        return min(.seconds(1), max(.milliseconds(1), first ?? .seconds(1)))
    }

    private func take(_ news: Inbox, _ office: inout Office) {
        if news.isStopping, office.closesAt == nil {
            office.closesAt = time.now + Self.lastWait
            for name in office.desks.keys { office.desks[name]?.round?.halt() }
        }
        if let endpoints = news.endpoints {
            let names = Set(endpoints.map(\.name))
            office.desks = office.desks.filter { names.contains($0.key) }
            office.unopened = [:]
            for endpoint in endpoints {
                if office.desks[endpoint.name] == nil {
                    office.unopened[endpoint.name] = endpoint
                } else {
                    office.desks[endpoint.name]?.endpoint = endpoint
                }
            }
        }
        enter(news.opened, &office)
        for ended in news.ended { take(ended, at: time.wallNow, &office) }
        for settled in news.settled { take(settled, &office) }
        if news.isRung { for name in office.desks.keys { office.desks[name]?.hasNews = true } }
    }

    private func take(_ ended: Ended, at now: Timestamp, _ office: inout Office) {
        guard var desk = office.desks[ended.endpoint], desk.number == ended.round else { return }
        office.desks[ended.endpoint] = nil  // not held twice while it changes
        let result = TellingResult(ended.answer, at: now)
        let wasFailing = desk.failingSince != nil
        desk.note(result, of: ended.place, at: now)
        metrics.count(result == .told ? .delivered : .failed, ended.endpoint)
        // The first failure is for an operator, the others repeat it.
        if let complaint = result.complaint {
            log.log(
                level: wasFailing ? .debug : .warning, "event endpoint fails",
                metadata: ["endpoint": "\(ended.endpoint)", "detail": "\(complaint)"])
        } else if wasFailing {
            log.notice("event endpoint is well again", metadata: ["endpoint": "\(ended.endpoint)"])
        }
        office.desks[ended.endpoint] = desk
    }

    private func enter(_ opened: [KeptEndpoint], _ office: inout Office) {
        for kept in opened {
            if let endpoint = office.unopened.removeValue(forKey: kept.name) {
                office.desks[kept.name] = EndpointDesk(endpoint, kept)
            } else {
                office.desks[kept.name]?.take(kept)
            }
        }
    }

    private func take(_ settled: Settled, _ office: inout Office) {
        guard var desk = office.desks[settled.endpoint], desk.isSettling else { return }
        desk.isSettling = false
        if let kept = settled.kept, kept.disabledAt != nil {
            desk.disabledAt = kept.disabledAt
            desk.reason = kept.reason
            log.warning(
                "event endpoint disabled",
                metadata: ["endpoint": "\(settled.endpoint)", "reason": "\(kept.reason ?? "")"])
        }
        // The change insists: refused all the same it will be again, so that the events are told anew after a while.
        if !settled.isWritten {
            desk.isStale = true
            desk.pausedUntil = time.now + .seconds(60)
        }
        office.desks[settled.endpoint] = desk
    }

    // MARK: One endpoint

    private func advance(_ name: String, _ office: inout Office) {
        guard var desk = office.desks[name] else { return }
        office.desks[name] = nil  // not held twice while it changes
        defer { office.desks[name] = desk }
        if office.closesAt == nil, desk.isFree(at: time.wallNow, time.now) { begin(&desk, &office.rounds) }
        start(&desk)
        if let round = desk.round, round.isOver {
            settle(&desk, round, &office.random, isLast: office.closesAt != nil)
        }
    }

    /// Fills a round with what is due and what is new.
    private func begin(_ desk: inout EndpointDesk, _ rounds: inout Int) {
        let endpoint = desk.endpoint
        let now = time.wallNow
        desk.pausedUntil = nil
        do {
            if desk.isStale {
                guard let kept = open([endpoint.name]).first else {
                    desk.pausedUntil = time.now + .seconds(1)
                    return
                }
                desk = EndpointDesk(endpoint, kept)
            }
            // By hand, just now: whoever did it will say why in a moment.
            desk.disabledAt = try reader.disabledAt(endpoint.name)
            guard desk.disabledAt == nil else { return }
            if desk.waiting > 0, desk.nextDue == .unknown {
                desk.nextDue = try reader.nextDue(for: endpoint.name).map { .at($0) } ?? .never
            }
            var events: [EventToTell] = []
            var vanished: [Int64] = []
            if desk.waiting > 0, case .at(let due) = desk.nextDue, due <= now {
                (events, vanished) = try reader.due(for: endpoint.name, at: now, limit: Self.retellSize)
            }
            var upTo = desk.cursor
            if desk.hasNews, desk.waiting <= Self.mostWaiting - Self.roundSize {
                let fresh = try reader.events(
                    after: desk.cursor, for: endpoint.name, limit: Self.roundSize, depth: Self.depth,
                    wanted: endpoint.types.contains)
                desk.hasNews = fresh.upTo > desk.cursor
                upTo = fresh.upTo
                events += fresh.events
            }
            guard !events.isEmpty || !vanished.isEmpty || upTo > desk.cursor else { return }
            rounds += 1
            desk.number = rounds
            desk.isGone = false
            desk.round = TellingRound(events, vanished: vanished, upTo: upTo)
            desk.cursor = upTo
        } catch {
            desk.pausedUntil = time.now + .seconds(1)
            log.error("events cannot be read", metadata: ["endpoint": "\(endpoint.name)", "error": "\(error)"])
        }
    }

    private func start(_ desk: inout EndpointDesk) {
        let (name, number) = (desk.endpoint.name, desk.number)
        while let underWay = desk.round?.underWay, underWay < EventEndpoint.width, let place = desk.round?.next(),
            let event = desk.round?.event(place)
        {
            let request = desk.endpoint.request(for: event, userAgent: userAgent, at: time.wallNow)
            transport.send(.http(request), pool: desk.endpoint.pool, settings: desk.endpoint.transfer) {
                [inbox] answer in
                let ended = Ended(endpoint: name, round: number, place: place, answer: answer)
                inbox.change { $0.ended.append(ended) }
            }
        }
    }

    /// Writes down what came of a round, where there is something to write.
    private func settle(
        _ desk: inout EndpointDesk, _ round: TellingRound, _ random: inout some RandomNumberGenerator, isLast: Bool
    ) {
        desk.round = nil
        guard !round.isEmpty || isLast || desk.cursor - desk.writtenCursor >= Self.mostUnwritten else { return }
        let name = desk.endpoint.name
        let settlement = round.settlement(
            of: name, failingSince: desk.failingSince, gone: desk.isGone, at: time.wallNow, random: &random)
        desk.waiting += settlement.waiting
        desk.nextDue = .unknown
        desk.isSettling = true
        desk.writtenCursor = desk.cursor
        for event in settlement.givenUp {
            metrics.count(.givenUp, name)
            log.warning(
                "event given up after its last try",
                metadata: ["endpoint": "\(name)", "event": "\(event.event.id)"])
        }
        let told = settlement.told
        commits.submit("tell", .insist) { session in
            try session.settle(told)
            return told.disabling == nil ? nil : try session.endpoint(name)
        } then: { [inbox] (result: Result<KeptEndpoint?, StoreError>) in
            let settled: Settled
            switch result {
            case .success(let kept): settled = Settled(endpoint: name, isWritten: true, kept: kept)
            case .failure: settled = Settled(endpoint: name, isWritten: false, kept: nil)
            }
            inbox.change { $0.settled.append(settled) }
        }
    }

    // MARK: The end

    private func isClosed(_ office: Office) -> Bool {
        office.desks.values.allSatisfy { $0.round == nil && !$0.isSettling }
    }

    /// What has no answer by now is told again at the next start.
    private func close(_ office: inout Office) {
        for name in office.desks.keys {
            guard var desk = office.desks[name] else { continue }
            if let round = desk.round {
                settle(&desk, round, &office.random, isLast: true)
            } else if desk.cursor > desk.writtenCursor, !desk.isSettling {
                settle(&desk, TellingRound([], vanished: [], upTo: desk.cursor), &office.random, isLast: true)
            }
        }
    }
}
