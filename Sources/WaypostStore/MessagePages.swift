import GRDB
import WaypostCore

/// One page of a list of messages, newest first.
package struct MessagePage: Equatable, Sendable {
    package var records: [MessageRecord]
    /// After which message the list goes on; nil: it is over.
    package var next: Int64?

    package init(records: [MessageRecord], next: Int64?) {
        self.records = records
        self.next = next
    }
}

/// A list that must answer soon however large the store is: a filter that few messages pass is a walk, and a page ends when
/// it has found nothing more for a while, telling where to go on.
extension MessageReader {
    /// How long a page may walk without finding anything more.
    package static let pagePatience: Duration = .milliseconds(20)
    /// Sequence numbers looked at between two looks at the clock.
    private static let stride: Int64 = 2048

    /// At most `limit` messages that pass the filter; fewer, with a `next`, when the walk took too long to find them.
    package func messagePage(
        _ filter: MessageFilter, after: Int64?, limit: Int, patience: Duration = pagePatience
    ) throws -> MessagePage {
        try pool.read { db in
            let started = ContinuousClock.now
            var foundAt = started
            // However much it finds in between, it must answer.
            func isOver() -> Bool {
                let now = ContinuousClock.now
                return now - foundAt > patience || now - started > patience * 50
            }
            let newest = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM message") ?? 0
            let oldest = try Int64.fetchOne(db, sql: "SELECT min(seq) FROM message") ?? 1
            var top = min(after ?? newest + 1, newest + 1)
            var found: [MessageRecord] = []
            while top > oldest {
                let addressed = try self.addressed(filter, below: top, db)
                if addressed?.isEmpty == true { break }
                // What one address was sent lies far apart: those rows are gone to one by one.
                let floor = addressed?.last ?? max(oldest, top - Self.stride)
                let room = limit + 1 - found.count
                let rows = try self.rows(filter, from: floor, below: top, atMost: room, among: addressed, db)
                for row in rows {
                    let seq: Int64 = row[0]
                    if let record = try self.match(row, filter, db) {
                        // The one beyond the page only says that there is more.
                        guard found.count < limit else { return MessagePage(records: found, next: found.last?.seq) }
                        found.append(record)
                        foundAt = .now
                    }
                    guard seq > oldest else { return MessagePage(records: found, next: nil) }
                    if isOver() { return MessagePage(records: found, next: seq) }
                }
                top = rows.count == room ? rows.last.map { $0[0] } ?? floor : floor
                if top > oldest, isOver() {
                    return MessagePage(records: found, next: top)
                }
            }
            return MessagePage(records: found, next: nil)
        }
    }

    /// The newest first, all that there are up to `limit`, however long it takes; `after` is the cursor of the last one seen.
    package func messages(_ filter: MessageFilter, after: Int64?, limit: Int) throws -> [MessageRecord] {
        var found: [MessageRecord] = []
        var after = after
        while found.count < limit {
            let page = try messagePage(filter, after: after, limit: limit - found.count)
            found += page.records
            guard let next = page.next else { break }
            after = next
        }
        return found
    }

    /// Messages to the filter's address, newest first, some at a time; nil where it names none.
    private func addressed(_ filter: MessageFilter, below top: Int64, _ db: Database) throws -> [Int64]? {
        guard let keys = addressKeys(filter) else { return nil }
        let statement = try db.cachedStatement(
            sql: "SELECT key / 1024 FROM delivery WHERE address_key = ? AND key < ? ORDER BY key DESC LIMIT 200")
        var found: Set<Int64> = []
        // Beyond the shortest list that was cut nothing is known of the others.
        var horizon = Int64.min
        for key in keys {
            let seqs = try Int64.fetchAll(statement, arguments: [key, DeliveryKey.first(of: top)])
            found.formUnion(seqs)
            if seqs.count == 200, let last = seqs.last { horizon = max(horizon, last) }
        }
        return found.filter { $0 >= horizon }.sorted(by: >)
    }

    private func rows(
        _ filter: MessageFilter, from floor: Int64, below top: Int64, atMost count: Int, among seqs: [Int64]?,
        _ db: Database
    ) throws -> [Row] {
        var (conditions, arguments) = conditions(filter, after: nil)
        conditions += " AND seq >= ? AND seq < ?"
        arguments += [floor, top]
        if let seqs { conditions += " AND seq IN (\(seqs.map(String.init).joined(separator: ",")))" }
        if !filter.statuses.isEmpty {
            // A message is in a state only when a delivery of it is.
            let states = filter.statuses.map { String($0.rawValue) }.joined(separator: ",")
            conditions += """
                 AND EXISTS (SELECT 1 FROM delivery WHERE key BETWEEN seq * 1024 AND seq * 1024 + 1023
                    AND state IN (\(states)))
                """
        }
        if let tag = filter.tag {
            // A tag needs no escapes, so that it stands in a plain content as it is.
            conditions += """
                 AND EXISTS (SELECT 1 FROM content c WHERE c.seq = message.seq
                    AND (substr(c.body, 1, 1) <> x'00' OR instr(c.body, CAST(? AS BLOB)) > 0))
                """
            arguments += ["\"\(tag)\""]
        }
        arguments += [count]
        return try Row.fetchAll(
            db, sql: "\(Self.columns) WHERE \(conditions) ORDER BY seq DESC LIMIT ?", arguments: arguments)
    }

    /// What no column says: a message's state is derived from all of its deliveries, a tag lies in its content.
    private func match(_ row: Row, _ filter: MessageFilter, _ db: Database) throws -> MessageRecord? {
        let record = try self.record(db, row)
        if !filter.statuses.isEmpty, !filter.statuses.contains(record.state) { return nil }
        if let tag = filter.tag, !record.message.tags.contains(tag) { return nil }
        return record
    }
}
