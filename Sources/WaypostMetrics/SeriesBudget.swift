import Synchronization

/// How many series one page may have. What finds no room is not exported, and counted here.
///
/// A fifth is kept for what is asked for at each scrape: the levels of queues, breakers and the process must not vanish because
/// histograms have grown.
final class SeriesBudget: Sendable {
    private let limit: Int
    private let reserve: Int
    /// Series that were made, which stay.
    private let made = Atomic(0)
    /// Series of the page that is being written.
    private let collected = Atomic(0)
    let dropped = Counter()

    init(_ limit: Int) {
        self.limit = limit
        reserve = limit / 5
    }

    /// Takes room for good for so many series; false, and they count as dropped, where there is not enough.
    func claim(_ count: Int) -> Bool { claim(count, of: limit - reserve, made) }

    /// Takes room on one page, until it is released.
    func claimOnPage(_ count: Int) -> Bool { claim(count, of: limit - made.load(ordering: .relaxed), collected) }

    func releaseOnPage(_ count: Int) { collected.subtract(count, ordering: .relaxed) }

    private func claim(_ count: Int, of room: Int, _ taken: borrowing Atomic<Int>) -> Bool {
        if taken.add(count, ordering: .relaxed).newValue <= room { return true }
        taken.subtract(count, ordering: .relaxed)
        dropped.increment(by: count)
        return false
    }
}
