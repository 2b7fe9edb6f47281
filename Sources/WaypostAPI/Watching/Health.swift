import Synchronization
import WaypostCore
import WaypostDelivery
import WaypostStore

/// What the last health check of a provider said.
package struct ProviderHealth: Equatable, Sendable {
    /// nil: it works.
    package var ailment: String?
    package var checkedAt: Timestamp
    package var duration: Duration
    package init(ailment: String?, checkedAt: Timestamp, duration: Duration) {
        self.ailment = ailment
        self.checkedAt = checkedAt
        self.duration = duration
    }
}

/// How the router itself is: what the probes answer from. Nothing here blocks; whatever takes time is checked in the
/// background and remembered.
package final class Health: Sendable {
    /// Room left on the store's disk, and whether that is enough.
    package struct Disk: Equatable, Sendable {
        package var free: Int64
        package var needed: Int64
        package init(free: Int64, needed: Int64) {
            self.free = free
            self.needed = needed
        }
        package var hasRoom: Bool { free >= needed }
    }

    private struct State {
        var isStarted = false
        /// Not ready any more, though it still serves.
        var isLeaving = false
        /// Takes nothing new.
        var isDraining = false
        var disk: Disk?
        var providers: [ProviderName: ProviderHealth] = [:]
        var threads: [(name: String, lastTurn: @Sendable () -> Instant)] = []
    }
    private let state = Mutex(State())
    private let steering: Steering
    private let commits: CommitQueue
    private let time: any TimeSource
    /// A thread that has not gone round for this long is stuck.
    private static let patience: Duration = .seconds(30)

    package init(steering: Steering, commits: CommitQueue, time: any TimeSource) {
        self.steering = steering
        self.commits = commits
        self.time = time
    }

    package func watch(_ name: String, lastTurn: @escaping @Sendable () -> Instant) {
        state.withLock { $0.threads.append((name, lastTurn)) }
    }
    package func started() { state.withLock { $0.isStarted = true } }
    package func leave() { state.withLock { $0.isLeaving = true } }
    package func drain() { state.withLock { $0.isDraining = true } }
    package func note(_ disk: Disk) { state.withLock { $0.disk = disk } }
    package func note(_ health: ProviderHealth, of provider: ProviderName) {
        state.withLock { $0.providers[provider] = health }
    }
    package func provider(_ name: ProviderName) -> ProviderHealth? { state.withLock { $0.providers[name] } }
    /// As last looked at; nil: not yet.
    package var disk: Disk? { state.withLock { $0.disk } }
    package var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Why nothing new is taken in; nil when all is well.
    var obstacleToSends: Problem? {
        let (isDraining, disk) = state.withLock { ($0.isDraining, $0.disk) }
        if isDraining { return Problem(.draining, "This router is shutting down.", retryAfter: .seconds(5)) }
        if let disk, !disk.hasRoom {
            return Problem(.storeUnavailable, "The store's disk is nearly full.", retryAfter: .seconds(5))
        }
        return nil
    }

    /// One check of a probe: its name and, where it fails, why.
    package struct Check: Sendable {
        package var name: String
        package var failure: String?
    }

    /// What a probe looks at.
    func checks(of probe: Endpoint) -> [Check] {
        switch probe {
        case .livez: liveness
        case .startupz: startup
        default: readiness
        }
    }

    package var liveness: [Check] {
        let now = time.now
        let threads = state.withLock { $0.threads }
        return threads.map { name, lastTurn in
            let silence = now - lastTurn()
            return Check(
                name: "thread-\(name)",
                failure: silence > Self.patience ? "it has not gone round for \(silence.wholeSeconds) s" : nil)
        }
    }

    /// Which thread does not go round, and since when; nil: all do.
    package var stuckThread: String? {
        liveness.lazy.compactMap { check in check.failure.map { "\(check.name): \($0)" } }.first
    }

    var startup: [Check] {
        [
            Check(
                name: "started",
                failure: state.withLock { $0.isStarted } ? nil : "unfinished messages are being taken up")
        ]
    }

    package var readiness: [Check] {
        let (isLeaving, disk) = state.withLock { ($0.isLeaving || $0.isDraining, $0.disk) }
        let open = commits.ledger.open
        let bound = steering.current.maxQueued
        return startup + [
            Check(name: "not-draining", failure: isLeaving ? "the router is shutting down" : nil),
            Check(name: "store", failure: commits.failure.map { _ in "it does not commit" }),
            Check(
                name: "disk",
                failure: disk.flatMap {
                    $0.hasRoom ? nil : "\($0.free >> 20) MiB are free, \($0.needed >> 20) MiB needed"
                }),
            Check(name: "queue", failure: open >= bound ? "\(open) deliveries wait, \(bound) may" : nil),
        ]
    }
}
