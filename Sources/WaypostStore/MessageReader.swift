import Foundation
import GRDB
import WaypostCore

/// What the program asks about messages, answered beside the writer by connections that cannot write.
///
/// Every question is one short read transaction: a long one would keep the log from being checkpointed. Calls block.
package struct MessageReader: Sendable {
    let database: StoreFile
    private let addresses: AddressKey
    private let decode: @Sendable ([UInt8]) -> Message?

    /// `decode` reads a content row's body; nil where it cannot be read any more.
    package init(_ database: StoreFile, addresses: AddressKey, decode: @escaping @Sendable ([UInt8]) -> Message?) {
        self.database = database
        self.addresses = addresses
        self.decode = decode
    }

    /// The message with content, attempts and events; nil when there is none, or it belongs to another client.
    package func message(_ id: MessageID, client: ClientName?) throws -> MessageRecord? {
        try database.pool.read { try message(id, client: client, $0) }
    }

    /// The same in the middle of a transaction that changes it, for the answer that is kept with the change.
    package func message(_ id: MessageID, within session: WriteSession) throws -> MessageRecord? {
        try message(id, client: nil, session.db)
    }

    private func message(_ id: MessageID, client: ClientName?, _ db: Database) throws -> MessageRecord? {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "\(Self.columns) WHERE id = ? AND (? IS NULL OR client = ?)"),
            arguments: [id.value.data, client?.text, client?.text])
        return try row.map { try whole(db, $0) }
    }

    /// Messages with a delivery that is dead or in doubt, newest first.
    package func deadLetters(_ filter: MessageFilter, after: Int64?, limit: Int) throws -> [MessageRecord] {
        try database.pool.read { db in
            var (conditions, arguments) = self.conditions(filter, after: after)
            if let keys = addressKeys(filter) {
                let marks = keys.map { _ in "?" }.joined(separator: ",")
                conditions += " AND seq IN (SELECT key / 1024 FROM delivery WHERE address_key IN (\(marks)))"
                arguments += StatementArguments(keys)
            }
            let states = filter.statuses.isEmpty ? [.dead, .inDoubt] : filter.statuses
            conditions += """
                 AND seq IN (SELECT key / 1024 FROM delivery WHERE state IN (7, 11)
                    AND state IN (\(states.map { String($0.rawValue) }.joined(separator: ",")))
                    AND (? IS NULL OR reason LIKE ? ESCAPE '\\'))
                """
            let pattern = filter.reason.map(Self.prefixPattern)
            arguments += [pattern, pattern]
            var found: [MessageRecord] = []
            let cursor = try Row.fetchCursor(
                db, sql: "\(Self.columns) WHERE \(conditions) ORDER BY seq DESC", arguments: arguments)
            while found.count < limit, let row = try cursor.next() {
                let record = try self.record(db, row)
                if let tag = filter.tag, !record.message.tags.contains(tag) { continue }
                found.append(record)
            }
            return found
        }
    }

    /// The feed, oldest first; `after` is the cursor of the last event seen. Events that belong to no message are everybody's.
    package func events(after: Int64, client: ClientName?, limit: Int, upTo last: Int64 = .max) throws -> [EventRecord]
    {
        try database.pool.read { db in
            let rows = try db.cachedStatement(
                sql: """
                    SELECT e.seq, m.id, e.type, e.at, e.provider, e.detail, e.data, e.message
                    FROM event e LEFT JOIN message m ON m.seq = e.message
                    WHERE e.seq > ? AND e.seq <= ? AND (? IS NULL OR m.client = ? OR e.message = 0) ORDER BY e.seq LIMIT ?
                    """)
            var read: (seq: Int64, metadata: [Message.KeyValue]) = (0, [])
            return try Row.fetchAll(rows, arguments: [after, last, client?.text, client?.text, limit]).compactMap {
                row in
                guard var event = try Self.event(row) else { return nil }
                if event.message != nil {
                    // Events of one message mostly stand together.
                    if read.seq != row[7] {
                        read = (row[7], decode(try WriteSession.content(db, row[7]))?.metadata ?? [])
                    }
                    event.metadata = read.metadata
                }
                return event
            }
        }
    }

    /// The feed's next page. A client that few of the events belong to gets them some at a time: `next` is how far was looked.
    package func eventPage(after: Int64, client: ClientName?, limit: Int) throws -> (events: [EventRecord], next: Int64)
    {
        guard client != nil else {
            let events = try events(after: after, client: nil, limit: limit)
            return (events, events.last?.seq ?? after)
        }
        let newest = try database.pool.read { try Int64.fetchOne($0, sql: "SELECT max(seq) FROM event") } ?? after
        let horizon = min(newest, after + Self.eventStride)
        let events = try events(after: after, client: client, limit: limit, upTo: horizon)
        return (events, events.count == limit ? events.last?.seq ?? horizon : max(after, horizon))
    }

    /// Sequence numbers that a page of the feed looks at for one client, at most.
    private static let eventStride: Int64 = 20_000

    /// Why a message went where it went: the recorded decisions (JSON) in order, those that led to an attempt and those that
    /// did not; nil when there is no such message.
    package func decisions(of id: MessageID, client: ClientName?) throws -> [String]? {
        try database.pool.read { db in
            guard
                let seq = try Int64.fetchOne(
                    db.cachedStatement(sql: "SELECT seq FROM message WHERE id = ? AND (? IS NULL OR client = ?)"),
                    arguments: [id.value.data, client?.text, client?.text])
            else { return nil }
            return try String.fetchAll(
                db,
                sql: """
                    SELECT body FROM (
                        SELECT decision AS body, started_at AS at, 1 AS kind, number AS place FROM attempt WHERE message = ?
                        UNION ALL
                        SELECT body, decided_at, 0, seq FROM decision WHERE message = ?
                    ) ORDER BY at, kind, place
                    """, arguments: [seq, seq])
        }
    }

    /// Since when the oldest delivery of each of these channels has been due.
    package func oldestDue(on channels: [Channel], epoch: Int64) throws -> [Channel: Timestamp] {
        try database.pool.read { db in
            var oldest: [Channel: Timestamp] = [:]
            let statement = try db.cachedStatement(
                sql: """
                    SELECT min(due_at) FROM delivery INDEXED BY delivery_open
                    WHERE state <= 2 AND owner = ? AND channel = ? AND lane = ?
                    """)
            for owner in [0, epoch] {
                var place = try OpenPlace.after(-1, -1, owner: owner, db)
                while let open = place {
                    place = try OpenPlace.after(open.channel, open.lane, owner: owner, db)
                    guard let channel = Channel(column: open.channel), channels.contains(channel),
                        let due = try Int64?.fetchOne(statement, arguments: [owner, open.channel, open.lane]) ?? nil
                    else { continue }
                    oldest[channel] = min(oldest[channel] ?? Timestamp(milliseconds: due), Timestamp(milliseconds: due))
                }
            }
            return oldest
        }
    }

    /// The running counters beside a recount of the rows, both of one moment.
    package func books() throws -> (running: Ledger, recounted: Ledger) {
        try database.pool.read { db in (try Ledger(counted: db), try Ledger(recounted: db)) }
    }

    /// Bytes of the database and of its write-ahead log.
    package func size() -> (database: Int, log: Int) {
        func bytes(_ path: String) -> Int {
            var facts = stat()
            return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
        }
        return (bytes(database.pool.path), bytes(database.pool.path + "-wal"))
    }

    /// For the lists beside this file.
    var pool: DatabasePool { database.pool }

    // MARK: Rows

    static let columns = "SELECT seq, id, client, channel, type, created_at, expires_at, resend_of FROM message"

    private static func prefixPattern(_ text: String) -> String {
        text.reduce(into: "") { pattern, character in
            if "%_\\".contains(character) { pattern.append("\\") }
            pattern.append(character)
        } + "%"
    }

    func conditions(_ filter: MessageFilter, after: Int64?) -> (sql: String, arguments: StatementArguments) {
        var parts = ["1"]
        var arguments = StatementArguments()
        func add(_ part: String, _ values: any DatabaseValueConvertible...) {
            parts.append(part)
            arguments += StatementArguments(values)
        }
        if let after { add("seq < ?", after) }
        if let client = filter.client { add("client = ?", client.text) }
        if let channel = filter.channel { add("channel = ?", channel.rawValue) }
        if let type = filter.type { add("type = ?", type.rawValue) }
        if let time = filter.createdAfter { add("created_at >= ?", time.milliseconds) }
        if let time = filter.createdBefore { add("created_at < ?", time.milliseconds) }
        return (parts.joined(separator: " AND "), arguments)
    }

    /// Under which look-up values the filter's address may stand; nil where it names none.
    func addressKeys(_ filter: MessageFilter) -> [Int64]? {
        filter.to.map { to in
            (filter.channel.map { [$0] } ?? Channel.allCases).map {
                addresses.value(of: NormalizedAddress.of(to, on: $0), on: $0)
            }
        }
    }

    /// The ledger's line, with the message as far as its content is kept.
    func record(_ db: Database, _ row: Row) throws -> MessageRecord {
        let seq: Int64 = row[0]
        let deliveries = try deliveries(db, seq)
        let kept = decode(try WriteSession.content(db, seq))
        var message = kept ?? Self.withoutContent(row)
        message.expiresAt = Timestamp(milliseconds: row[6])
        let state = DeliveryState.ofMessage(with: deliveries.map(\.state))
        let speaking = deliveries.first { $0.state == state }
        var record = MessageRecord(
            seq: seq, message: message, state: state,
            updatedAt: deliveries.map(\.updatedAt).max() ?? message.createdAt)
        record.isContentRetained = kept != nil
        record.statusReason = speaking?.reason
        record.provider = speaking?.provider
        record.providerMessageID = speaking?.reference
        let addresses = kept?.content.deliveries.map(\.address) ?? []
        record.deliveries = deliveries.map { delivery in
            var delivery = delivery
            delivery.address = addresses.indices.contains(delivery.ordinal) ? addresses[delivery.ordinal] : nil
            return delivery
        }
        return record
    }

    /// What the ledger alone knows of a message.
    private static func withoutContent(_ row: Row) -> Message {
        let resendOf: Data? = row[7]
        var message = Message(
            id: MessageID(ULID(data: row[1])), client: ClientName(row[2]),
            content: .nothing(on: Channel(rawValue: row[3]) ?? .email),
            createdAt: Timestamp(milliseconds: row[5]), expiresAt: Timestamp(milliseconds: row[6]), traceparent: "")
        message.type = MessageType(rawValue: row[4]) ?? .transactional
        message.resendOf = resendOf.map { MessageID(ULID(data: $0)) }
        return message
    }

    private func deliveries(_ db: Database, _ seq: Int64) throws -> [DeliveryRecord] {
        let rows = try db.cachedStatement(
            sql: """
                SELECT key, role, state, reason, provider, reference, changed_at FROM delivery
                WHERE key BETWEEN ? AND ? ORDER BY key
                """)
        return try Row.fetchAll(rows, arguments: [DeliveryKey.first(of: seq), DeliveryKey.last(of: seq)]).map { row in
            var record = DeliveryRecord(
                ordinal: DeliveryKey.ordinal(of: row[0]), role: Delivery.Role(rawValue: row[1]) ?? .to, address: nil,
                state: DeliveryState(rawValue: row[2]) ?? .queued, updatedAt: Timestamp(milliseconds: row[6]))
            let provider: String? = row[4]
            record.reason = row[3]
            record.provider = provider.flatMap { ProviderName($0) }
            record.reference = row[5]
            return record
        }
    }

    private func whole(_ db: Database, _ row: Row) throws -> MessageRecord {
        var record = try record(db, row)
        let attempts = try db.cachedStatement(
            sql: """
                SELECT id, provider, started_at, duration, outcome, http_status, provider_code, detail, cost, currency,
                    envelope
                FROM attempt WHERE message = ? ORDER BY number % \(AttemptKey.perEnvelope), number
                """)
        let rows = try Row.fetchAll(attempts, arguments: [record.seq])
        record.attempts = rows.map { row in
            var attempt = Self.attempt(row)
            if record.message.channel == .push, record.deliveries.count > 1 { attempt.delivery = row[10] }
            return attempt
        }
        record.cost = Cost.sum(rows.compactMap(Self.cost))
        let events = try db.cachedStatement(
            sql: """
                SELECT e.seq, m.id, e.type, e.at, e.provider, e.detail, e.data
                FROM event e JOIN message m ON m.seq = e.message WHERE e.message = ? ORDER BY e.seq
                """)
        record.events = try Row.fetchAll(events, arguments: [record.seq]).compactMap(Self.event)
        return record
    }

    private static func cost(_ row: Row) -> Cost? {
        guard let micros: Int64 = row[8], let currency: String = row[9] else { return nil }
        return Cost(micros: micros, currency: currency)
    }

    private static func attempt(_ row: Row) -> AttemptRecord {
        let provider: String = row[1]
        let duration: Int64? = row[3]
        let outcome: String? = row[4]
        var ending: AttemptRecord.Ending?
        if let duration, let outcome {
            ending = .init(
                duration: .microseconds(duration), outcome: outcome, httpStatus: row[5], providerCode: row[6],
                detail: row[7])
        }
        return AttemptRecord(
            id: AttemptID(ULID(data: row[0])), provider: ProviderName(stringLiteral: provider),
            startedAt: Timestamp(milliseconds: row[2]), ending: ending)
    }

    /// nil for a type that this version does not know.
    static func event(_ row: Row) throws -> EventRecord? {
        guard let type = EventType(rawValue: row[2]) else { return nil }
        let provider: String? = row[4]
        let message: Data? = row[1]
        let data: Data? = row[6]
        var record = EventRecord(
            seq: row[0], message: message.map { MessageID(ULID(data: $0)) }, type: type,
            at: Timestamp(milliseconds: row[3]))
        record.data = try data.map(KeptBody.opened)
        record.provider = provider.flatMap { ProviderName($0) }
        record.detail = row[5]
        return record
    }
}
