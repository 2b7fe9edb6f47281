import Synchronization
import WaypostCore
import WaypostStore

/// What looking at all rows said last: whether the running counters agree with an independent recount.
final class Books: Sendable {
    private let reader: MessageReader
    private let imbalance = Mutex<Int>(0)

    init(_ reader: MessageReader) { self.reader = reader }

    /// In deliveries; 0 when the books balance.
    var lastImbalance: Int { imbalance.withLock { $0 } }

    /// Counts all rows. Returns how long that took.
    func recount(_ time: any TimeSource) throws -> Duration {
        let started = time.now
        let books = try reader.books()
        let difference = books.running.imbalance(against: books.recounted)
        imbalance.withLock { $0 = difference }
        return time.now - started
    }
}
