import GRDB
import WaypostCore

/// Windows on recipients that are too long for memory: they are counted in the rows.
enum LongWindows {
    /// When deliveries to an address were taken in, oldest first.
    static func times(
        of address: Int64, on channel: Channel, type: MessageType?, since: Timestamp, _ db: Database
    ) throws -> [Timestamp] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT m.created_at FROM delivery d JOIN message m ON m.seq = d.key / 1024
                WHERE d.address_key = ? AND d.channel = ? AND d.state <> 8 AND m.created_at > ? AND (? IS NULL OR m.type = ?)
                ORDER BY m.created_at
                """)
        return try Int64.fetchAll(
            statement, arguments: [address, channel.column, since.milliseconds, type?.rawValue, type?.rawValue]
        ).map(Timestamp.init(milliseconds:))
    }

    /// Since when takes count, where somebody has emptied the windows; the row of address 0 is about all of them.
    static func reset(of address: Int64, _ db: Database) throws -> Timestamp? {
        let find = try db.cachedStatement(sql: "SELECT max(at) FROM limit_reset WHERE address_key IN (0, ?)")
        let at = try Int64?.fetchOne(find, arguments: [address]) ?? nil
        return at.map(Timestamp.init(milliseconds:))
    }
}

extension WriteSession {
    func deliveryTimes(
        of address: Int64, on channel: Channel, type: MessageType?, since: Timestamp
    ) throws -> [Timestamp] {
        try LongWindows.times(of: address, on: channel, type: type, since: since, db)
    }

    func limitsReset(of address: Int64) throws -> Timestamp? { try LongWindows.reset(of: address, db) }

    /// Empties the windows of these addresses; nil: of all. What was taken until now counts no more.
    package func resetLongWindows(_ addresses: [Int64]?) throws {
        if addresses == nil { try db.execute(sql: "DELETE FROM limit_reset") }
        for address in addresses ?? [0] {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO limit_reset (address_key, at) VALUES (?, ?)")
                .execute(arguments: [address, now.milliseconds])
        }
    }

    /// Resets that lie so far back that no window reaches them count for nothing.
    package func forgetResets(before limit: Timestamp, atMost count: Int) throws {
        try db.cachedStatement(
            sql: """
                DELETE FROM limit_reset WHERE address_key IN (SELECT address_key FROM limit_reset WHERE at < ? LIMIT ?)
                """
        ).execute(arguments: [limit.milliseconds, count])
    }
}
