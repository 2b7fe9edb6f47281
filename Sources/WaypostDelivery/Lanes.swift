import DequeModule
import WaypostCore
import WaypostPolicy
import WaypostStore

/// What waits in memory: queues of parcels that have the same candidates, each with its lanes.
///
/// A value; the dispatcher's thread owns it. Its bound is the dispatcher's budget of held parcels.
struct Lanes {
    /// Parcels of one key are interchangeable: when the first must wait, so must those behind it.
    struct Key: Hashable {
        var channel: Channel
        /// Of the route; -1: the route itself.
        var rule: Int
        var tried: [ProviderName]
        var ability: Int
    }

    private struct Queue {
        var lanes: [Deque<Parcel>] = [[], [], []]
        /// Turns left to each lane before it is the next one's turn, so that a lower lane never starves fully.
        var credit = Queue.shares
        var blockedUntil: Instant?
        /// Waits for something to be freed.
        var isBlocked = false

        static let shares = [16, 4, 1]
        var isEmpty: Bool { lanes.allSatisfy(\.isEmpty) }

        /// The lane whose turn it is.
        mutating func next() -> Int? {
            for _ in 0..<2 {
                if let lane = lanes.indices.first(where: { !lanes[$0].isEmpty && credit[$0] > 0 }) { return lane }
                credit = Self.shares
            }
            return nil
        }
    }

    private var queues: [Key: Queue] = [:]
    private(set) var count = 0

    mutating func append(_ parcel: Parcel, key: Key) {
        queues[key, default: Queue()].lanes[parcel.message.priority.lane].append(parcel)
        count += 1
    }

    /// Lets everything be looked at again: something was freed or changed.
    mutating func unblock() {
        for key in queues.keys {
            queues[key]?.isBlocked = false
            queues[key]?.blockedUntil = nil
        }
    }

    /// Hands each queue's next parcel to `take` until that says that the queue must wait. Returns when the first blocked
    /// queue may be free again.
    mutating func drain(at now: Instant, _ take: (Parcel) -> Taken) -> Instant? {
        var wake: Instant?
        for key in Array(queues.keys) {
            guard var queue = queues.removeValue(forKey: key) else { continue }
            if let until = queue.blockedUntil, until <= now {
                queue.blockedUntil = nil
                queue.isBlocked = false
            }
            while !queue.isBlocked, let lane = queue.next(), let parcel = queue.lanes[lane].first {
                switch take(parcel) {
                case .done:
                    queue.lanes[lane].removeFirst()
                    queue.credit[lane] -= 1
                    count -= 1
                case .blocked(let until):
                    queue.isBlocked = true
                    queue.blockedUntil = until
                }
            }
            if let until = queue.blockedUntil { wake = min(wake ?? until, until) }
            if !queue.isEmpty { queues[key] = queue }
        }
        return wake
    }

    enum Taken {
        case done
        case blocked(until: Instant?)
    }

    /// Takes out what matches (expired, canceled).
    mutating func remove(where matches: (Parcel) -> Bool) -> [Parcel] {
        var removed: [Parcel] = []
        for key in Array(queues.keys) {
            for lane in 0...2 {
                queues[key]?.lanes[lane].removeAll { parcel in
                    let isOut = matches(parcel)
                    if isOut { removed.append(parcel) }
                    return isOut
                }
            }
            if queues[key]?.isEmpty == true { queues[key] = nil }
        }
        count -= removed.count
        return removed
    }
}
