import HeapModule
import WaypostCore
import WaypostStore

/// The parcels that the dispatcher's thread holds: those that wait for a place with a provider, and those that wait for their
/// moment.
///
/// A value; that thread alone knows it. Its bound is the `Backlog`, in which each of them has its place.
struct DispatchDesk {
    private struct Retry: Comparable {
        var parcel: Parcel
        static func < (left: Retry, right: Retry) -> Bool { left.parcel.dueAt < right.parcel.dueAt }
        static func == (left: Retry, right: Retry) -> Bool { left.parcel.dueAt == right.parcel.dueAt }
    }

    var lanes = Lanes()
    private var retries = Heap<Retry>()
    /// Where rows are being fetched from.
    var claiming: Set<QueuePlace> = []
    private var sweptAt: Timestamp
    var isPaused = false
    /// When the first of those that are blocked may be free.
    var wake: Instant?

    init(at now: Timestamp) { sweptAt = now }

    /// How long nothing can happen that nobody tells of; `nextSpill` is when the next row in the store is due.
    func patience(at now: Instant, _ wall: Timestamp, nextSpill: Timestamp?) -> Duration {
        var patience = Duration.seconds(1)
        if let wake { patience = min(patience, wake - now) }
        if let due = retries.min?.parcel.dueAt { patience = min(patience, due - wall) }
        // Rows that are due already wait for room: freed places stir.
        if let nextSpill, nextSpill > wall { patience = min(patience, nextSpill - wall) }
        return max(patience, .milliseconds(1))
    }

    /// Puts a parcel aside until it is due.
    mutating func postpone(_ parcel: Parcel) { retries.insert(Retry(parcel: parcel)) }

    /// One whose moment has come.
    mutating func takeRipe(at now: Timestamp) -> Parcel? {
        guard let first = retries.min, first.parcel.dueAt <= now else { return nil }
        return retries.removeMin().parcel
    }

    /// Lets go of parcels whose rows have ended; returns those that were here.
    mutating func drop(_ ended: Set<ParcelKey>) -> [Parcel] {
        let dropped = lanes.remove { ended.contains($0.key) }
        guard retries.unordered.contains(where: { ended.contains($0.parcel.key) }) else { return dropped }
        let all = retries.unordered
        retries = Heap(all.filter { !ended.contains($0.parcel.key) })
        return dropped + all.map(\.parcel).filter { ended.contains($0.key) }
    }

    /// At most once a second: lets go of those that have lived too long, and returns them.
    mutating func sweep(at now: Timestamp) -> [Parcel] {
        guard now - sweptAt >= .seconds(1) || now < sweptAt else { return [] }
        sweptAt = now
        return lanes.remove { $0.message.expiresAt <= now }
    }
}
