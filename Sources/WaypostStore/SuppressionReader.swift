import GRDB
import WaypostCore

/// Which suppressions a list is about; every condition that is set must hold.
package struct SuppressionFilter: Equatable, Sendable {
    package var channel: Channel?
    package var reason: Suppression.Reason?
    package var source: String?
    /// In its normal form; it needs a channel, since the same text is another address on another one.
    package var address: String?

    package init() {}
}

/// What the program asks about suppressed addresses, answered beside the writer by connections that cannot write.
///
/// Every question is one short read transaction. Calls block.
package struct SuppressionReader: Sendable {
    private let database: StoreFile
    private let addresses: AddressKey
    /// Rows that one page looks at, at most: a filter that fits few of ten million must not hold a reader for seconds.
    package static let looked = 100_000

    package init(_ database: StoreFile, addresses: AddressKey) {
        self.database = database
        self.addresses = addresses
    }

    /// One page of a list.
    package struct Page: Sendable {
        package var rows: [Suppression]
        /// The sequence number to go on after; nil on the last page. A page may be short, even empty, and have one.
        package var next: Int64?
    }

    /// What is in force against an address in its normal form.
    package func suppression(of address: String, on channel: Channel, at now: Timestamp) throws -> Suppression? {
        let key = addresses.value(of: address, on: channel)
        return try database.pool.read { db in
            try Suppression.row(key, on: channel, db)?.suppression
        }.flatMap { found in
            guard found.isInForce(at: now) else { return nil }
            var found = found
            found.address = address
            return found
        }
    }

    /// The newest first; `after` is the sequence number of the last one looked at.
    package func suppressions(
        _ filter: SuppressionFilter, after: Int64?, limit: Int, at now: Timestamp
    ) throws -> Page {
        if let address = filter.address, let channel = filter.channel {
            let one = try suppression(of: address, on: channel, at: now)
            let fits = one.map { one in
                (filter.reason.map { $0 == one.reason } ?? true) && (filter.source.map { $0 == one.source } ?? true)
            }
            return Page(rows: after == nil && fits == true ? [one].compactMap(\.self) : [], next: nil)
        }
        return try database.pool.read { db in
            var page = Page(rows: [], next: nil)
            var last = after
            var looked = 0
            let cursor = try Row.fetchCursor(
                db.cachedStatement(sql: "\(Suppression.columns) WHERE seq < ? ORDER BY seq DESC LIMIT ?"),
                arguments: [after ?? .max, Self.looked])
            while let row = try cursor.next() {
                looked += 1
                if Self.fits(row, filter, at: now), let suppression = try? Suppression(row) {
                    guard page.rows.count < limit else {
                        page.next = last
                        return page
                    }
                    page.rows.append(suppression)
                }
                last = row[0]
            }
            if looked == Self.looked { page.next = last }
            return page
        }
    }

    /// Asked of the columns, before anything of a row that does not fit is opened.
    private static func fits(_ row: Row, _ filter: SuppressionFilter, at now: Timestamp) -> Bool {
        let expiresAt: Int64? = row[8]
        if let expiresAt, expiresAt <= now.milliseconds { return false }
        if let channel = filter.channel, row[1] as Int != channel.column { return false }
        if let reason = filter.reason, row[3] as String != reason.rawValue { return false }
        if let source = filter.source, row[4] as String != source { return false }
        return true
    }
}
