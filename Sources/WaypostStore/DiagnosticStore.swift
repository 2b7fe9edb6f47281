import Foundation
import GRDB
import WaypostCore

extension WriteSession {
    /// Keeps a report, and the last twenty of all. `body`: an object in JSON.
    package func keepDiagnostic(_ body: [UInt8], by: String) throws {
        try db.execute(
            sql: "INSERT INTO diagnostic (at, by, body) VALUES (?, ?, ?)",
            arguments: [now.milliseconds, by, Data(body)])
        try db.execute(
            sql: "DELETE FROM diagnostic WHERE seq <= (SELECT max(seq) FROM diagnostic) - ?",
            arguments: [MessageReader.keptDiagnostics])
    }
}

extension MessageReader {
    /// How many reports are kept.
    package static let keptDiagnostics = 20

    /// The kept reports in JSON, the newest first.
    package func diagnostics(atMost limit: Int = keptDiagnostics) throws -> [[UInt8]] {
        try database.pool.read { db in
            try Data.fetchAll(
                db, sql: "SELECT body FROM diagnostic ORDER BY seq DESC LIMIT ?", arguments: [limit]
            ).map { [UInt8]($0) }
        }
    }
}
