/// When transfers that share connections may begin, so that no peer sees more streams than it allows.
///
/// libcurl keeps to a connection's limit once it has heard it, and until then takes 100 for granted: a peer that allows a
/// single stream at first (APNs, until it has seen a valid token) would refuse the rest or hang up. So the first transfer
/// goes alone, and its answer, which comes behind the peer's settings, lets the others follow. What finds no stream waits
/// inside libcurl; that is the sign that another connection is wanted.
///
/// A value; the numbers of connections are libcurl's.
struct StreamBudget: Equatable {
    /// Of ours, a connection.
    let maxStreams: Int
    let maxConnections: Int
    /// Connections that have answered.
    private var known: Set<Int> = []
    /// What the pool's cap of connections stands at; it only grows.
    private(set) var connections = 1
    /// Transfers that end on connections which take no more: they are not counted against the others.
    private var strays: [Int: Int] = [:]

    init(maxConnections: Int, maxStreams: Int) {
        self.maxConnections = max(1, maxConnections)
        self.maxStreams = max(1, maxStreams)
    }

    /// Whether one more transfer may begin beside those under way, strays included.
    func admits(underWay all: Int) -> Bool {
        let underWay = all - strays.values.reduce(0, +)
        return known.isEmpty ? underWay == 0 : underWay < maxStreams * connections
    }

    mutating func noteAnswer(on connection: Int) {
        if strays[connection] == nil { known.insert(connection) }
    }

    /// Transfers have waited for a stream beside so many that have one: another connection is begun for them. Not where the
    /// peer allows one stream: it is not convinced yet, and more connections would not convince it sooner.
    mutating func noteShortage(streams: Int) {
        guard streams > max(1, known.count), connections < maxConnections, connections <= known.count else { return }
        connections += 1
    }

    /// A connection takes nothing new; so many transfers are still on it.
    mutating func retire(_ connection: Int, underWay: Int) {
        guard known.remove(connection) != nil || strays[connection] == nil else { return }
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
    mutating func forget(_ connection: Int) { known.remove(connection) }

    /// Nothing has been under way for a while: the next transfer finds out whether the connections are still there, for
    /// nobody tells of an idle one that its peer has closed.
    mutating func doze() { known = [] }

    /// Other connections bear the numbers from now on; what is under way is not on them.
    mutating func forgetAll() {
        known = []
        strays = [:]
    }
}
