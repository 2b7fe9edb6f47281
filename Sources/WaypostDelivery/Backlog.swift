import WaypostCore
import WaypostStore

/// What waits for a place with a provider: how much of it memory holds, track by track of each channel, and where in the store
/// the rest lies.
///
/// A track holds at most twice what it leaves free. So one that cannot be sent, because its providers are out or an operator
/// has stopped its channel, never takes the room of the others, and one alone still has two thirds. Within a track all wait
/// together.
struct Backlog: Sendable {
    /// How much may wait in memory; beyond it parcels lie in the store alone.
    struct Budget: Sendable {
        var parcels = 10_000
        var bytes = 32 << 20
    }

    /// Who shares room: the lanes of one track.
    struct Track: Hashable, Sendable {
        var channel: Channel
        var number: Int

        init(_ channel: Channel, _ number: Int) {
            self.channel = channel
            self.number = number
        }

        init(_ place: QueuePlace) { self.init(place.channel, place.track) }
    }

    private struct Load: Sendable {
        var parcels = 0
        var bytes = 0

        mutating func add(_ parcels: Int, bytes more: Int) {
            self.parcels += parcels
            bytes += more
        }
    }

    private let budget: Budget
    private var total = Load()
    private var byTrack: [Track: Load] = [:]
    /// The earliest moment at which a row that nobody holds may be due; absent: nothing lies there.
    private var spilled: [QueuePlace: Timestamp] = [:]

    init(_ budget: Budget = Budget()) { self.budget = budget }

    /// Nothing waits, neither here nor in the store.
    var isEmpty: Bool { total.parcels == 0 && spilled.isEmpty }

    /// Whether parcels of this channel wait, so that a new one must not overtake them. Those of another track may wait for the
    /// provider that it would take, too.
    func hasWaiting(_ channel: Channel, at now: Timestamp) -> Bool {
        byTrack.contains { $0.key.channel == channel }
            || spilled.contains { $0.key.channel == channel && $0.value <= now }
    }

    // MARK: In memory

    /// Makes room for a parcel of that size; false, and nothing is changed, when it must lie in the store.
    mutating func reserve(_ track: Track, bytes: Int) -> Bool {
        let room = room(for: track)
        guard room.parcels > 0, bytes <= room.bytes else { return false }
        hold(track, bytes: bytes)
        return true
    }

    /// The same for a new parcel, which must not pass those of its track that lie in the store, are due and are as urgent.
    mutating func reserve(_ place: QueuePlace, bytes: Int, at now: Timestamp) -> Bool {
        let track = Track(place)
        let isPassing = spilled.contains { Track($0.key) == track && $0.key.lane <= place.lane && $0.value <= now }
        return !isPassing && reserve(track, bytes: bytes)
    }

    /// How many more parcels and bytes of a track memory takes. A hundredth or so of the budget is every track's own, whatever
    /// the others hold: one that fetched a huge message has more than its share.
    func room(for track: Track) -> (parcels: Int, bytes: Int) {
        let held = byTrack[track] ?? Load()
        func share(_ budget: Int, _ total: Int, _ held: Int) -> Int {
            let free = budget - total
            return max(0, budget / 128 - held, min(free, 2 * free - held))
        }
        return (
            share(budget.parcels, total.parcels, held.parcels), share(budget.bytes, total.bytes, held.bytes)
        )
    }

    /// A parcel that the store has handed over, room or not.
    mutating func hold(_ track: Track, bytes: Int) { add(1, bytes, to: track) }

    /// A parcel has begun, has ended or lies in the store again.
    mutating func release(_ track: Track, bytes: Int) { add(-1, -bytes, to: track) }

    private mutating func add(_ parcels: Int, _ bytes: Int, to track: Track) {
        total.add(parcels, bytes: bytes)
        var load = byTrack[track] ?? Load()
        load.add(parcels, bytes: bytes)
        byTrack[track] = load.parcels == 0 && load.bytes == 0 ? nil : load
    }

    // MARK: In the store

    /// A row lies there that nobody holds, due then.
    mutating func spill(_ place: QueuePlace, dueAt: Timestamp) { spilled[place] = min(spilled[place] ?? dueAt, dueAt) }

    /// Rows may lie anywhere, due at once.
    mutating func lookEverywhere(at now: Timestamp) {
        for channel in Channel.allCases {
            for track in QueuePlace.tracks {
                for lane in 0...2 { spilled[QueuePlace(channel, lane: lane, track: track)] = now }
            }
        }
    }

    /// What may be fetched from the store.
    struct Claim: Equatable, Sendable {
        var place: QueuePlace
        var parcels: Int
        var bytes: Int
    }

    /// Fewer than these are not worth a transaction, unless they are urgent.
    private static let worthwhile = 16

    /// How much room there must be before rows of a place are fetched, `size` at a time: while memory holds enough of the
    /// track to go on with, a whole claim's.
    private func threshold(_ place: QueuePlace, _ size: Int) -> Int {
        if place.lane == 0 { return 1 }
        let isPlenty = (byTrack[Track(place)]?.parcels ?? 0) >= size
        return min(isPlenty ? size : Self.worthwhile, budget.parcels / 2)
    }

    /// The places with rows that are due and for which memory has room, the most urgent first, with at most `size` parcels
    /// for each; places of one track share its room. They count as empty from now on: what is spilled there meanwhile
    /// stands for itself.
    mutating func takeClaims(
        dueBy now: Timestamp, atMost size: Int, where isWanted: (QueuePlace) -> Bool
    ) -> [Claim] {
        let due = spilled.filter { $0.value <= now && isWanted($0.key) }.keys.sorted {
            ($0.lane, $0.channel.rawValue, $0.track) < ($1.lane, $1.channel.rawValue, $1.track)
        }
        let claims = due.compactMap { place -> Claim? in
            let track = Track(place)
            let sharers = due.count { Track($0) == track }
            let room = room(for: track)
            guard room.bytes > 0, room.parcels >= threshold(place, size) else { return nil }
            // The more urgent lane has the odd one.
            return Claim(
                place: place, parcels: min(size, (room.parcels + sharers - 1) / sharers),
                bytes: max(1, room.bytes / sharers))
        }
        for claim in claims { spilled[claim.place] = nil }
        return claims
    }

    /// When the first row is due in a place that is not left out.
    func nextDue(except left: Set<QueuePlace>) -> Timestamp? { spilled.filter { !left.contains($0.key) }.values.min() }
}
