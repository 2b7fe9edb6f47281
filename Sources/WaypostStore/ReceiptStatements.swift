import GRDB

/// The prepared statements by which receipts find what they are about and change it.
struct ReceiptStatements {
    let insertSeen: HotStatement
    let findMessage: HotStatement
    let findMessageBySeq: HotStatement
    let attempts: HotStatement
    let attemptsByReference: HotStatement
    let deliveries: HotStatement
    let moveDelivery: HotStatement
    let lastAttempt: HotStatement
    let keepReference: HotStatement
    let insertStray: HotStatement
    let straysByID: HotStatement
    let straysByReference: HotStatement
    let deleteStray: HotStatement
    let addTally: HotStatement
    let addHour: HotStatement

    init(_ db: Database) throws {
        insertSeen = try HotStatement(
            db,
            """
            INSERT INTO seen (key, at) VALUES (?, ?)
            ON CONFLICT (key) DO UPDATE SET at = excluded.at, seq = (SELECT max(seq) + 1 FROM seen) WHERE at <= ?
            """)
        findMessage = try HotStatement(db, "SELECT seq, id, channel, type, expires_at FROM message WHERE id = ?")
        findMessageBySeq = try HotStatement(db, "SELECT seq, id, channel, type, expires_at FROM message WHERE seq = ?")
        attempts = try HotStatement(
            db,
            "SELECT number, id, envelope, provider, outcome, started_at, reference_key FROM attempt WHERE message = ?")
        attemptsByReference = try HotStatement(
            db, "SELECT message, number FROM attempt WHERE reference_key = ? AND provider = ? LIMIT 1000")
        deliveries = try HotStatement(
            db,
            """
            SELECT key, envelope, address_key, state, lane, due_at, tried, changed_at, provider, reference FROM delivery
            WHERE key BETWEEN ? AND ? ORDER BY key
            """)
        moveDelivery = try HotStatement(
            db,
            """
            UPDATE delivery SET state = ?, owner = 0, due_at = ?, tried = ?, changed_at = ?, provider = ?, reference = ?,
                reason = ?
            WHERE key = ?
            """)
        lastAttempt = try HotStatement(
            db, "SELECT coalesce(max(number), ?) FROM attempt WHERE message = ? AND number BETWEEN ? AND ?")
        keepReference = try HotStatement(
            db, "UPDATE attempt SET reference_key = ? WHERE message = ? AND number = ? AND reference_key IS NULL")
        insertStray = try HotStatement(
            db, "INSERT INTO stray (attempt, reference_key, provider, body, at) VALUES (?, ?, ?, ?, ?)")
        straysByID = try HotStatement(
            db, "SELECT seq, body FROM stray WHERE attempt = ? AND provider = ? ORDER BY seq LIMIT 1000")
        straysByReference = try HotStatement(
            db, "SELECT seq, body FROM stray WHERE reference_key = ? AND provider = ? ORDER BY seq LIMIT 1000")
        deleteStray = try HotStatement(db, "DELETE FROM stray WHERE seq = ?")
        addTally = try Self.adding(to: "tally", by: "minute", db)
        addHour = try Self.adding(to: "tally_hour", by: "hour", db)
    }

    private static func adding(to table: String, by place: String, _ db: Database) throws -> HotStatement {
        try HotStatement(
            db,
            """
            INSERT INTO \(table) (\(place), channel, provider, sent, delivered, undelivered, opened, clicked)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (\(place), channel, provider) DO UPDATE SET sent = sent + excluded.sent,
                delivered = delivered + excluded.delivered, undelivered = undelivered + excluded.undelivered,
                opened = opened + excluded.opened, clicked = clicked + excluded.clicked
            """)
    }
}
