import GRDB
import WaypostCore
import WaypostJSON

/// How far an endpoint of `events.endpoints` has come.
package struct KeptEndpoint: Equatable, Sendable {
    package var name: String
    /// The last event that was told, or lies in `retell`.
    package var cursor: Int64
    /// Rows of `retell`.
    package var waiting: Int
    /// When the first try failed since one last succeeded.
    package var failingSince: Timestamp?
    package var disabledAt: Timestamp?
    /// Why it was disabled.
    package var reason: String?

    package init(name: String, cursor: Int64, waiting: Int = 0) {
        self.name = name
        self.cursor = cursor
        self.waiting = waiting
    }
}

/// What came of one round of telling, written at once: the cursor moves only with what was told or is kept to be told again.
package struct ToldRound: Equatable, Sendable {
    /// An event that is told again.
    package struct Kept: Equatable, Sendable {
        package var event: Int64
        package var message: Int64
        package var tries: Int
        /// nil: once the earlier ones of its message are through.
        package var dueAt: Timestamp?

        package init(event: Int64, message: Int64, tries: Int, dueAt: Timestamp?) {
            self.event = event
            self.message = message
            self.tries = tries
            self.dueAt = dueAt
        }
    }

    package var endpoint: String
    package var cursor: Int64
    package var kept: [Kept] = []
    /// Rows of `retell` that go: told, given up, or of events that are gone.
    package var done: [Int64] = []
    package var failingSince: Timestamp?
    /// Why the endpoint is told nothing from now on; nil: it goes on.
    package var disabling: String?

    package init(endpoint: String, cursor: Int64) {
        self.endpoint = endpoint
        self.cursor = cursor
    }

    /// Rows of `retell` that wait behind an earlier one: out of sight of whoever looks for due ones.
    static let never: Int64 = 1 << 60
}

extension WriteSession {
    /// Finds every endpoint, or begins one at the newest event: what happened before nobody asked to be told of.
    ///
    /// Rows of endpoints that the configuration names no more stay, and do no harm: one that comes back under its name goes
    /// on where it stood.
    package func openEndpoints(_ names: [String]) throws -> [KeptEndpoint] {
        try names.compactMap { name in
            try db.execute(
                sql: """
                    INSERT INTO endpoint (name, cursor) SELECT ?, coalesce(max(seq), 0) FROM event WHERE true
                    ON CONFLICT (name) DO NOTHING
                    """, arguments: [name])
            return try endpoint(name)
        }
    }

    package func endpoint(_ name: String) throws -> KeptEndpoint? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT cursor, failing_since, disabled_at, reason, (SELECT count(*) FROM retell WHERE endpoint = name)
                FROM endpoint WHERE name = ?
                """, arguments: [name])
        guard let row else { return nil }
        var kept = KeptEndpoint(name: name, cursor: row[0], waiting: row[4])
        let failingSince: Int64? = row[1]
        let disabledAt: Int64? = row[2]
        kept.failingSince = failingSince.map(Timestamp.init(milliseconds:))
        kept.disabledAt = disabledAt.map(Timestamp.init(milliseconds:))
        kept.reason = row[3]
        return kept
    }

    /// The newest event's cursor, 0 where there is none.
    package func newestEvent() throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT coalesce(max(seq), 0) FROM event") ?? 0
    }

    package func settle(_ round: ToldRound) throws {
        let update = try db.cachedStatement(sql: "UPDATE endpoint SET cursor = ?, failing_since = ? WHERE name = ?")
        try update.execute(arguments: [round.cursor, round.failingSince?.milliseconds, round.endpoint])
        let keep = try db.cachedStatement(
            sql: """
                INSERT INTO retell (endpoint, event, message, tries, due_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (endpoint, event) DO UPDATE SET tries = excluded.tries, due_at = excluded.due_at
                """)
        for event in round.kept {
            try keep.execute(arguments: [
                round.endpoint, event.event, event.message, event.tries, event.dueAt?.milliseconds ?? ToldRound.never,
            ])
        }
        for event in round.done { try remove(event, of: round.endpoint) }
        if let reason = round.disabling, try disableEndpoint(round.endpoint, because: reason) {
            try audit(
                AuditEntry(.endpointDisabled, by: AuditEntry.router, target: round.endpoint, reason: reason))
        }
    }

    /// The next event of its message need not wait any more.
    private func remove(_ event: Int64, of endpoint: String) throws {
        let delete = try db.cachedStatement(
            sql: "DELETE FROM retell WHERE endpoint = ? AND event = ? RETURNING message")
        guard let message = try Int64.fetchOne(delete, arguments: [endpoint, event]), message != 0 else { return }
        let release = try db.cachedStatement(
            sql: """
                UPDATE retell SET due_at = ? WHERE endpoint = ? AND due_at = ? AND event = (
                    SELECT min(event) FROM retell WHERE endpoint = ? AND message = ?)
                """)
        try release.execute(arguments: [now.milliseconds, endpoint, ToldRound.never, endpoint, message])
    }

    /// The endpoint is told nothing any more; its cursor stands still. False where it was so already, or is not known.
    package func disableEndpoint(_ name: String, because reason: String) throws -> Bool {
        try db.execute(
            sql: "UPDATE endpoint SET disabled_at = ?, reason = ? WHERE name = ? AND disabled_at IS NULL",
            arguments: [now.milliseconds, reason, name])
        guard db.changesCount > 0 else { return false }
        var json = JSONWriter(capacity: 128)
        json.object { json in
            json.member("endpoint", name)
            json.member("reason", reason)
        }
        try append(
            .endpointDisabled, of: 0, ordinal: 0, provider: nil, detail: "\(name): \(reason)", data: json.bytes)
        return true
    }

    /// It goes on from where it stood; what waits to be told again is due now, with a fresh set of tries.
    package func enableEndpoint(_ name: String) throws {
        try db.execute(
            sql: "UPDATE endpoint SET disabled_at = NULL, reason = NULL, failing_since = NULL WHERE name = ?",
            arguments: [name])
        try db.execute(
            sql: "UPDATE retell SET tries = 0, due_at = ? WHERE endpoint = ? AND due_at < ?",
            arguments: [now.milliseconds, name, ToldRound.never])
    }
}
