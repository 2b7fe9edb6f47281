import GRDB
import WaypostCore

/// A run of the router on this store, from start to end.
extension StoreFile {
    /// Begins one: its epoch marks the rows it holds.
    package func beginRun(at now: Timestamp) throws(StoreError) -> Int64 {
        do {
            return try pool.write { db in
                try db.execute(
                    sql: "INSERT INTO owner (started_at, heartbeat_at) VALUES (?, ?)",
                    arguments: [now.milliseconds, now.milliseconds])
                return db.lastInsertedRowID
            }
        } catch { throw .unusable("cannot write to the store: \(error)") }
    }
}

extension WriteSession {
    /// Says that the run goes on.
    package func beat() throws {
        try db.cachedStatement(sql: "UPDATE owner SET heartbeat_at = ? WHERE epoch = ?")
            .execute(arguments: [now.milliseconds, epoch])
    }

    /// Says that it ended in order, so that the next start need not look at every page.
    package func endRun() throws {
        try db.execute(
            sql: "UPDATE owner SET ended_at = ? WHERE epoch = ?", arguments: [now.milliseconds, epoch])
        try db.execute(sql: "DELETE FROM owner WHERE epoch < ? - 100", arguments: [epoch])
    }
}
