import WaypostCore
import WaypostStore

/// What the teller's thread knows of one endpoint.
struct EndpointDesk: Sendable {
    var endpoint: EventEndpoint
    /// How far the walk has come; what lies on disk may lag behind where no event was wanted.
    var cursor: Int64
    var writtenCursor: Int64
    /// Rows of `retell`.
    var waiting: Int
    /// When the first of them is due; looked up anew after each change.
    var nextDue: NextDue = .unknown
    var failingSince: Timestamp?
    var disabledAt: Timestamp?
    var reason: String?
    var restUntil: Timestamp?
    var last: EndpointStanding.Last?
    /// There may be events after the cursor.
    var hasNews = true
    var round: TellingRound?
    /// Tells the answers to this round from those to one that was dropped.
    var number = 0
    /// It answered 410 in this round.
    var isGone = false
    var isSettling = false
    /// Its row is to be read anew.
    var isStale = false
    /// The store failed: it is asked again then.
    var pausedUntil: Instant?

    enum NextDue: Equatable { case unknown, never, at(Timestamp) }

    init(_ endpoint: EventEndpoint, _ kept: KeptEndpoint) {
        self.endpoint = endpoint
        cursor = kept.cursor
        writtenCursor = kept.cursor
        waiting = kept.waiting
        take(kept)
    }

    /// What somebody else has changed in its row.
    mutating func take(_ kept: KeptEndpoint) {
        failingSince = kept.failingSince
        disabledAt = kept.disabledAt
        reason = kept.reason
        restUntil = nil
        nextDue = .unknown
        if disabledAt != nil { round?.halt() }
    }

    var standing: EndpointStanding {
        var standing = EndpointStanding(
            name: endpoint.name, url: String(endpoint.url.prefix { $0 != "?" }), types: endpoint.types.patterns,
            cursor: cursor)
        standing.waiting = waiting
        standing.failingSince = failingSince
        standing.disabledAt = disabledAt
        standing.reason = reason
        standing.last = last
        return standing
    }

    /// Notes how a try ended.
    mutating func note(_ result: TellingResult, of place: Int, at now: Timestamp) {
        round?.end(place, result)
        if result == .gone { isGone = true }
        failingSince = result == .told ? nil : failingSince ?? now
        last = EndpointStanding.Last(at: now, complaint: result.complaint)
        if let until = round?.restUntil { restUntil = until }
    }

    /// Whether a round may begin.
    func isFree(at now: Timestamp, _ instant: Instant) -> Bool {
        round == nil && !isSettling && disabledAt == nil && restUntil.map { $0 <= now } ?? true
            && pausedUntil.map { $0 <= instant } ?? true
    }

    /// How long nothing happens here that nobody tells of.
    func patience(at now: Timestamp, _ instant: Instant) -> Duration? {
        guard round == nil, !isSettling, disabledAt == nil else { return nil }
        if let pausedUntil, pausedUntil > instant { return pausedUntil - instant }
        if let restUntil, restUntil > now { return restUntil - now }
        if hasNews && waiting <= EventTeller.mostWaiting - EventTeller.roundSize { return .zero }
        switch nextDue {
        case .unknown: return waiting > 0 ? .zero : nil
        case .never: return nil
        case .at(let due): return max(.zero, due - now)
        }
    }
}
