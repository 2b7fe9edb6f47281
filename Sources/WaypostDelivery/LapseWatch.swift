import Logging
import Synchronization
import WaypostCore
import WaypostStore

/// Ends what has lived too long in the store, where the dispatcher does not see it: what a stopped channel keeps there, and what
/// found no room in memory.
///
/// It goes through the rows a step at a time, so that a million of them cost no more a second than a few.
package final class LapseWatch: Sendable {
    private let reader: OperatingReader
    private let commits: CommitQueue
    private let metrics: DeliveryMetrics
    private let waiters: Waiters
    private let time: any TimeSource
    private let log: Logger
    private let walk = Mutex(LapseWalk())
    /// Rows of one step.
    private static let stride = 5_000

    package init(
        reader: OperatingReader, commits: CommitQueue, metrics: DeliveryMetrics, waiters: Waiters,
        time: any TimeSource, log: Logger
    ) {
        self.reader = reader
        self.commits = commits
        self.metrics = metrics
        self.waiters = waiters
        self.time = time
        self.log = log
    }

    /// One step, once a second; blocks for a look into the store.
    package func step() {
        let (messages, next): ([Int64], LapseWalk)
        do {
            (messages, next) = try reader.lapsed(at: time.wallNow, walk.withLock { $0 }, atMost: Self.stride)
        } catch {
            return log.error("what has expired cannot be read", metadata: ["error": "\(error)"])
        }
        walk.withLock { $0 = next }
        guard !messages.isEmpty else { return }
        commits.submit("expire", .refuse) {
            try $0.lapse(messages, because: Dispatcher.tooOld)
        } then: { [self] result in
            guard case .success(let lapsed) = result else { return }  // the walk comes by again
            for (channel, types) in lapsed.tally {
                for (type, count) in types { metrics.entered(.expired, channel, type, count: count) }
            }
            for message in lapsed.messages { waiters.tell(message) }
        }
    }
}
