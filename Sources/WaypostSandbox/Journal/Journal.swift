/// What arrived at the stand-ins: the last entries in full, and of everything the counts and who was sent what twice.
///
/// Bounded: 100,000 full entries (the oldest give way, about 30 MiB), and two tables of at most 128 MiB that know up to
/// 12.5 million messages and as many pairs of message and recipient. What is beyond is counted as `unchecked`.
package final class Journal: Sendable {
    /// Where one request stands, so that its answer can be entered.
    struct Receipt: Equatable, Sendable {
        let first: Int
        let count: Int
        let provider: StandIn
    }

    /// Where a request came in.
    struct Place: Sendable {
        var connection: Int
        /// HTTP/2 only.
        var stream: Int?
        /// Streams open on the connection when it came, its own included; 0 where there are none.
        var openStreams = 0
    }

    /// What one request was, apart from the messages in it.
    struct Record: Sendable {
        var provider: StandIn
        var operation: String
        var place: Place
        var isTaken = false
        var fault: Int?
        var reference: String?
        /// What is answered at once; nil when that comes later or never.
        var answer: Int?
        var takes: [Take] = []
    }

    private let started = ContinuousClock.now
    private let books: SleepingLock<JournalBooks>

    init(capacity: Int) { books = SleepingLock(JournalBooks(capacity: max(1, capacity))) }

    package var summary: Summary { books.withLock { $0.summary } }

    /// Entries after that sequence number, oldest first.
    package func entries(of provider: StandIn? = nil, after: Int = 0, limit: Int = 1_000) -> [JournalEntry] {
        books.withLock { $0.entries(of: provider, after: after, limit: limit) }
    }

    /// Whether some stand-in took a message of that id since the start or the last `clear()`: exact for the first 12.5
    /// million messages, whatever became of their entries.
    package func hasTaken(_ message: String) -> Bool { books.withLock { $0.hasTaken(message) } }

    /// The ids of the messages that were taken and how often each was, as far back as the entries go (`capacity`). A
    /// message that goes out once for each of its recipients is taken often without being a double; `summary` knows those.
    package func takes(of provider: StandIn? = nil) -> [String: Int] { books.withLock { $0.takes(of: provider) } }

    /// Forgets everything; sequence numbers go on.
    package func clear() {
        books.withLock { books in
            books = JournalBooks(capacity: books.capacity, after: books.last)
        }
    }

    /// Enters a request, with its answer where that is known and leaves at once.
    func record(_ record: Record) -> Receipt {
        let wall = WallClock.milliseconds
        let monotonic = (ContinuousClock.now - started).wholeMilliseconds
        let keyed = JournalBooks.Keyed(record)
        return books.withLock { $0.enter(keyed, wall: wall, monotonic: monotonic) }
    }

    /// Counts a stream that was refused for being one too many; a violation where the client knew the limit.
    func refuseStream(at provider: StandIn, isViolation: Bool) {
        books.withLock { $0.refuseStream(at: provider, isViolation: isViolation) }
    }

    /// Enters the answer, or takes it back where it could not be sent (nil).
    func answer(_ status: Int?, to receipt: Receipt) {
        books.withLock { $0.answer(status, to: receipt) }
    }
}

extension Journal.Place {
    init(connection: Int, stream: HTTP2Stream) {
        self.init(connection: connection, stream: Int(stream.id), openStreams: stream.open)
    }
}

extension Journal.Record {
    init(
        provider: StandIn, operation: String, connection: Int, isTaken: Bool = false, fault: Int? = nil,
        reference: String? = nil, answer: Int? = nil, takes: [Take] = []
    ) {
        self.init(
            provider: provider, operation: operation, place: .init(connection: connection), isTaken: isTaken,
            fault: fault, reference: reference, answer: answer, takes: takes)
    }
}
