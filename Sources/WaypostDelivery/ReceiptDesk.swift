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
        take(receipts[...], from: provider, under: steering.current.receiptRules, after: ReceiptCounts(), then: then)
    }

    /// One chunk after the other: what else is to be committed has its turn between them.
    private func take(
        _ receipts: ArraySlice<Receipt>, from provider: ProviderName, under rules: ReceiptRules,
        after counts: ReceiptCounts,
        then: @escaping @Sendable (Result<ReceiptCounts, StoreError>) -> Void
    ) {
        let chunk = Array(receipts.prefix(Self.chunk))
        let rest = receipts.dropFirst(Self.chunk)
        commits.submit("receipt", .refuse) { session in
            try session.take(chunk, from: provider, under: rules)
        } then: { [self] result in
            switch result {
            case .failure(let error): then(.failure(error))
            case .success(let taken):
                exchange.tell(taken)
                let sum = ReceiptCounts(
                    accepted: counts.accepted + taken.accepted, duplicate: counts.duplicate + taken.duplicates,
                    unknown: counts.unknown + taken.unknown)
                if rest.isEmpty { return then(.success(sum)) }
                take(rest, from: provider, under: rules, after: sum, then: then)
            }
        }
    }
}
