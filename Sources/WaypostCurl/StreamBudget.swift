/// How many streams the connections of one pool will take, so that no peer ever sees more than it allows.
///
/// libcurl learns a connection's limit only after it has put streams on it: on a fresh connection it assumes 100, and one
/// that allows a single stream at first (APNs, until it has seen a valid token) would refuse the rest or hang up. So a new
/// connection gets one stream, and more when its peer has said how many.
///
/// A value; the numbers of connections are libcurl's.
struct StreamBudget: Equatable {
    /// What one connection is trusted with where its peer sets no limit that we hear of (RFC 9113 section 6.5.2
    /// recommends no less).
    static let usual = 100

    /// Of ours, a connection.
    let maxStreams: Int
    let maxConnections: Int
    private var limits: [Int: Int] = [:]
    /// Of connections that may be gone: nobody tells of an idle one that its peer has closed.
    private var dormant: [Int: Int] = [:]
    /// What the pool's cap of connections stands at; it only grows, as streams run out.
    private(set) var connections = 1
    /// Transfers that end on connections which take no more: they are not counted against the others.
    private var strays: [Int: Int] = [:]

    init(maxConnections: Int, maxStreams: Int) {
        self.maxConnections = max(1, maxConnections)
        self.maxStreams = max(1, maxStreams)
    }

    /// Streams that known connections take together.
    private var capacity: Int { limits.values.reduce(0, +) }

    /// Whether one more transfer may begin beside those under way, strays included. Where every stream is taken, another connection is
    /// begun with it, if there may be one more and no other is being begun.
    mutating func admits(underWay all: Int) -> Bool {
        let underWay = all - strays.values.reduce(0, +)
        if underWay < capacity { return true }
        // A peer that allows one stream is not convinced yet: more connections would not convince it sooner.
        if limits.values.contains(1) { return false }
        guard underWay == capacity, limits.count < maxConnections else { return false }
        connections = max(connections, limits.count + 1)
        return true
    }

    /// The peer of a connection has said how many streams it takes.
    mutating func note(limit: Int, on connection: Int) { limits[connection] = min(max(1, limit), maxStreams) }

    /// A connection has answered; where it named no limit, the usual one is assumed.
    mutating func noteAnswer(on connection: Int) {
        guard limits[connection] == nil, strays[connection] == nil else { return }
        limits[connection] = dormant.removeValue(forKey: connection) ?? min(Self.usual, maxStreams)
    }

    /// Nothing has been under way for a while: the next transfer asks whether the connections are still there.
    mutating func doze() {
        dormant = limits
        limits = [:]
    }

    /// A connection takes nothing new; so many transfers are still on it.
    mutating func retire(_ connection: Int, underWay: Int) {
        guard limits.removeValue(forKey: connection) != nil || strays[connection] == nil else { return }
        if underWay > 0 { strays[connection] = underWay }
        // Another may be begun while its last streams end.
        connections = min(maxConnections, connections + 1)
    }

    /// A transfer has ended; on a connection that takes no more, it was a stray.
    mutating func noteEnd(on connection: Int) {
        guard let left = strays[connection] else { return }
        strays[connection] = left > 1 ? left - 1 : nil
    }

    /// A connection is gone.
    mutating func forget(_ connection: Int) { limits[connection] = nil }

    /// Other connections bear the numbers from now on; what is under way is not on them.
    mutating func forgetAll() {
        limits = [:]
        dormant = [:]
        strays = [:]
    }
}
