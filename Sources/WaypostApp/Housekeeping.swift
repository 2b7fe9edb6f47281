import Logging
import Synchronization
import WaypostAPI
import WaypostCore
import WaypostDelivery
import WaypostStore

/// What has to be done from time to time, on one thread: heartbeats, the disk, overrides that end, retention, the books,
/// the providers' health.
final class Housekeeping: Sendable {
    private let commits: CommitQueue
    private let disk: StoreDisk
    private let health: Health
    private let checks: ProviderChecks
    private let operations: Operations
    private let books: Books
    private let lapses: LapseWatch
    private let configuration: LiveConfiguration
    private let time: any TimeSource
    private let log: Logger
    private struct Bell {
        var isStopping = false
        /// What operators hold has changed: the next that ends may end sooner.
        var isRung = false
    }

    private let bell = Monitor(Bell())
    private let thread = Mutex<WorkerThread?>(nil)
    /// Where the walk through old messages stands; nil: it is over.
    private let walk = Mutex<Int64?>(nil)
    /// More names of receipts are old than one step forgets.
    private let isForgetting = Mutex(false)

    init(
        commits: CommitQueue, disk: StoreDisk, health: Health, checks: ProviderChecks, operations: Operations,
        books: Books, lapses: LapseWatch, configuration: LiveConfiguration, time: any TimeSource, log: Logger
    ) {
        self.commits = commits
        self.disk = disk
        self.health = health
        self.checks = checks
        self.operations = operations
        self.books = books
        self.lapses = lapses
        self.configuration = configuration
        self.time = time
        self.log = log
    }

    func start() {
        operations.whenChanged { [bell] in bell.change { $0.isRung = true } }
        thread.withLock { $0 = WorkerThread(name: "housekeeping") { [self] in run() } }
    }

    func stop() {
        bell.change { $0.isStopping = true }
        thread.join()
    }

    private func run() {
        var second = 0
        var recountAt = 0
        repeat {
            look()
            if second % 10 == 0 || commits.failure != nil { beat() }
            if second % 60 == 0 {
                checks.probeAll()
                forget()
                if second % 3600 == 0 { walk.withLock { $0 = 0 } }
            }
            if second == 2 { StartupMemory.giveBack() }
            if second >= recountAt { recountAt = second + recount() }
            if second % 60 == 0 || isForgetting.withLock({ $0 }) { forgetSeen() }
            retire()
            lapses.step()
            second += 1
        } while !isStoppedWithinSecond()
    }

    /// Waits a second, and lifts what has had its time in the moment it has.
    private func isStoppedWithinSecond() -> Bool {
        let end = time.now + .seconds(1)
        while case let left = end - time.now, left > .zero {
            let next = operations.nextExpiry.map { max(.milliseconds(1), $0 - time.wallNow) } ?? left
            let isStopping: Bool? = bell.wait(atMost: min(left, next)) { bell in
                guard bell.isStopping || bell.isRung else { return nil }
                bell.isRung = false
                return bell.isStopping
            }
            if isStopping == true { return true }
            operations.expire()
        }
        return false
    }

    /// The disk, and what ends by itself.
    private func look() {
        operations.expire()
        if let room = disk.room { health.note(room) }
        if commits.failure == nil {
            disk.reserve()
        } else if disk.giveUp() {
            log.warning("the disk is full: the reserve was given up so that outcomes can be kept")
        }
    }

    /// Also what finds out that a store that failed commits again.
    private func beat() {
        commits.submit("heartbeat", .refuse) {
            try $0.beat()
        } then: { _ in
        }
    }

    private func forget() {
        let settings = configuration.current
        let longest = settings.metrics.deliveryWindows.map(\.length).max() ?? .zero
        commits.submit("forget", .refuse) {
            _ = try $0.forgetTallies(olderThan: longest, atMost: 5000)
            _ = try $0.forgetInbound(before: $0.now - settings.store.retention.messages, atMost: 1000)
            _ = try $0.forgetAnswers(atMost: 5000)
            _ = try $0.forgetAudit(before: $0.now - settings.store.retention.audit, atMost: 1000)
            try $0.forgetResets(before: $0.now - .seconds(366 * 86_400), atMost: 1000)
            _ = try $0.removeExpiredSuppressions(atMost: 1000)
            _ = try $0.removeDevices(unseenSince: $0.now - Device.lifetime, atMost: 1000)
        } then: { _ in
        }
    }

    /// One step of forgetting which receipts have been taken in, small enough not to hold up what else is committed.
    private func forgetSeen() {
        let step = 10_000
        commits.submit("forget", .refuse) {
            try $0.forgetSeen(atMost: step)
        } then: { [self] result in
            isForgetting.withLock { $0 = (try? result.get()).map { $0 >= step } ?? false }
        }
    }

    /// Returns after how many seconds to do it again: a large store is not counted all the time.
    private func recount() -> Int {
        do {
            return max(60, Int(try books.recount(time).seconds * 50))
        } catch {
            log.error("the books could not be counted", metadata: ["error": "\(error)"])
            return 60
        }
    }

    /// One step of the walk through messages that are old enough to go.
    private func retire() {
        guard let after = walk.withLock({ $0 }) else { return }
        let limit = time.wallNow - configuration.current.store.retention.messages
        commits.submit("retire", .refuse) {
            try $0.retire(finalBefore: limit, after: after, atMost: 500)
        } then: { [self] result in
            if case .success(let next) = result { walk.withLock { $0 = next } }
        }
    }
}
