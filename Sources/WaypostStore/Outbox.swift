import GRDB
import WaypostCore

/// What travels in one exchange: the deliveries of one envelope of one message, and how far they have come.
package struct Parcel: Sendable {
    package var seq: Int64
    package var envelope: Int
    package var message: Message
    /// The open ones, in order of their ordinals.
    package var deliveries: [Delivery]
    package var dueAt: Timestamp
    /// From 1; grows when all candidates have been tried or passed over.
    package var round: Int
    /// Providers tried in this round.
    package var tried: [ProviderName]
    /// Providers that can never reach it, whatever the round: the address that they know is dead.
    package var excluded: [ProviderName]
    /// Attempts made so far.
    package var attempts: Int
    /// Of `QueuePlace`: where it waits, should it have to.
    package var track: Int

    package init(
        seq: Int64, envelope: Int, message: Message, deliveries: [Delivery], dueAt: Timestamp, round: Int = 1,
        tried: [ProviderName] = [], excluded: [ProviderName] = [], attempts: Int = 0, track: Int = 0
    ) {
        self.seq = seq
        self.envelope = envelope
        self.message = message
        self.deliveries = deliveries
        self.dueAt = dueAt
        self.round = round
        self.tried = tried
        self.excluded = excluded
        self.attempts = attempts
        self.track = track
    }

    package var place: QueuePlace { QueuePlace(message.channel, lane: message.priority.lane, track: track) }
}

/// What of a parcel has begun.
package struct Beginning: Equatable, Sendable {
    /// Who is sent to; empty: nothing has begun.
    package var ordinals: [Int] = []
    /// Who ends here, the address having been suppressed meanwhile.
    package var suppressed: [Move] = []
}

/// A row that was claimed; its message is decoded outside the transaction.
package struct ClaimedParcel: Sendable {
    package var seq: Int64
    package var envelope: Int
    package var body: [UInt8]
    /// Ordinals still open.
    package var ordinals: [Int]
    package var dueAt: Timestamp
    package var round: Int
    package var tried: [ProviderName]
    package var excluded: [ProviderName]
    package var attempts: Int
    /// A replay moves it on from what the body says.
    package var expiresAt: Timestamp
}

extension WriteSession {
    /// Marks a waiting parcel as begun: what of it still waits, and whose address has not been suppressed meanwhile.
    ///
    /// Nothing begins where others have begun attempts since the parcel was read: a receipt took it out of the route and
    /// another put it back, and whoever has claimed it then has it.
    package func begin(_ parcel: Parcel, _ begun: Begun) throws -> Beginning {
        var beginning = Beginning()
        guard try attemptsMade(of: parcel.seq, envelope: parcel.envelope) == parcel.attempts else { return beginning }
        for delivery in parcel.deliveries {
            if let kept = try keepBack(delivery.ordinal, from: .queued, of: parcel) {
                beginning.suppressed.append(kept)
                continue
            }
            let changed = try beginDelivery.run {
                $0.add(epoch)
                $0.add(now)
                $0.add(DeliveryKey.of(parcel.seq, delivery.ordinal))
                $0.add(epoch)
            }
            if changed > 0 { beginning.ordinals.append(delivery.ordinal) }
        }
        let moved = beginning.ordinals.count
        guard moved > 0 else { return beginning }
        count(-moved, .queued, on: parcel.message.channel)
        count(moved, .sending, on: parcel.message.channel)
        try insert(begun, number: parcel.attempts + 1, envelope: parcel.envelope, of: parcel.seq)
        return beginning
    }

    private func attemptsMade(of seq: Int64, envelope: Int) throws -> Int {
        let none = AttemptKey.of(envelope, 0)
        let last = try receiptStatements.lastAttempt.first {
            $0.add(none)
            $0.add(seq)
            $0.add(none)
            $0.add(AttemptKey.of(envelope, AttemptKey.perEnvelope - 1))
        } read: {
            $0.int(0)
        }
        return AttemptKey.number(of: last ?? none)
    }

    /// Takes what is due and held by nobody, oldest first; marks it as held by this run, and scheduled ones as queued. It ends
    /// with the parcel that reaches `bytes`.
    package func claim(
        _ place: QueuePlace, dueBy limit: Timestamp, atMost count: Int, bytes: Int = .max
    ) throws -> [ClaimedParcel] {
        let due = try db.cachedStatement(
            sql: """
                SELECT key, envelope FROM delivery INDEXED BY delivery_open
                WHERE state <= 2 AND state <> 2 AND owner = 0 AND channel = ? AND lane = ? AND due_at <= ?
                ORDER BY due_at LIMIT ?
                """)
        let rows = try Row.fetchAll(due, arguments: [place.channel.column, place.column, limit.milliseconds, count])
        var parcels: [ClaimedParcel] = []
        var left = bytes
        for row in rows {
            guard left > 0 else { break }
            // A row of an envelope that was claimed whole a moment ago yields nothing.
            if let parcel = try claim(DeliveryKey.message(of: row[0]), envelope: row[1], on: place.channel) {
                parcels.append(parcel)
                left -= parcel.body.count
            }
        }
        return parcels
    }

    private func claim(_ seq: Int64, envelope: Int, on channel: Channel) throws -> ClaimedParcel? {
        let open = try db.cachedStatement(
            sql: """
                SELECT key, state, due_at, round, tried, excluded FROM delivery
                WHERE key BETWEEN ? AND ? AND envelope = ? AND state <= 1 AND owner = 0 ORDER BY key
                """)
        let rows = try Row.fetchAll(open, arguments: [DeliveryKey.first(of: seq), DeliveryKey.last(of: seq), envelope])
        guard let first = rows.first else { return nil }
        for row in rows {
            // What was held waits no longer for that reason.
            try db.cachedStatement(
                sql: """
                    UPDATE delivery SET owner = ?, state = 1, round = ?, tried = ?,
                        reason = CASE state WHEN 0 THEN NULL ELSE reason END
                    WHERE key = ?
                    """
            ).execute(arguments: [epoch, first[3] as Int, first[4] as String, row[0] as Int64])
            if row[1] == DeliveryState.scheduled.rawValue {
                count(-1, .scheduled, on: channel)
                count(1, .queued, on: channel)
            }
        }
        let attempts = try db.cachedStatement(
            sql: "SELECT coalesce(max(number), 0) FROM attempt WHERE message = ? AND number BETWEEN ? AND ?")
        let expiry = try db.cachedStatement(sql: "SELECT expires_at FROM message WHERE seq = ?")
        let expiresAt = try Int64.fetchOne(expiry, arguments: [seq]) ?? 0
        return ClaimedParcel(
            seq: seq, envelope: envelope, body: try Self.content(db, seq),
            ordinals: rows.map { DeliveryKey.ordinal(of: $0[0]) }, dueAt: Timestamp(milliseconds: first[2]),
            round: first[3], tried: Self.names(first[4]), excluded: Self.names(first[5]),
            attempts: AttemptKey.number(
                of: try Int.fetchOne(
                    attempts,
                    arguments: [seq, AttemptKey.of(envelope, 0), AttemptKey.of(envelope, AttemptKey.perEnvelope - 1)])
                    ?? 0), expiresAt: Timestamp(milliseconds: expiresAt))
    }

    /// As they stand in a column: commas between.
    private static func names(_ text: String) -> [ProviderName] {
        text.split(separator: ",").map { ProviderName(stringLiteral: String($0)) }
    }

    /// Gives parcels back that the dispatcher does not hold any more.
    package func letGo(_ parcel: Parcel) throws {
        try db.cachedStatement(
            sql: """
                UPDATE delivery SET owner = 0, lane = ?, due_at = ?, round = ?, tried = ?
                WHERE key BETWEEN ? AND ? AND envelope = ? AND state <= 1
                """
        ).execute(arguments: [
            parcel.place.column, parcel.dueAt.milliseconds, parcel.round,
            parcel.tried.map(\.text).joined(separator: ","), DeliveryKey.first(of: parcel.seq),
            DeliveryKey.last(of: parcel.seq), parcel.envelope,
        ])
    }

    /// The body of the content row without its key id.
    static func content(_ db: Database, _ seq: Int64) throws -> [UInt8] {
        let body = try db.cachedStatement(sql: "SELECT body FROM content WHERE seq = ?")
        guard let data = try [UInt8].fetchContent(body, seq), let keyID = data.first else { return [] }
        guard keyID == 0 else {
            throw StoreError.rejected("content of message \(seq) is encrypted under an unknown key")
        }
        return Array(data.dropFirst())
    }
}

extension [UInt8] {
    fileprivate static func fetchContent(_ statement: Statement, _ seq: Int64) throws -> [UInt8]? {
        guard let row = try Row.fetchOne(statement, arguments: [seq]) else { return nil }
        return try row.withUnsafeData(atIndex: 0) { data in data.map { [UInt8]($0) } }
    }
}

extension WriteSession {
    /// Keeps that a held parcel goes into its next round later, and why.
    package func postpone(_ parcel: Parcel, decision: String) throws {
        try db.cachedStatement(
            sql:
                "UPDATE delivery SET due_at = ?, round = ?, tried = '' WHERE key BETWEEN ? AND ? AND envelope = ? AND state = 1"
        ).execute(arguments: [
            parcel.dueAt.milliseconds, parcel.round, DeliveryKey.first(of: parcel.seq),
            DeliveryKey.last(of: parcel.seq),
            parcel.envelope,
        ])
        try keepDecision(decision, of: parcel.seq)
    }

    /// Puts a waiting parcel off until `parcel.dueAt` and gives it back to the store, as scheduled; it lives longer by `span`.
    package func hold(_ parcel: Parcel, for span: Duration, because reason: String) throws {
        try db.cachedStatement(
            sql: """
                UPDATE delivery SET state = 0, owner = 0, lane = ?, due_at = ?, round = ?, tried = ?, changed_at = ?, reason = ?
                WHERE key BETWEEN ? AND ? AND envelope = ? AND state = 1
                """
        ).execute(arguments: [
            parcel.place.column, parcel.dueAt.milliseconds, parcel.round,
            parcel.tried.map(\.text).joined(separator: ","), now.milliseconds, reason,
            DeliveryKey.first(of: parcel.seq),
            DeliveryKey.last(of: parcel.seq), parcel.envelope,
        ])
        let moved = db.changesCount
        guard moved > 0 else { return }
        count(-moved, .queued, on: parcel.message.channel)
        count(moved, .scheduled, on: parcel.message.channel)
        // The envelopes of one message are held one after the other, and for the same span.
        try db.cachedStatement(sql: "UPDATE message SET expires_at = max(expires_at, ?) WHERE seq = ?")
            .execute(arguments: [(parcel.message.expiresAt + span).milliseconds, parcel.seq])
    }

    /// When the next row that nobody holds is due there; nil when there is none.
    package func nextDue(_ place: QueuePlace) throws -> Timestamp? {
        let next = try db.cachedStatement(
            sql: """
                SELECT min(due_at) FROM delivery INDEXED BY delivery_open
                WHERE state <= 2 AND owner = 0 AND channel = ? AND lane = ?
                """)
        let due = try Int64?.fetchOne(next, arguments: [place.channel.column, place.column]) ?? nil
        return due.map(Timestamp.init(milliseconds:))
    }
}
