import GRDB
import WaypostCore

extension WriteSession {
    /// Moves what is queued of these messages to the dead letters. What is scheduled, or under way, stays as it is.
    package func clear(_ messages: some Sequence<Int64>, because reason: String) throws -> Moved {
        var cleared = Moved()
        for seq in messages {
            try moving(seq, &cleared, where: { $0.state == .queued }) { rows in
                for row in rows { try move(row, to: .dead, reason: "cleared: \(reason)") }
            }
        }
        return cleared
    }
}

extension OperatingReader {
    /// The sequence numbers of messages of which something is queued, oldest first; nil: on all channels.
    package func queuedMessages(on channel: Channel?) throws -> [Int64] {
        try database.pool.read { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT key / 1024 FROM delivery INDEXED BY delivery_open
                    WHERE state <= 2 AND state = 1 AND (? IS NULL OR channel = ?) ORDER BY 1
                    """, arguments: [channel?.column, channel?.column])
        }
    }

    /// When deliveries to an address were taken in that count in a long window, oldest first.
    package func takes(
        of address: Int64, on channel: Channel, type: MessageType?, since: Timestamp
    ) throws -> [Timestamp] {
        try database.pool.read { db in
            let reset = try LongWindows.reset(of: address, db)
            return try LongWindows.times(
                of: address, on: channel, type: type, since: max(since, reset ?? since), db)
        }
    }
}
