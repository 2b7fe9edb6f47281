import Foundation
import GRDB
import WaypostCore

/// An event on its way to an endpoint.
package struct EventToTell: Equatable, Sendable {
    package var event: EventRecord
    /// Of its message; 0: of none. Events of one message are told one after another.
    package var message: Int64
    package var channel: Channel?
    /// Made so far.
    package var tries = 0
    /// It lies in `retell`.
    package var isRetold = false
    /// An earlier event of its message waits in `retell`.
    package var isBlocked = false

    package init(_ event: EventRecord, message: Int64, channel: Channel?) {
        self.event = event
        self.message = message
        self.channel = channel
    }
}

/// What is asked about events that are to be told, beside the writer. Calls block.
package struct EndpointReader: Sendable {
    private let database: StoreFile
    private let decode: @Sendable ([UInt8]) -> Message?

    /// `decode` reads a content row's body; nil where it cannot be read any more.
    package init(_ database: StoreFile, decode: @escaping @Sendable ([UInt8]) -> Message?) {
        self.database = database
        self.decode = decode
    }

    /// Events after the cursor whose type is `wanted`, at most `limit` of at most `depth` rows; and how far that went.
    package func events(
        after cursor: Int64, for endpoint: String, limit: Int, depth: Int, wanted: (EventType) -> Bool
    ) throws -> (events: [EventToTell], upTo: Int64) {
        try database.pool.read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: "SELECT \(Self.columns) FROM event e \(Self.message) WHERE e.seq > ? ORDER BY e.seq LIMIT ?"),
                arguments: [cursor, depth])
            let blocked = try db.cachedStatement(
                sql: "SELECT 1 FROM retell WHERE endpoint = ? AND message = ? LIMIT 1")
            var found: [EventToTell] = []
            var upTo = cursor
            while found.count < limit, let row = try rows.next() {
                upTo = row[0]
                guard let type = EventType(rawValue: row[2]), wanted(type), var event = try event(db, row) else {
                    continue
                }
                if event.message != 0 {
                    event.isBlocked = try Bool.fetchOne(blocked, arguments: [endpoint, event.message]) ?? false
                }
                found.append(event)
            }
            return (found, upTo)
        }
    }

    /// Rows of `retell` that are due, and those whose event is gone with its message's retention.
    package func due(
        for endpoint: String, at now: Timestamp, limit: Int
    ) throws -> (events: [EventToTell], vanished: [Int64]) {
        try database.pool.read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(Self.columns), r.event, r.tries FROM retell r
                        LEFT JOIN event e ON e.seq = r.event \(Self.message)
                        WHERE r.endpoint = ? AND r.due_at <= ? ORDER BY r.due_at, r.event LIMIT ?
                        """), arguments: [endpoint, now.milliseconds, limit])
            var found: [EventToTell] = []
            var vanished: [Int64] = []
            for row in rows {
                let seq: Int64? = row[0]
                guard seq != nil, var event = try event(db, row) else {
                    vanished.append(row[9])
                    continue
                }
                event.tries = row[10]
                event.isRetold = true
                found.append(event)
            }
            return (found, vanished)
        }
    }

    /// nil: it may be told. Asked before each round, so that an endpoint hears nothing after it was disabled.
    package func disabledAt(_ endpoint: String) throws -> Timestamp? {
        try database.pool.read { db in
            let statement = try db.cachedStatement(sql: "SELECT disabled_at FROM endpoint WHERE name = ?")
            return try Int64.fetchOne(statement, arguments: [endpoint]).map(Timestamp.init(milliseconds:))
        }
    }

    /// When the next row of `retell` is due; nil: none is.
    package func nextDue(for endpoint: String) throws -> Timestamp? {
        try database.pool.read { db in
            let statement = try db.cachedStatement(sql: "SELECT min(due_at) FROM retell WHERE endpoint = ?")
            return try Int64.fetchOne(statement, arguments: [endpoint]).map(Timestamp.init(milliseconds:))
        }
    }

    /// The newest event's cursor, 0 where there is none.
    package func newestEvent() throws -> Int64 {
        try database.pool.read { db in
            try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(seq) FROM event")) ?? 0
        }
    }

    private static let columns =
        "e.seq, m.id, e.type, e.at, e.provider, e.detail, e.data, coalesce(e.message, 0), m.channel"
    private static let message = "LEFT JOIN message m ON m.seq = e.message"

    private func event(_ db: Database, _ row: Row) throws -> EventToTell? {
        guard var event = try MessageReader.event(row) else { return nil }
        let message: Int64 = row[7]
        let channel: String? = row[8]
        if message != 0 {
            // Without its content, which may be gone, it is told all the same.
            let content = try? WriteSession.content(db, message)
            event.metadata = content.flatMap(decode)?.metadata ?? []
        }
        return EventToTell(event, message: message, channel: channel.flatMap { Channel(rawValue: $0) })
    }
}
