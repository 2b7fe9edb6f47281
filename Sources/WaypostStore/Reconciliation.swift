import Foundation
import GRDB
import WaypostCore

/// An attempt whose provider is asked, or listened to, whether it has the message. Its deliveries are `sending`.
package struct Reconciliation: Sendable {
    package var seq: Int64
    package var envelope: Int
    package var provider: ProviderName
    package var attempt: AttemptID
    package var startedAt: Timestamp
    /// When it was given up.
    package var endedAt: Timestamp
    /// Looks so far that found nothing, and when the first of them was.
    package var emptyLooks: Int
    package var firstEmptyAt: Timestamp?
    /// The message, to be decoded outside the transaction.
    package var body: [UInt8]
    /// The deliveries that are `sending`.
    package var ordinals: [Int]
}

/// What is due to be looked at.
package struct DueReconciliations: Sendable {
    package var items: [Reconciliation] = []
    /// Providers whose own report came first: there is nothing left to find out. One for each attempt.
    package var reported: [ProviderName] = []
    /// When to look again; nil: nothing is being reconciled.
    package var nextDue: Timestamp?

    package static func nothing(until nextDue: Timestamp) -> DueReconciliations {
        DueReconciliations(nextDue: nextDue)
    }
}

/// What is known in the end of an attempt that was in doubt, for those of its deliveries that are still `sending`.
package enum ReconciliationEnd: Equatable, Sendable {
    /// The provider has it.
    case sent(reference: String, cost: Cost?)
    /// It does not: the next candidate.
    case onward
    /// Nobody knows.
    case inDoubt

    package var state: DeliveryState {
        switch self {
        case .sent: .sent
        case .onward: .queued
        case .inDoubt: .inDoubt
        }
    }
}

extension Conclusion {
    /// Deliveries that stay `sending` while the attempt's provider is asked whether it has them.
    package struct Doubt: Equatable, Sendable {
        package var ordinals: [Int]
        /// The first look.
        package var dueAt: Timestamp
        /// What `status_reason` says meanwhile.
        package var reason: String

        package init(ordinals: [Int], dueAt: Timestamp, reason: String) {
            self.ordinals = ordinals
            self.dueAt = dueAt
            self.reason = reason
        }
    }
}

extension WriteSession {
    // MARK: Beginning

    /// Keeps that the attempt that has just ended is in doubt, and how far its deliveries have come.
    func reconcile(_ doubt: Conclusion.Doubt, of conclusion: Conclusion) throws {
        let parcel = conclusion.parcel
        let stay = try db.cachedStatement(
            sql: """
                UPDATE delivery SET round = ?, tried = ?, provider = ?, reason = ?, changed_at = ? WHERE key = ? AND state = 2
                """)
        var staying = 0
        for ordinal in doubt.ordinals {
            try stay.execute(arguments: [
                conclusion.round, conclusion.tried.map(\.text).joined(separator: ","), conclusion.attempt.provider.text,
                doubt.reason, now.milliseconds, DeliveryKey.of(parcel.seq, ordinal),
            ])
            staying += db.changesCount
        }
        guard staying > 0 else { return }
        let attempt = conclusion.attempt
        try insertReconciliation(
            of: attempt.id, parcel.seq, envelope: parcel.envelope, provider: attempt.provider.text,
            startedAt: attempt.startedAt, endedAt: attempt.startedAt + attempt.duration, dueAt: doubt.dueAt)
    }

    func insertReconciliation(
        of attempt: AttemptID, _ seq: Int64, envelope: Int, provider: String, startedAt: Timestamp, endedAt: Timestamp,
        dueAt: Timestamp
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO reconciliation
                    (message, envelope, provider, attempt, started_at, ended_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            seq, envelope, provider, attempt.value.data, startedAt.milliseconds, endedAt.milliseconds,
            dueAt.milliseconds,
        ])
    }

    // MARK: Looking

    /// Takes what is due, for `lease`: what is not settled by then is due again. Of each provider at most `perProvider` are
    /// out at once, counting those in `busy`; the others wait a second.
    ///
    /// Rows whose deliveries have moved on go: the provider's own report came first, or somebody decided.
    package func takeReconciliations(
        atMost count: Int, lease: Duration, perProvider: Int, busy: [ProviderName: Int]
    ) throws -> DueReconciliations {
        var busy = busy
        var due = DueReconciliations()
        let statement = try db.cachedStatement(
            sql: """
                SELECT message, envelope, provider, attempt, started_at, ended_at, looks, looked_at
                FROM reconciliation WHERE due_at <= ? ORDER BY due_at LIMIT ?
                """)
        for row in try Row.fetchAll(statement, arguments: [now.milliseconds, count]) {
            guard let item = try reconciliation(row) else {
                if let provider = try forgetReconciliation(row[0], envelope: row[1], of: row[2]) {
                    due.reported.append(provider)
                }
                continue
            }
            let isFree = busy[item.provider, default: 0] < perProvider
            try postpone(item, until: now + (isFree ? lease : .seconds(1)))
            guard isFree else { continue }
            busy[item.provider, default: 0] += 1
            due.items.append(item)
        }
        due.nextDue = try nextReconciliation()
        return due
    }

    /// When the next look is due; nil: nothing is being reconciled.
    package func nextReconciliation() throws -> Timestamp? {
        let next = try db.cachedStatement(sql: "SELECT min(due_at) FROM reconciliation")
        return (try Int64?.fetchOne(next) ?? nil).map(Timestamp.init(milliseconds:))
    }

    /// nil where nothing of it is `sending` any more, or by another attempt.
    private func reconciliation(_ row: Row) throws -> Reconciliation? {
        let seq: Int64 = row[0]
        let looked: Int64? = row[7]
        let provider: String = row[2]
        var item = Reconciliation(
            seq: seq, envelope: row[1], provider: ProviderName(stringLiteral: provider),
            attempt: AttemptID(ULID(data: row[3])), startedAt: Timestamp(milliseconds: row[4]),
            endedAt: Timestamp(milliseconds: row[5]), emptyLooks: row[6],
            firstEmptyAt: looked.map(Timestamp.init(milliseconds:)), body: [], ordinals: [])
        item.ordinals = try inDoubt(item)
        guard !item.ordinals.isEmpty else { return nil }
        item.body = try Self.content(db, seq)
        return item
    }

    /// The deliveries that still wait for the answer.
    private func inDoubt(_ item: Reconciliation) throws -> [Int] {
        let last = try db.cachedStatement(
            sql: "SELECT id FROM attempt WHERE message = ? AND number BETWEEN ? AND ? ORDER BY number DESC LIMIT 1")
        let id = try Data.fetchOne(
            last,
            arguments: [
                item.seq, AttemptKey.of(item.envelope, 0), AttemptKey.of(item.envelope, AttemptKey.perEnvelope - 1),
            ])
        guard id == item.attempt.value.data else { return [] }
        return try deliveries(ofMessage: item.seq).filter { $0.envelope == item.envelope && $0.state == .sending }
            .map(\.ordinal)
    }

    /// The provider, where it was its report that moved the deliveries on.
    private func forgetReconciliation(_ seq: Int64, envelope: Int, of provider: String) throws -> ProviderName? {
        try deleteReconciliation(seq, envelope: envelope)
        let told: [DeliveryState] = [.sent, .delivered, .undelivered, .failed]
        let isTold = try deliveries(ofMessage: seq).contains { $0.envelope == envelope && told.contains($0.state) }
        return isTold ? ProviderName(stringLiteral: provider) : nil
    }

    private func deleteReconciliation(_ seq: Int64, envelope: Int) throws {
        try db.cachedStatement(sql: "DELETE FROM reconciliation WHERE message = ? AND envelope = ?")
            .execute(arguments: [seq, envelope])
    }

    private func postpone(_ item: Reconciliation, until dueAt: Timestamp) throws {
        try db.cachedStatement(sql: "UPDATE reconciliation SET due_at = ? WHERE message = ? AND envelope = ?")
            .execute(arguments: [dueAt.milliseconds, item.seq, item.envelope])
    }

    // MARK: Ending

    /// Those ids that no other attempt of ours got from that provider.
    package func unowned(_ references: [String], by item: Reconciliation) throws -> [String] {
        let owner = try db.cachedStatement(sql: "SELECT 1 FROM attempt WHERE reference_key = ? AND id <> ? LIMIT 1")
        return try references.filter { reference in
            let key = ReferenceKey.of(reference, at: item.provider.text)
            return try Bool.fetchOne(owner, arguments: [key, item.attempt.value.data]) == nil
        }
    }

    /// Keeps what the looks have come to, and when the next one is.
    package func lookAgain(_ item: Reconciliation, at dueAt: Timestamp) throws {
        try db.cachedStatement(
            sql: """
                UPDATE reconciliation SET due_at = ?, looks = ?, looked_at = ?
                WHERE message = ? AND envelope = ? AND attempt = ?
                """
        ).execute(arguments: [
            dueAt.milliseconds, item.emptyLooks, item.firstEmptyAt?.milliseconds, item.seq, item.envelope,
            item.attempt.value.data,
        ])
    }

    /// Ends the doubt about those deliveries that are still `sending` by that attempt. Returns how many there were: where
    /// they have moved on meanwhile nothing is done. What the provider told under its own id, which is known by now, follows.
    package func end(
        _ item: Reconciliation, _ end: ReconciliationEnd, reason: String, of message: MessageID, on channel: Channel,
        under rules: ReceiptRules = .none
    ) throws -> (count: Int, receipts: TakenReceipts) {
        let ordinals = try inDoubt(item)
        guard !ordinals.isEmpty else { return (0, TakenReceipts()) }
        try deleteReconciliation(item.seq, envelope: item.envelope)
        var reference: String?
        if case .sent(let given, let cost) = end {
            reference = given
            try own(given, cost: cost, by: item)
        }
        let move = try db.cachedStatement(
            sql: """
                UPDATE delivery SET state = ?, owner = 0, due_at = ?, provider = ?, reference = coalesce(?, reference),
                    reason = ?, changed_at = ?
                WHERE key = ?
                """)
        for ordinal in ordinals {
            try move.execute(arguments: [
                end.state.rawValue, now.milliseconds, item.provider.text, reference, reason, now.milliseconds,
                DeliveryKey.of(item.seq, ordinal),
            ])
            try moved(
                item.seq, Move(ordinal: ordinal, to: end.state, reason: reason), from: .sending, on: channel,
                provider: item.provider.text)
            if end.state == .sent { tallySent(channel, item.provider, under: rules) }
        }
        guard let reference else { return (ordinals.count, TakenReceipts()) }
        let told = try claimStrays(of: item.attempt, message, from: item.provider, reference: reference)
        return (ordinals.count, try join(told, from: item.provider, under: rules))
    }

    private func own(_ reference: String, cost: Cost?, by item: Reconciliation) throws {
        try db.cachedStatement(
            sql: "UPDATE attempt SET reference_key = ?, cost = ?, currency = ? WHERE message = ? AND id = ?"
        ).execute(arguments: [
            ReferenceKey.of(reference, at: item.provider.text), cost?.micros, cost?.currency, item.seq,
            item.attempt.value.data,
        ])
    }

    // MARK: After a crash

    /// Takes over, in this run, what the run before was finding out. False where there is no such thing.
    func adoptReconciliation(_ seq: Int64, envelope: Int) throws -> Bool {
        let find = try db.cachedStatement(
            sql: """
                SELECT message, envelope, provider, attempt, started_at, ended_at, looks, looked_at
                FROM reconciliation WHERE message = ? AND envelope = ?
                """)
        guard let row = try Row.fetchOne(find, arguments: [seq, envelope]), let item = try reconciliation(row) else {
            return false
        }
        try hold(item.ordinals, of: seq)
        try postpone(item, until: now)
        return true
    }

    /// Keeps `sending` deliveries in this run's hands.
    func hold(_ ordinals: [Int], of seq: Int64) throws {
        let hold = try db.cachedStatement(sql: "UPDATE delivery SET owner = ? WHERE key = ?")
        for ordinal in ordinals { try hold.execute(arguments: [epoch, DeliveryKey.of(seq, ordinal)]) }
    }
}
