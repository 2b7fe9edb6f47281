import WaypostCore

/// What waits for a place with a provider: how much of it memory holds, channel by channel, and where in the store the rest
/// lies.
///
/// A channel holds at most twice what it leaves free. So one that cannot be sent, because its providers are out or an operator
/// has stopped it, never takes the room of the others, and one alone still has two thirds.
struct Backlog: Sendable {
    /// How much may wait in memory; beyond it parcels lie in the store alone.
    struct Budget: Sendable {
        var parcels = 10_000
        var bytes = 32 << 20
    }

    /// Where rows wait in the store.
    struct Place: Hashable, Sendable {
        var channel: Channel
        var lane: Int
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
    private var byChannel: [Channel: Load] = [:]
    /// The earliest moment at which a row that nobody holds may be due; absent: nothing lies there.
    private var spilled: [Place: Timestamp] = [:]

    init(_ budget: Budget = Budget()) { self.budget = budget }

    /// Nothing waits, neither here nor in the store.
    var isEmpty: Bool { total.parcels == 0 && spilled.isEmpty }

    /// Whether parcels of this channel wait, so that a new one must not overtake them.
    func hasWaiting(_ channel: Channel, at now: Timestamp) -> Bool {
        if let load = byChannel[channel], load.parcels > 0 { return true }
        return spilled.contains { $0.key.channel == channel && $0.value <= now }
    }

    // MARK: In memory

    /// Makes room for a parcel of that size; false, and nothing is changed, when it must lie in the store.
    mutating func reserve(_ channel: Channel, bytes: Int) -> Bool {
        guard room(for: channel) > 0, total.bytes + bytes <= budget.bytes,
            (byChannel[channel]?.bytes ?? 0) + bytes <= 2 * (budget.bytes - total.bytes)
        else { return false }
        hold(channel, bytes: bytes)
        return true
    }

    /// How many more parcels of a channel memory takes.
    func room(for channel: Channel) -> Int {
        guard total.bytes < budget.bytes else { return 0 }
        let free = budget.parcels - total.parcels
        return max(0, min(free, 2 * free - (byChannel[channel]?.parcels ?? 0)))
    }

    /// A parcel that the store has handed over, room or not.
    mutating func hold(_ channel: Channel, bytes: Int) { add(1, bytes, to: channel) }

    /// A parcel has begun, has ended or lies in the store again.
    mutating func release(_ channel: Channel, bytes: Int) { add(-1, -bytes, to: channel) }

    private mutating func add(_ parcels: Int, _ bytes: Int, to channel: Channel) {
        total.add(parcels, bytes: bytes)
        byChannel[channel, default: Load()].add(parcels, bytes: bytes)
    }

    // MARK: In the store

    /// A row lies there that nobody holds, due then.
    mutating func spill(_ place: Place, dueAt: Timestamp) { spilled[place] = min(spilled[place] ?? dueAt, dueAt) }

    /// Rows may lie anywhere, due at once.
    mutating func lookEverywhere(at now: Timestamp) {
        for channel in Channel.allCases {
            for lane in 0...2 { spilled[Place(channel: channel, lane: lane)] = now }
        }
    }

    /// The places with rows that are due and for which memory has room, the most urgent first; `size` is how many are
    /// fetched at a time. They count as empty from now on: what is spilled there meanwhile stands for itself.
    mutating func takePlaces(
        dueBy now: Timestamp, claims size: Int, where isWanted: (Place) -> Bool
    ) -> [Place] {
        let places = spilled.filter { place, dueAt in
            dueAt <= now && room(for: place.channel) >= min(size, budget.parcels / 2) && isWanted(place)
        }.keys.sorted { ($0.lane, $0.channel.rawValue) < ($1.lane, $1.channel.rawValue) }
        for place in places { spilled[place] = nil }
        return places
    }

    /// When the first row is due in a place that is not left out.
    func nextDue(except left: Set<Place>) -> Timestamp? { spilled.filter { !left.contains($0.key) }.values.min() }
}
