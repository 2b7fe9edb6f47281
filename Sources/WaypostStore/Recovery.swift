import Foundation
import GRDB
import WaypostCore

/// What a start found left over from the run before.
package struct Recovered: Equatable, Sendable {
    /// Attempts that had begun and have no outcome.
    package var inDoubt: [Doubt] = []
    /// Deliveries that go on as if nothing happened.
    package var released = 0
    /// What came of receipts that had waited for the outcomes.
    package var receipts = TakenReceipts()

    package struct Doubt: Equatable, Sendable {
        package var message: MessageID
        package var provider: ProviderName
        package var policy: AmbiguityPolicy
        package var resent: Bool
    }
}

extension WriteSession {
    /// Begins this run: takes up what the one before left behind. An attempt that had begun and has no outcome is
    /// ambiguous and goes through the policy; everything else that it held waits for a claim.
    ///
    /// What its provider has told of it meanwhile is followed first; `.reconcile` holds until providers can be asked.
    package func recover(under rules: ReceiptRules) throws -> Recovered {
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
            if let doubt = try settle(seq, envelope: row[1], under: rules, &recovered) {
                recovered.inDoubt.append(doubt)
            }
        }
        try db.execute(
            sql: "UPDATE delivery SET owner = 0 WHERE state <= 2 AND owner <> 0 AND owner <> ?", arguments: [epoch])
        recovered.released = db.changesCount
        return recovered
    }

    private func settle(
        _ seq: Int64, envelope: Int, under rules: ReceiptRules, _ recovered: inout Recovered
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
        let told = try claimStrays(
            of: AttemptID(ULID(data: attempt[3])), message, from: ProviderName(stringLiteral: provider), reference: nil)
        if !told.isEmpty {
            recovered.receipts.add(try join(told, from: ProviderName(stringLiteral: provider), under: rules))
        }
        let policy = rules.ambiguity(try Self.content(db, seq))
        var isInDoubt = false
        for row in try deliveries(ofMessage: seq) where row.state == .sending && row.envelope == envelope {
            isInDoubt = true
            if policy == .resend {
                try requeue(row, tried: provider)
            } else {
                try move(row, to: .inDoubt, reason: "the router ended while \(provider) may have had it")
            }
        }
        guard isInDoubt else { return nil }
        return Recovered.Doubt(
            message: message, provider: ProviderName(stringLiteral: provider), policy: policy,
            resent: policy == .resend)
    }
}
