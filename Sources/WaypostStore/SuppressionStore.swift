import Foundation
import GRDB
import WaypostCore

/// The list of addresses that nobody writes to, as clients and operators change it.
extension WriteSession {
    /// Keeps a suppression in place of whatever the address had, with the moment at which it was first entered. Returns
    /// what is kept, and whether nothing was in force before.
    ///
    /// Unlike `suppress`, by which the first reason stays: who calls this has looked, and means it.
    @discardableResult
    package func put(_ suppression: Suppression) throws -> (suppression: Suppression, isNew: Bool) {
        guard let address = suppression.address else { throw StoreError.rejected("a suppression names no address") }
        let key = addresses.value(of: address, on: suppression.channel)
        let before = hasSuppressions ? try Suppression.row(key, on: suppression.channel, db) : nil
        var kept = suppression
        hasSuppressions = true
        if let before, before.suppression.isInForce(at: now) {
            kept.createdAt = before.suppression.createdAt
            try db.cachedStatement(
                sql: """
                    UPDATE suppressed SET address = ?, reason = ?, source = ?, detail = ?, spares = ?, expires_at = ?
                    WHERE seq = ?
                    """
            ).execute(arguments: [
                KeptBody.closed(Array(address.utf8)), kept.reason.rawValue, kept.source, kept.detail,
                kept.sparesTransactional, kept.expiresAt?.milliseconds, before.seq,
            ])
            return (kept, false)
        }
        if let before { try removeSuppression(before.seq) }  // so that it counts as the newest
        try suppress(kept)
        return (kept, true)
    }

    /// Whoever wants may write to the address again. False when nothing was in force against it.
    package func liftSuppression(of address: String, on channel: Channel) throws -> Bool {
        guard hasSuppressions,
            let row = try Suppression.row(addresses.value(of: address, on: channel), on: channel, db)
        else { return false }
        try removeSuppression(row.seq)
        return row.suppression.isInForce(at: now)
    }

    /// Removes suppressions whose time is over, the longest over first. Returns how many went.
    package func removeExpiredSuppressions(atMost count: Int) throws -> Int {
        guard hasSuppressions else { return 0 }
        try db.cachedStatement(
            sql: """
                DELETE FROM suppressed WHERE seq IN
                    (SELECT seq FROM suppressed WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?)
                """
        ).execute(arguments: [now.milliseconds, count])
        return db.changesCount
    }

    private func removeSuppression(_ seq: Int64) throws {
        try db.cachedStatement(sql: "DELETE FROM suppressed WHERE seq = ?").execute(arguments: [seq])
    }
}

extension Suppression {
    static let columns = """
        SELECT seq, channel, address, reason, source, detail, spares, created_at, expires_at FROM suppressed
        """

    /// Whether it holds: its time, if it has one, is not over.
    func isInForce(at now: Timestamp) -> Bool { expiresAt.map { $0 > now } ?? true }

    /// Reads a row of `columns`.
    init(_ row: Row) throws {
        guard let channel = Channel(column: row[1]), let reason = Reason(rawValue: row[3]) else {
            throw UnreadableRow(complaint: "a suppression is of a kind that this version does not know")
        }
        let address: Data? = row[2]
        let expiresAt: Int64? = row[8]
        self.init(
            channel: channel, address: try address.map { String(decoding: try KeptBody.opened($0), as: UTF8.self) },
            reason: reason, source: row[4], detail: row[5], sparesTransactional: row[6],
            createdAt: Timestamp(milliseconds: row[7]), expiresAt: expiresAt.map(Timestamp.init(milliseconds:)))
    }

    /// By the look-up value; one whose time is over too.
    static func row(_ key: Int64, on channel: Channel, _ db: Database) throws -> (seq: Int64, suppression: Suppression)?
    {
        let statement = try db.cachedStatement(sql: "\(columns) WHERE address_key = ? AND channel = ?")
        return try Row.fetchOne(statement, arguments: [key, channel.column]).map { ($0[0], try Suppression($0)) }
    }
}
