import GRDB
import WaypostCore

/// What operators ask, beside the writer. Calls block.
package struct OperatingReader: Sendable {
    let database: StoreFile

    package init(_ database: StoreFile) { self.database = database }

    /// The audit trail, newest first, from the row after which a page ended.
    package func page(
        after: Int64?, limit: Int, action: AuditEntry.Action? = nil, actor: String? = nil
    ) throws -> [AuditRecord] {
        var conditions = ["seq < ?"]
        var arguments: StatementArguments = [after ?? .max]
        if let action {
            conditions.append("action = ?")
            arguments += [action.rawValue]
        }
        if let actor {
            conditions.append("actor = ?")
            arguments += [actor]
        }
        arguments += [limit]
        let sql = """
            SELECT \(AuditRecord.columns) FROM audit WHERE \(conditions.joined(separator: " AND "))
            ORDER BY seq DESC LIMIT ?
            """
        return try database.pool.read { [arguments] db in
            try Row.fetchAll(db, sql: sql, arguments: arguments).map { AuditRecord($0) }
        }
    }
}
