import Foundation
import GRDB
import WaypostCore

/// What waits and is given up by hand: it becomes a dead letter, from where it can be replayed.
package struct Cleared: Sendable {
    /// Whose deliveries moved, as the dispatcher holds them.
    package var parcels: [ParcelKey] = []
    package var messages: [MessageID] = []
    package var deliveries = 0
    package var tally: [Channel: [MessageType: Int]] = [:]
}

/// Deliveries of a message that travel in one exchange.
package struct ParcelKey: Hashable, Sendable {
    package var seq: Int64
    package var envelope: Int

    package init(seq: Int64, envelope: Int) {
        self.seq = seq
        self.envelope = envelope
    }
}

extension WriteSession {
    /// Moves what is queued of these messages to the dead letters. What is scheduled, or under way, stays as it is.
    package func clear(_ messages: some Sequence<Int64>, because reason: String) throws -> Cleared {
        var cleared = Cleared()
        let find = try db.cachedStatement(sql: "SELECT id, type FROM message WHERE seq = ?")
        for seq in messages {
            let rows = try deliveries(ofMessage: seq).filter { $0.state == .queued }
            guard let first = rows.first, let message = try Row.fetchOne(find, arguments: [seq]) else { continue }
            for row in rows { try move(row, to: .dead, reason: "cleared: \(reason)") }
            let id: Data = message[0]
            cleared.messages.append(MessageID(ULID(data: id)))
            cleared.parcels += Set(rows.map(\.envelope)).map { ParcelKey(seq: seq, envelope: $0) }
            cleared.deliveries += rows.count
            let type = MessageType(rawValue: message[1]) ?? .transactional
            cleared.tally[first.channel, default: [:]][type, default: 0] += rows.count
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
