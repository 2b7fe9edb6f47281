import Synchronization

/// Many errands, so many of them at once: as one ends the next begins. What came of them is told once, in their order.
///
/// It runs on the threads on which errands end; none waits for another.
final class Fanout<Item: Sendable, Outcome: Sendable>: Sendable {
    private struct State {
        /// The first item that has not begun.
        var next = 0
        var underWay = 0
        var outcomes: [Outcome?]
        var left: Int
        /// Somebody begins errands: an errand that ends at once, on the same thread, leaves the next to it.
        var isBeginning = false
    }

    private let items: [Item]
    private let atOnce: Int
    private let errand: @Sendable (Item, @escaping @Sendable (Outcome) -> Void) -> Void
    private let finished: @Sendable ([Outcome]) -> Void
    private let state: Mutex<State>

    /// `errand` calls back exactly once.
    init(
        _ items: [Item], atOnce: Int, errand: @escaping @Sendable (Item, @escaping @Sendable (Outcome) -> Void) -> Void,
        then finished: @escaping @Sendable ([Outcome]) -> Void
    ) {
        self.items = items
        self.atOnce = atOnce
        self.errand = errand
        self.finished = finished
        state = Mutex(State(outcomes: Array(repeating: nil, count: items.count), left: items.count))
    }

    func start() {
        if items.isEmpty { finished([]) } else { begin() }
    }

    private func begin() {
        let isMine = state.withLock { state in
            defer { state.isBeginning = true }
            return !state.isBeginning
        }
        guard isMine else { return }
        while let place = next() {
            errand(items[place]) { [self] outcome in end(place, outcome) }
        }
    }

    /// nil: none may begin now, and whoever ends one looks again.
    private func next() -> Int? {
        state.withLock { state in
            guard state.next < items.count, state.underWay < atOnce else {
                state.isBeginning = false
                return nil
            }
            defer { state.next += 1 }
            state.underWay += 1
            return state.next
        }
    }

    private func end(_ place: Int, _ outcome: Outcome) {
        let all = state.withLock { state -> [Outcome?]? in
            state.outcomes[place] = outcome
            state.underWay -= 1
            state.left -= 1
            return state.left == 0 ? state.outcomes : nil
        }
        if let all { finished(all.compactMap { $0 }) } else { begin() }
    }
}
