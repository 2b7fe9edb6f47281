import Synchronization
import WaypostStore

/// The one way to the store for what a client may ask for twice. Under an idempotency key a change is made once and its
/// answer kept with it; while the first request is under way, another under its key is refused.
package final class OnceOnly: Sendable {
    private let commits: CommitQueue
    private let metrics: DeliveryMetrics
    /// Keys whose request is not answered yet. Bounded by the connections that can be waiting.
    private let underWay = Mutex<Set<[UInt8]>>([])

    package init(_ commits: CommitQueue, metrics: DeliveryMetrics) {
        self.commits = commits
        self.metrics = metrics
    }

    package enum Outcome<Value: Sendable>: Sendable {
        /// What the change said, and what is to be answered; nil where it committed nothing that an answer was kept for.
        case made(Value, answer: StoredAnswer?)
        /// The first answer, again.
        case replayed(StoredAnswer)
    }

    /// Makes a change; `then` is called on the commit thread once it is on disk with its answer, or refused.
    package func submit<Value: Sendable>(
        _ operation: StaticString, under key: IdempotencyRecord?,
        _ change: @escaping @Sendable (WriteSession) throws -> (Value, answer: StoredAnswer?),
        then: @escaping @Sendable (Result<Outcome<Value>, IntakeRefusal>) -> Void
    ) {
        guard begin(key) else { return then(.failure(.idempotencyInProgress)) }
        commits.submit(operation, .refuse) { session in
            try session.once(key) { try change(session) }
        } then: { [self] result in
            end(key)
            then(outcome(of: result))
        }
    }

    /// Makes a change that is too long for one transaction in so many of them, on a thread that may block. `change` is told
    /// which one it is and what those before it said.
    ///
    /// The answer belongs to the last. A crash in between leaves the key free and what was committed done: the same request
    /// then does the rest. So it is where one of them fails: `committed` is told on the caller's thread of each that is on
    /// disk, so that the caller knows how far it came.
    package func perform<Value: Sendable>(
        _ operation: StaticString, under key: IdempotencyRecord?, transactions: Int,
        _ change: @escaping @Sendable (WriteSession, Int, [Value]) throws -> (Value, answer: StoredAnswer?),
        committed: (Value) -> Void = { _ in }
    ) throws(IntakeRefusal) -> Outcome<[Value]> {
        try perform(
            operation, under: key, transactions: transactions, preparing: \.self, change, committed: committed)
    }

    /// The same where each transaction is given something that is made for it before it begins, on the caller's thread.
    package func perform<Portion: Sendable, Value: Sendable>(
        _ operation: StaticString, under key: IdempotencyRecord?, transactions: Int,
        preparing portion: (Int) -> Portion,
        _ change: @escaping @Sendable (WriteSession, Portion, [Value]) throws -> (Value, answer: StoredAnswer?),
        committed: (Value) -> Void = { _ in }
    ) throws(IntakeRefusal) -> Outcome<[Value]> {
        guard begin(key) else { throw .idempotencyInProgress }
        defer { end(key) }
        var values: [Value] = []
        var last: StoredAnswer?
        for number in 0..<transactions {
            let before = values
            let portion = portion(number)
            let result: Result<Once<Value>, StoreError>
            do throws(StoreError) {
                result = .success(
                    try commits.perform(operation) { session in
                        try session.once(key) { try change(session, portion, before) }
                    })
            } catch {
                result = .failure(error)
            }
            switch try outcome(of: result).get() {
            case .made(let value, let answer):
                values.append(value)
                last = answer
                committed(value)
            case .replayed(let answer): return .replayed(answer)
            }
        }
        return .made(values, answer: last)
    }

    private func outcome<Value>(of result: Result<Once<Value>, StoreError>) -> Result<Outcome<Value>, IntakeRefusal> {
        switch result {
        case .success(.made(let value, let answer)): return .success(.made(value, answer: answer))
        case .success(.replayed(let answer)):
            metrics.replays.with().increment()
            return .success(.replayed(answer))
        case .success(.mismatch): return .failure(.idempotencyMismatch)
        case .failure(let error): return .failure(.storeUnavailable(error.detail))
        }
    }

    /// False when another request under that key is under way.
    private func begin(_ key: IdempotencyRecord?) -> Bool {
        guard let key else { return true }
        return underWay.withLock { $0.insert(key.key).inserted }
    }

    private func end(_ key: IdempotencyRecord?) {
        guard let key else { return }
        _ = underWay.withLock { $0.remove(key.key) }
    }
}
