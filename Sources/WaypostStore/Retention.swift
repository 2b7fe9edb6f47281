import GRDB
import WaypostCore

extension WriteSession {
    /// Takes away messages whose deliveries have all been final since before `limit`, oldest first, `atMost` looked at from
    /// `after` on. Returns where to go on next time, nil when the end of what can be old has been reached.
    ///
    /// Messages lie in the order they came, so the walk needs no index of its own: it stops at the first that is too young.
    package func retire(finalBefore limit: Timestamp, after: Int64, atMost count: Int) throws -> Int64? {
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT seq, created_at FROM message WHERE seq > ? ORDER BY seq LIMIT ?"),
            arguments: [after, count])
        let busy = try db.cachedStatement(
            sql: "SELECT 1 FROM delivery WHERE key BETWEEN ? AND ? AND (state <= 2 OR changed_at >= ?) LIMIT 1")
        for row in rows {
            let seq: Int64 = row[0]
            guard row[1] < limit.milliseconds else { return nil }
            let isKept =
                try Bool.fetchOne(
                    busy, arguments: [DeliveryKey.first(of: seq), DeliveryKey.last(of: seq), limit.milliseconds])
                ?? false
            if !isKept { try remove(seq) }
        }
        guard rows.count == count, let last = rows.last else { return nil }
        return last[0]
    }

    /// Forgets answers whose time is over. Returns how many went.
    package func forgetAnswers(atMost count: Int) throws -> Int {
        try db.cachedStatement(
            sql: """
                DELETE FROM idempotency WHERE seq IN (SELECT seq FROM idempotency ORDER BY seq LIMIT ?) AND created_at <= ?
                """
        ).execute(arguments: [count, (now - IdempotencyRecord.lifetime).milliseconds])
        return db.changesCount
    }
}
