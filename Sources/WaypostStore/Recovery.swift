import Foundation
import GRDB
import WaypostCore

/// What a start found left over from the run before.
package struct Recovered: Equatable, Sendable {
    /// Attempts that had begun and have no outcome.
    package var inDoubt: [Doubt] = []
    /// Attempts in doubt whose providers go on being asked, as they were in the run before.
    package var reconciling = 0
    /// Deliveries that go on as if nothing happened.
    package var released = 0
    /// What came of receipts that had waited for the outcomes.
    package var receipts = TakenReceipts()

    package struct Doubt: Equatable, Sendable {
        package var message: MessageID
        package var provider: ProviderName
        package var policy: AmbiguityPolicy
        package var resolution: Resolution
    }

    /// What is done about an attempt in doubt.
    package enum Resolution: String, Sendable { case resent, held, asked }
}

extension WriteSession {
    /// Begins this run: takes up what the one before left behind. An attempt that had begun and has no outcome is
    /// ambiguous and goes through the policy; everything else that it held waits for a claim.
    ///
    /// What its provider has told of it meanwhile is followed first; `.reconcile` holds where the provider cannot tell, which
    /// `canTell` is asked with the content row's body. What the run before was finding out already goes on.
    package func recover(
        under rules: ReceiptRules, canTell: ([UInt8], ProviderName) -> Bool = { _, _ in false }
    ) throws -> Recovered {
        var recovered = Recovered()
        let begun = try Row.fetchAll(
            db,
            sql: """
                SELECT key, envelope FROM delivery INDEXED BY delivery_open
                WHERE state <= 2 AND owner <> 0 AND owner <> ? AND state = 2 ORDER BY key
                """, arguments: [epoch])
        var seen: Set<[Int64]> = []
        for row in begun {
            let seq = DeliveryKey.message(of: row[0])
            guard seen.insert([seq, row[1]]).inserted else { continue }
            if try adoptReconciliation(seq, envelope: row[1]) {
                recovered.reconciling += 1
            } else if let doubt = try settle(seq, envelope: row[1], under: rules, canTell: canTell, &recovered) {
                recovered.inDoubt.append(doubt)
            }
        }
        try db.execute(
            sql: "UPDATE delivery SET owner = 0 WHERE state <= 2 AND owner <> 0 AND owner <> ?", arguments: [epoch])
        recovered.released = db.changesCount
        return recovered
    }

    private func settle(
        _ seq: Int64, envelope: Int, under rules: ReceiptRules, canTell: ([UInt8], ProviderName) -> Bool,
        _ recovered: inout Recovered
    ) throws -> Recovered.Doubt? {
        guard
            let attempt = try Row.fetchOne(
                db,
                sql: """
                    SELECT number, provider, started_at, id FROM attempt
                    WHERE message = ? AND envelope = ? ORDER BY number DESC LIMIT 1
                    """, arguments: [seq, envelope]),
            let id = try Row.fetchOne(db, sql: "SELECT id FROM message WHERE seq = ?", arguments: [seq])
        else { return nil }
        let number: Int = attempt[0]
        let provider: String = attempt[1]
        let startedAt = Timestamp(milliseconds: attempt[2])
        try db.execute(
            sql: """
                UPDATE attempt SET outcome = 'ambiguous', duration = ?, detail = ? WHERE message = ? AND number = ?
                """,
            arguments: [
                max(0, (now - startedAt).milliseconds) * 1000, "the router ended before an answer was recorded", seq,
                number,
            ])
        let bytes: Data = id[0]
        let message = MessageID(ULID(data: bytes))
        let name = ProviderName(stringLiteral: provider)
        let told = try claimStrays(of: AttemptID(ULID(data: attempt[3])), message, from: name, reference: nil)
        if !told.isEmpty { recovered.receipts.add(try join(told, from: name, under: rules)) }
        let body = try Self.content(db, seq)
        let policy = rules.ambiguity(body)
        let rows = try deliveries(ofMessage: seq).filter { $0.state == .sending && $0.envelope == envelope }
        guard !rows.isEmpty else { return nil }
        let resolution: Recovered.Resolution =
            policy == .resend ? .resent : policy == .reconcile && canTell(body, name) ? .asked : .held
        switch resolution {
        case .resent: for row in rows { try requeue(row, tried: provider) }
        case .held:
            for row in rows {
                try move(row, to: .inDoubt, reason: "the router ended while \(provider) may have had it")
            }
        case .asked:
            // When it ended nobody knows: now at the latest.
            try ask(rows, tried: provider)
            try insertReconciliation(
                of: AttemptID(ULID(data: attempt[3])), seq, envelope: envelope, provider: provider,
                startedAt: startedAt, endedAt: now, dueAt: now)
        }
        return Recovered.Doubt(
            message: message, provider: name, policy: policy, resolution: resolution)
    }

    private func ask(_ rows: [DeliveryRow], tried: String) throws {
        let stay = try db.cachedStatement(
            sql: "UPDATE delivery SET owner = ?, tried = ?, provider = ?, reason = ?, changed_at = ? WHERE key = ?")
        for row in rows {
            try stay.execute(arguments: [
                epoch, tried, tried, "the router ended while \(tried) may have had it: asking whether it has",
                now.milliseconds, row.key,
            ])
        }
    }
}
