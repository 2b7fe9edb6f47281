import GRDB
import WaypostCore

/// Where a walk through what lies in the store, due and held by nobody, stands.
package struct LapseWalk: Equatable, Sendable {
    /// The columns of the place; none before the first.
    var channel = -1
    var lane = -1
    var dueAt: Int64 = .min
    var key: Int64 = 0

    package init() {}
}

extension OperatingReader {
    /// The next step of a walk: sequence numbers of messages whose time to live is over among at most `count` rows that are
    /// due and that nobody holds, and where the next step begins. After the last row it begins at the first.
    package func lapsed(
        at now: Timestamp, _ walk: LapseWalk, atMost count: Int
    ) throws -> (messages: [Int64], next: LapseWalk) {
        try database.pool.read { db in
            let find = try db.cachedStatement(
                sql: """
                    SELECT delivery.key, due_at, expires_at
                    FROM delivery INDEXED BY delivery_open JOIN message ON message.seq = delivery.key / 1024
                    WHERE state <= 2 AND state <> 2 AND owner = 0 AND delivery.channel = ? AND lane = ?
                        AND (due_at, delivery.key) > (?, ?) AND due_at <= ?
                    ORDER BY due_at, delivery.key LIMIT ?
                    """)
            var (walk, left) = (walk, count)
            var messages: [Int64] = []
            while true {
                let rows = try Row.fetchAll(
                    find, arguments: [walk.channel, walk.lane, walk.dueAt, walk.key, now.milliseconds, left])
                for row in rows where row[2] <= now.milliseconds {
                    let seq = DeliveryKey.message(of: row[0])
                    if messages.last != seq { messages.append(seq) }
                }
                if let last = rows.last { (walk.dueAt, walk.key) = (last[1], last[0]) }
                left -= rows.count
                if left <= 0 { return (messages, walk) }
                guard let next = try OpenPlace.after(walk.channel, walk.lane, owner: 0, db) else {
                    return (messages, LapseWalk())
                }
                walk = LapseWalk(next)
            }
        }
    }
}

extension LapseWalk {
    fileprivate init(_ place: OpenPlace) {
        channel = place.channel
        lane = place.lane
    }
}

/// A place, by its columns, where something is still to be moved.
struct OpenPlace {
    let channel: Int
    let lane: Int

    /// The next of them, in the order of the index, among what an epoch holds or, under 0, nobody.
    static func after(_ channel: Int, _ lane: Int, owner: Int64, _ db: Database) throws -> OpenPlace? {
        // By >=, for which SQLite seeks; by > it reads all rows of the place that is left, a million of them if need be.
        let next = try db.cachedStatement(
            sql: """
                SELECT channel, lane FROM delivery INDEXED BY delivery_open
                WHERE state <= 2 AND owner = ? AND (channel, lane) >= (?, ?) ORDER BY channel, lane LIMIT 1
                """)
        let row = try Row.fetchOne(next, arguments: [owner, channel, lane + 1])
        return row.map { OpenPlace(channel: $0[0], lane: $0[1]) }
    }
}

extension WriteSession {
    /// Ends what is still held by nobody of these messages, where their time to live is over.
    package func lapse(_ messages: some Sequence<Int64>, because reason: String) throws -> Moved {
        var lapsed = Moved()
        let isOver = try db.cachedStatement(sql: "SELECT 1 FROM message WHERE seq = ? AND expires_at <= ?")
        for seq in messages where try Int.fetchOne(isOver, arguments: [seq, now.milliseconds]) != nil {
            try moving(seq, &lapsed, where: { !$0.isHeld && ($0.state == .queued || $0.state == .scheduled) }) { rows in
                for row in rows { try move(row, to: .expired, reason: reason) }
            }
        }
        return lapsed
    }
}
