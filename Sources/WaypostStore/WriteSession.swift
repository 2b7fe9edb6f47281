import GRDB
import WaypostCore

/// The writing side of the store while a transaction is open: prepared statements, sequence numbers and the books.
///
/// What the program may change is said by the extensions of this type, one named method for each change. It lives on the
/// commit thread and never leaves it.
package final class WriteSession {
    let db: Database
    let epoch: Int64
    let addresses: AddressKey
    /// The moment of this transaction.
    package internal(set) var now = Timestamp(milliseconds: 0)
    private(set) var ledger: Ledger
    private var committedLedger: Ledger
    private var changed: Set<LedgerKey> = []
    private var lastMessage: Int64
    private var lastEvent: Int64
    /// false spares every message a look-up while nobody is suppressed. It may stay true when the last one has gone.
    var hasSuppressions: Bool
    /// The same of the ledger of consent.
    var hasConsents: Bool
    /// Receipts that wait for their attempt: 0 spares every outcome a look-up.
    var strays: Int
    private var committedStrays: Int
    /// What this transaction adds to the books of delivery rates.
    var tallies: [TallyKey: TallyCounts] = [:]

    struct LedgerKey: Hashable {
        let channel: Channel
        /// nil: accepted.
        let state: DeliveryState?
    }

    let insertMessage: HotStatement
    let insertContent: HotStatement
    let insertDelivery: HotStatement
    let insertAttempt: HotStatement
    let insertDecision: HotStatement
    let insertEvent: HotStatement
    let finishAttempt: HotStatement
    let moveDelivery: HotStatement
    let beginDelivery: HotStatement
    let findIdempotency: HotStatement
    let insertIdempotency: HotStatement
    let findSuppression: HotStatement
    let insertSuppression: HotStatement
    let findConsent: HotStatement
    let receiptStatements: ReceiptStatements
    private let saveLedger: HotStatement

    init(_ db: Database, epoch: Int64, addresses: AddressKey) throws {
        self.db = db
        self.epoch = epoch
        self.addresses = addresses
        ledger = try Ledger(counted: db)
        committedLedger = ledger
        lastMessage = try Self.last(db, "message")
        lastEvent = try Self.last(db, "event")
        hasSuppressions = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM suppressed)") ?? false
        hasConsents = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM consent)") ?? false
        strays = try Int.fetchOne(db, sql: "SELECT count(*) FROM stray") ?? 0
        committedStrays = strays
        receiptStatements = try ReceiptStatements(db)
        insertMessage = try HotStatement(
            db,
            """
            INSERT INTO message (seq, id, client, channel, type, created_at, expires_at, resend_of)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insertContent = try HotStatement(db, "INSERT INTO content (seq, body) VALUES (?, ?)")
        insertDelivery = try HotStatement(
            db,
            """
            INSERT INTO delivery (key, envelope, channel, role, address_key, state, owner, lane, due_at, changed_at, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insertAttempt = try HotStatement(
            db,
            """
            INSERT INTO attempt (message, number, id, envelope, provider, started_at, decision)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """)
        insertDecision = try HotStatement(db, "INSERT INTO decision (message, decided_at, body) VALUES (?, ?, ?)")
        insertEvent = try HotStatement(
            db,
            "INSERT INTO event (seq, message, ordinal, type, at, provider, detail, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        finishAttempt = try HotStatement(
            db,
            """
            UPDATE attempt SET duration = ?, outcome = ?, http_status = ?, provider_code = ?, detail = ?,
                cost = ?, currency = ?, reference_key = ?
            WHERE message = ? AND number = ?
            """)
        moveDelivery = try HotStatement(
            db,
            """
            UPDATE delivery SET state = ?, owner = ?, due_at = ?, round = ?, tried = ?, changed_at = ?,
                provider = coalesce(?, provider), reference = coalesce(?, reference), reason = ?
            WHERE key = ? AND state = ?
            """)
        beginDelivery = try HotStatement(
            db, "UPDATE delivery SET state = 2, owner = ?, changed_at = ? WHERE key = ? AND state = 1 AND owner = ?")
        findIdempotency = try HotStatement(
            db, "SELECT fingerprint, status, location, body FROM idempotency WHERE key = ? AND created_at > ?")
        insertIdempotency = try HotStatement(
            db,
            """
            INSERT OR REPLACE INTO idempotency (key, fingerprint, created_at, status, location, body) VALUES (?, ?, ?, ?, ?, ?)
            """)
        findSuppression = try HotStatement(
            db,
            """
            SELECT reason, detail, spares FROM suppressed
            WHERE address_key = ? AND channel = ? AND (expires_at IS NULL OR expires_at > ?)
            """)
        insertSuppression = try HotStatement(
            db,
            """
            INSERT INTO suppressed
                (channel, address_key, address, reason, source, detail, spares, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (address_key, channel) DO UPDATE SET
                address = coalesce(excluded.address, address), reason = excluded.reason, source = excluded.source,
                detail = excluded.detail, spares = excluded.spares, created_at = excluded.created_at,
                expires_at = excluded.expires_at
            WHERE expires_at <= excluded.created_at OR expires_at < coalesce(excluded.expires_at, expires_at + 1)
                OR spares > excluded.spares
            """)
        findConsent = try HotStatement(db, Consent.lastWord)
        saveLedger = try HotStatement(
            db,
            """
            INSERT INTO ledger (channel, state, live, retired) VALUES (?, ?, ?, ?)
            ON CONFLICT (channel, state) DO UPDATE SET live = excluded.live, retired = excluded.retired
            """)
    }

    /// Sequence numbers are never given twice, also when the newest rows have been purged.
    private static func last(_ db: Database, _ table: String) throws -> Int64 {
        let newest = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM \(table)") ?? 0
        let floor =
            try Int64.fetchOne(db, sql: "SELECT value FROM store WHERE name = ?", arguments: ["\(table)_floor"]) ?? 0
        return max(newest, floor)
    }

    /// To be called before rows of `message` or `event` are deleted.
    func keepSequenceFloors() throws {
        for (table, value) in [("message", lastMessage), ("event", lastEvent)] {
            try db.execute(
                sql: "INSERT OR REPLACE INTO store (name, value) VALUES (?, ?)", arguments: ["\(table)_floor", value])
        }
    }

    func nextMessage() -> Int64 {
        lastMessage += 1
        return lastMessage
    }

    func nextEvent() -> Int64 {
        lastEvent += 1
        return lastEvent
    }

    // MARK: Books

    func accept(_ count: Int, on channel: Channel) {
        ledger.accept(count, on: channel)
        changed.insert(LedgerKey(channel: channel, state: nil))
    }

    func count(_ change: Int, _ state: DeliveryState, on channel: Channel) {
        ledger[channel, state].live += change
        changed.insert(LedgerKey(channel: channel, state: state))
    }

    func retire(_ count: Int, _ state: DeliveryState, on channel: Channel) {
        ledger[channel, state].live -= count
        ledger[channel, state].retired += count
        changed.insert(LedgerKey(channel: channel, state: state))
    }

    /// Begins a transaction's work; `finish` or `abandon` ends it.
    func start(at now: Timestamp) {
        self.now = now
        changed.removeAll(keepingCapacity: true)
        tallies.removeAll(keepingCapacity: true)
    }

    /// Writes the books that have changed; the last thing before the commit.
    func finish() throws {
        try saveTallies()
        for key in changed {
            let entry = key.state.map { ledger[key.channel, $0] } ?? .init(live: ledger.accepted[key.channel] ?? 0)
            try saveLedger.run {
                $0.add(key.channel.column)
                $0.add(key.state?.rawValue ?? -1)
                $0.add(entry.live)
                $0.add(entry.retired)
            }
        }
    }

    func committed() {
        committedLedger = ledger
        committedStrays = strays
    }

    func abandon() {
        ledger = committedLedger
        strays = committedStrays
    }

    /// Tells the feed that a delivery entered a state, or what a provider said of it. Message 0: of none that we sent.
    /// `data`: further facts, an object in JSON.
    func append(
        _ type: EventType, of message: Int64, ordinal: Int, provider: String?, detail: String?, data: [UInt8]? = nil
    ) throws {
        let seq = nextEvent()
        try insertEvent.run {
            $0.add(seq)
            $0.add(message)
            $0.add(ordinal)
            $0.add(type.rawValue)
            $0.add(now)
            $0.add(provider)
            $0.add(detail)
            if let data { $0.add([UInt8](KeptBody.closed(data))) } else { $0.addNull() }
        }
    }
}

extension Ledger {
    /// The counters as they are kept.
    init(counted db: Database) throws {
        self.init()
        for row in try Row.fetchAll(db, sql: "SELECT channel, state, live, retired FROM ledger") {
            guard let channel = Channel(column: row[0]) else { continue }
            if let state = DeliveryState(rawValue: row[1]) {
                self[channel, state] = Entry(live: row[2], retired: row[3])
            } else {
                accept(row[2], on: channel)
            }
        }
    }

    /// The rows, counted anew.
    init(recounted db: Database) throws {
        self.init()
        for row in try Row.fetchAll(db, sql: "SELECT channel, state, count(*) FROM delivery GROUP BY channel, state") {
            guard let channel = Channel(column: row[0]), let state = DeliveryState(rawValue: row[1]) else { continue }
            self[channel, state].live = row[2]
        }
    }
}
