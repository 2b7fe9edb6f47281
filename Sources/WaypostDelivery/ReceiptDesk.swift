import Synchronization
import WaypostCore
import WaypostStore

/// How many receipts of a callback came to which end; the words label `waypost_webhooks_total`.
package struct ReceiptCounts: Equatable, Sendable {
    package var accepted = 0
    package var duplicate = 0
    package var unknown = 0

    package init(accepted: Int = 0, duplicate: Int = 0, unknown: Int = 0) {
        self.accepted = accepted
        self.duplicate = duplicate
        self.unknown = unknown
    }
}

/// Where receipts are handed in: keeps what they say and what follows from it, then tells.
///
/// Bounded by its callers: each callback holds a connection until its receipts are on disk.
package final class ReceiptDesk: Sendable {
    /// In one change: a callback with a thousand receipts must not hold up what else is to be committed.
    static let chunk = 128

    private let steering: Steering
    private let commits: CommitQueue
    private let exchange: Exchange

    package init(steering: Steering, commits: CommitQueue, exchange: Exchange) {
        self.steering = steering
        self.commits = commits
        self.exchange = exchange
    }

    /// Takes in what `provider` tells. `then` is called once, on the commit thread, when all of it is on disk, or when some
    /// of it could not be kept: then the provider has to tell all of it again, and what was kept is known as a repetition.
    package func take(
        _ receipts: [Receipt], from provider: ProviderName,
        then: @escaping @Sendable (Result<ReceiptCounts, StoreError>) -> Void
    ) {
        guard !receipts.isEmpty else { return then(.success(ReceiptCounts())) }
        let rules = steering.current.receiptRules
        let chunks = stride(from: 0, to: receipts.count, by: Self.chunk).map {
            Array(receipts[$0..<min($0 + Self.chunk, receipts.count)])
        }
        let gathering = Gathering(chunks.count, then: then)
        for chunk in chunks {
            commits.submit("receipt", .refuse) { session in
                try session.take(chunk, from: provider, under: rules)
            } then: { [exchange] result in
                if case .success(let taken) = result { exchange.tell(taken) }
                gathering.add(
                    result.map {
                        ReceiptCounts(accepted: $0.accepted, duplicate: $0.duplicates, unknown: $0.unknown)
                    })
            }
        }
    }
}

/// The ends of several changes, until all are there.
private final class Gathering: Sendable {
    private struct State {
        var left: Int
        var counts = ReceiptCounts()
        var error: StoreError?
    }

    private let state: Mutex<State>
    private let then: @Sendable (Result<ReceiptCounts, StoreError>) -> Void

    init(_ count: Int, then: @escaping @Sendable (Result<ReceiptCounts, StoreError>) -> Void) {
        state = Mutex(State(left: count))
        self.then = then
    }

    func add(_ result: Result<ReceiptCounts, StoreError>) {
        let whole: Result<ReceiptCounts, StoreError>? = state.withLock { state in
            state.left -= 1
            switch result {
            case .success(let counts):
                state.counts.accepted += counts.accepted
                state.counts.duplicate += counts.duplicate
                state.counts.unknown += counts.unknown
            case .failure(let error): state.error = state.error ?? error
            }
            guard state.left == 0 else { return nil }
            return state.error.map(Result.failure) ?? .success(state.counts)
        }
        if let whole { then(whole) }
    }
}
