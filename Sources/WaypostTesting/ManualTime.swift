import Synchronization
import WaypostCore

/// Both clocks, standing still until a test moves them. May be used by any number of threads.
package final class ManualTime: TimeSource {
    private struct Clocks {
        var monotonic: Instant
        var wall: Timestamp
    }

    private let clocks: Mutex<Clocks>

    /// Starts at 2025-01-15T12:00:00Z unless told otherwise.
    package init(wall: Timestamp = Timestamp(milliseconds: 1_736_942_400_000)) {
        clocks = Mutex(Clocks(monotonic: ContinuousClock.now, wall: wall))
    }

    package var now: Instant { clocks.withLock { $0.monotonic } }
    package var wallNow: Timestamp { clocks.withLock { $0.wall } }

    /// Time passes: both clocks go on by `span`.
    package func advance(by span: Duration) {
        clocks.withLock {
            $0.monotonic += span
            $0.wall = $0.wall + span
        }
    }

    /// Somebody sets the wall clock; the monotonic one does not move.
    package func setWall(to time: Timestamp) { clocks.withLock { $0.wall = time } }
}
