import Foundation
import GRDB
import Synchronization
import WaypostCore

/// What the commit thread tells of each transaction, for the metrics.
package struct CommitObserver: Sendable {
    package var committed: @Sendable (_ batch: Int, _ duration: Duration, _ ledger: Ledger) -> Void
    package var failed: @Sendable (_ operation: String, _ detail: String) -> Void

    package init(
        committed: @escaping @Sendable (_ batch: Int, _ duration: Duration, _ ledger: Ledger) -> Void,
        failed: @escaping @Sendable (_ operation: String, _ detail: String) -> Void
    ) {
        self.committed = committed
        self.failed = failed
    }
}

/// The one thread that writes: takes all that has gathered, makes one transaction of it, waits for one fsync, then tells
/// everybody. Batches form by themselves under load; alone, a change waits for one fsync only.
///
/// The queue's bound is that of its callers: a request in it holds a connection, an outcome in it holds an in-flight permit.
package final class CommitQueue: Sendable {
    /// What becomes of a change while the store cannot commit.
    package enum Persistence: Sendable {
        /// It fails at once: nobody has been promised anything.
        case refuse
        /// It is kept and made again once the store is back: it tells of something that has happened outside.
        case insist
    }

    private struct Inbox {
        var changes: [any PendingChange] = []
        var isStopping = false
    }

    private let inbox = Monitor(Inbox())
    private let time: any TimeSource
    private let observer: CommitObserver
    private let state: Mutex<State>
    private let thread: Mutex<WorkerThread?> = Mutex(nil)

    private struct State {
        var failure: String?
        var lastTurn: Instant
        var ledger: Ledger
        var hasLists: Bool
    }

    package init(
        _ database: StoreFile, epoch: Int64, addresses: AddressKey, time: any TimeSource, observer: CommitObserver
    ) throws {
        self.time = time
        self.observer = observer
        let (ledger, hasLists) = try database.pool.read { db in
            let hasLists = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM suppressed) OR EXISTS (SELECT 1 FROM consent)")
            return (try Ledger(counted: db), hasLists ?? false)
        }
        state = Mutex(State(failure: nil, lastTurn: time.now, ledger: ledger, hasLists: hasLists))
        let writer = Writer(database: database, epoch: epoch, addresses: addresses)
        thread.withLock { $0 = WorkerThread(name: "commit") { [self] in run(writer) } }
    }

    /// Queues a change. `body` runs inside a transaction on the commit thread; `then` is called on the same thread once the
    /// transaction is on disk, or has failed. Neither may block. `operation` names the change in `waypost_store_errors_total`.
    package func submit<Value>(
        _ operation: StaticString, _ persistence: Persistence = .refuse,
        _ body: @escaping @Sendable (WriteSession) throws -> Value,
        then: @escaping @Sendable (Result<Value, StoreError>) -> Void
    ) {
        let change = Change(operation: operation.description, persistence: persistence, body: body, then: then)
        let accepted = inbox.change { inbox in
            guard !inbox.isStopping else { return false }
            inbox.changes.append(change)
            return true
        }
        if !accepted { change.fail(.unavailable("the router is stopping")) }
    }

    /// Waits for the change. Not for threads that serve others.
    package func perform<Value: Sendable>(
        _ operation: StaticString, _ body: @escaping @Sendable (WriteSession) throws -> Value
    ) throws(StoreError) -> Value {
        let box = Monitor<Result<Value, StoreError>?>(nil)
        submit(operation, .refuse, body) { result in box.change { $0 = result } }
        guard let result = box.wait(atMost: nil, { $0 }) else { throw .unavailable("the commit thread is gone") }
        return try result.get()
    }

    /// Why nothing can be committed now; nil when all is well.
    package var failure: String? { state.withLock { $0.failure } }

    /// When the thread last went round; it does so at least once a second.
    package var lastTurn: Instant { state.withLock { $0.lastTurn } }

    /// The books as of the last commit.
    package var ledger: Ledger { state.withLock { $0.ledger } }

    /// Whether anything may stand on the lists of suppressions and of consent; false spares the look into them.
    package var hasLists: Bool { state.withLock { $0.hasLists } }

    /// Commits what is queued, then ends the thread. Changes that insist while the store is failing are lost to the next
    /// start's recovery, which finds their attempts begun and without outcome.
    package func stop() {
        inbox.change { $0.isStopping = true }
        thread.join()
    }

    // MARK: The thread

    private func run(_ writer: Writer) {
        // The thread's closure outlives `stop`, and a connection with prepared statements cannot be closed.
        defer { writer.forgetSession() }
        var kept: [any PendingChange] = []  // insisted on while the store was failing
        while true {
            let patience: Duration = kept.isEmpty ? .seconds(1) : .milliseconds(100)
            let taken: (changes: [any PendingChange], isStopping: Bool)? = inbox.wait(atMost: patience) { inbox in
                guard !inbox.changes.isEmpty || inbox.isStopping else { return nil }
                defer { inbox.changes.removeAll(keepingCapacity: true) }
                return (inbox.changes, inbox.isStopping)
            }
            let now = time.now
            state.withLock { $0.lastTurn = now }
            let batch = kept + (taken?.changes ?? [])
            kept = batch.isEmpty ? [] : commit(batch, with: writer)
            if taken?.isStopping == true, taken?.changes.isEmpty == true || failure != nil { return }
        }
    }

    /// Returns the changes to be made again later.
    private func commit(_ batch: [any PendingChange], with writer: Writer) -> [any PendingChange] {
        let started = time.now
        do {
            let (ledger, hasLists) = try writer.transaction(at: time.wallNow) { session in
                for change in batch { try change.apply(session) }
            }
            let duration = time.now - started
            state.withLock {
                $0.failure = nil
                $0.ledger = ledger
                $0.hasLists = hasLists
            }
            observer.committed(batch.count, duration, ledger)
            for change in batch { change.succeed() }
            return []
        } catch {
            return fail(batch, error, with: writer)
        }
    }

    private func fail(_ batch: [any PendingChange], _ error: any Error, with writer: Writer) -> [any PendingChange] {
        if isOfTheStore(error) {
            let detail = "\(error)"
            state.withLock { $0.failure = detail }
            observer.failed("commit", detail)
            writer.forgetSession()
            for change in batch where change.persistence == .refuse { change.fail(.unavailable(detail)) }
            return batch.filter { $0.persistence == .insist }
        }
        // One change is at fault: the others must not suffer for it.
        guard batch.count == 1 else { return batch.flatMap { commit([$0], with: writer) } }
        observer.failed(batch[0].operation, "\(error)")
        batch[0].fail(.rejected("\(error)"))
        return []
    }

    /// Whether the file or the disk failed, rather than one statement.
    private func isOfTheStore(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return error is StoreError }
        switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_READONLY, .SQLITE_CANTOPEN,
            .SQLITE_BUSY,
            .SQLITE_NOMEM:
            return true
        default: return false
        }
    }
}

/// The write connection with its prepared statements. Confined to the commit thread.
///
/// `@unchecked Sendable`: it is created before the thread starts and touched by that thread alone from then on.
private final class Writer: @unchecked Sendable {
    private let database: StoreFile
    private let epoch: Int64
    private let addresses: AddressKey
    private var session: WriteSession?

    init(database: StoreFile, epoch: Int64, addresses: AddressKey) {
        self.database = database
        self.epoch = epoch
        self.addresses = addresses
    }

    /// After a failure statements and counters are made anew: a commit whose fsync failed may be there or not.
    func forgetSession() { session = nil }

    func transaction(
        at now: Timestamp, _ body: (WriteSession) throws -> Void
    ) throws -> (ledger: Ledger, hasLists: Bool) {
        try database.pool.writeWithoutTransaction { db in
            let session = try self.session ?? WriteSession(db, epoch: epoch, addresses: addresses)
            self.session = session
            session.start(at: now)
            do {
                try db.inTransaction(.immediate) {
                    try body(session)
                    try session.finish()
                    return .commit
                }
            } catch {
                session.abandon()
                throw error
            }
            session.committed()
            return (session.ledger, session.hasSuppressions || session.hasConsents)
        }
    }
}

/// A queued change, its value between the transaction and the telling.
private protocol PendingChange: Sendable {
    var operation: String { get }
    var persistence: CommitQueue.Persistence { get }
    func apply(_ session: WriteSession) throws
    func succeed()
    func fail(_ error: StoreError)
}

/// `@unchecked Sendable`: `value` is written and read by the commit thread only.
private final class Change<Value>: PendingChange, @unchecked Sendable {
    let operation: String
    let persistence: CommitQueue.Persistence
    private let body: @Sendable (WriteSession) throws -> Value
    private let then: @Sendable (Result<Value, StoreError>) -> Void
    private var value: Value?

    init(
        operation: String, persistence: CommitQueue.Persistence,
        body: @escaping @Sendable (WriteSession) throws -> Value,
        then: @escaping @Sendable (Result<Value, StoreError>) -> Void
    ) {
        self.operation = operation
        self.persistence = persistence
        self.body = body
        self.then = then
    }

    func apply(_ session: WriteSession) throws { value = try body(session) }

    func succeed() {
        guard let value else { return }
        then(.success(value))
    }

    func fail(_ error: StoreError) { then(.failure(error)) }
}
