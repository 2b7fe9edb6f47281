import Foundation
import GRDB
import WaypostCore

/// What `waypost audit verify` finds: whether the trail is whole, proved from the store alone.
package struct AuditCheck: Equatable, Sendable {
    /// Rows that hold.
    package var rows: Int
    /// The first place where the chain breaks; nil: it is whole.
    package var flaw: String?

    /// Looks at a store without changing it. Throws `StoreError.unusable` when it cannot be opened.
    package static func of(path: String) throws(StoreError) -> AuditCheck {
        guard FileManager.default.fileExists(atPath: path) else { throw .unusable("\(path): no such store") }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            return try queue.read { db in
                guard try db.tableExists("audit") else {
                    throw StoreError.unusable("\(path) has no audit trail yet; start this version on it once")
                }
                return try check(db)
            }
        } catch let error as StoreError { throw error } catch { throw .unusable("cannot read \(path): \(error)") }
    }

    private static func check(_ db: Database) throws -> AuditCheck {
        var last = try AuditPoint.read(.anchor, db) ?? .origin
        var count = 0
        let rows = try Row.fetchCursor(db, sql: "SELECT \(columns) FROM audit ORDER BY seq")
        while let row = try rows.next() {
            let record = AuditRecord(bytesOf: row)
            if let flaw = flaw(in: record, after: last) { return AuditCheck(rows: count, flaw: flaw) }
            last = AuditPoint(seq: record.seq, hash: record.hash)
            count += 1
        }
        return AuditCheck(rows: count, flaw: end(last, head: try AuditPoint.read(.head, db)))
    }

    /// Texts as bytes: read as texts they would end at a zero byte, and what stands behind it would not be looked at.
    private static let columns =
        "seq, at, "
        + ["actor", "action", "target", "reason", "data"].map { "CAST(\($0) AS BLOB)" }.joined(separator: ", ")
        + ", previous, hash"

    private static func flaw(in record: AuditRecord, after last: AuditPoint) -> String? {
        if record.seq != last.seq + 1 {
            return "row \(last.seq + 1) is missing: row \(record.seq) follows row \(last.seq)"
        }
        if record.previous != last.hash { return "row \(record.seq) does not continue the chain of row \(last.seq)" }
        if record.hash != record.trueHash {
            return "row \(record.seq) was changed after it was written: its hash does not fit"
        }
        return nil
    }

    private static func end(_ last: AuditPoint, head: AuditPoint?) -> String? {
        guard let head else { return last == .origin ? nil : "the store does not say which row is the last" }
        if head == last { return nil }
        if head.seq > last.seq { return "rows \(last.seq + 1) to \(head.seq) are missing at the end" }
        return "row \(last.seq) is not the one that the store knows as its last (row \(head.seq))"
    }
}
