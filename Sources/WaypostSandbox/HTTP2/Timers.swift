/// What is to be done later, soonest first: a binary heap, so that ten thousand delayed answers cost no more than ten.
struct Timers<Action> {
    private struct Entry {
        let due: ContinuousClock.Instant
        /// Equal moments keep their order.
        let number: Int
        let action: Action

        func precedes(_ other: Entry) -> Bool { (due, number) < (other.due, other.number) }
    }

    private var heap: [Entry] = []
    private var added = 0

    /// When the next one is due.
    var next: ContinuousClock.Instant? { heap.first?.due }

    mutating func add(_ action: Action, at due: ContinuousClock.Instant) {
        added += 1
        heap.append(Entry(due: due, number: added, action: action))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the next one where it is due.
    mutating func take(dueAt now: ContinuousClock.Instant) -> Action? {
        guard let first = heap.first, first.due <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [parent * 2 + 1, parent * 2 + 2] where child < heap.count {
                if heap[child].precedes(heap[least]) { least = child }
            }
            guard least != parent else { return first.action }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
