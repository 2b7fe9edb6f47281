import Foundation
import GRDB
import WaypostCore
import WaypostCrypto

/// What somebody did to the router, as the audit trail keeps it. It holds neither secrets nor addresses: a recipient stands
/// in it as a look-up hash.
package struct AuditEntry: Equatable, Sendable {
    /// Closed: what the trail tells of.
    package enum Action: String, CaseIterable, Sendable {
        case routerStarted = "router.started"
        case routerStopped = "router.stopped"
        case configurationRead = "configuration.read"
        case configurationReloaded = "configuration.reloaded"
        case configurationRefused = "configuration.refused"
        case sendingStopped = "emergency.stop_sending"
        case sendingResumed = "emergency.resume"
        case switchedToBackup = "emergency.switch_to_backup"
        case queueCleared = "emergency.clear_queue"
        case limitsReset = "emergency.reset_rate_limits"
        case breakersOpened = "emergency.open_breakers"
        case providerDisabled = "provider.disabled"
        case providerEnabled = "provider.enabled"
        case breakerHeld = "breaker.held"
        case breakerReleased = "breaker.released"
        case overrideLifted = "override.lifted"
        case overrideExpired = "override.expired"
        case lettersReplayed = "dead_letters.replayed"
        case lettersPurged = "dead_letters.purged"
        case lettersResolved = "dead_letters.resolved"
        case endpointEnabled = "endpoint.enabled"
        case endpointDisabled = "endpoint.disabled"
        case suppressionPut = "suppression.put"
        case suppressionDeleted = "suppression.deleted"
        case suppressionsImported = "suppression.imported"
        case consentPut = "consent.put"
        case consentWithdrawn = "consent.withdrawn"
        case userDeleted = "user.deleted"
    }

    /// The client's name; `provider:` and its name for what happens on a provider's word; `signal:SIGHUP`; `waypost` for what
    /// the router does by itself. No client can have a name with a colon.
    package var actor: String
    package var action: Action
    /// Empty where the action says it all.
    package var target: String
    package var reason: String
    /// An object in JSON.
    package var data: String

    package init(_ action: Action, by actor: String, target: String = "", reason: String = "", data: String = "{}") {
        self.actor = actor
        self.action = action
        self.target = target
        self.reason = reason
        self.data = data
    }

    /// Who acts where nobody asked.
    package static let router = "waypost"

    /// Whoever may send signals to the process.
    package static let signal = "signal:SIGHUP"

    /// A provider, by the name of its entry.
    package static func provider(_ name: String) -> String { "provider:\(name)" }
}

/// A row of the trail. Each holds the hash of the one before, so that none can be changed, taken out or put in between
/// without breaking all that follow.
package struct AuditRecord: Equatable, Sendable {
    package var seq: Int64
    package var at: Timestamp
    package var actor: String
    /// As text, so that rows of other versions can be read.
    package var action: String
    package var target: String
    package var reason: String
    package var data: String
    package var previous: [UInt8]
    package var hash: [UInt8]

    /// SHA-256 over the hash before and the row: numbers as eight bytes, texts with their lengths, so that no two rows have
    /// the same bytes.
    var trueHash: [UInt8] {
        var bytes = previous
        func add(_ number: Int64) { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
        add(seq)
        add(at.milliseconds)
        for text in [actor, action, target, reason, data] {
            add(Int64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        return SHA256.hash(bytes)
    }

    init(_ entry: AuditEntry, seq: Int64, at: Timestamp, previous: [UInt8]) {
        self.seq = seq
        self.at = at
        actor = entry.actor
        action = entry.action.rawValue
        target = entry.target
        reason = entry.reason
        data = entry.data
        self.previous = previous
        hash = []
        hash = trueHash
    }

    /// `row`: the columns of `AuditCheck`, texts as bytes.
    init(bytesOf row: Row) {
        func text(_ index: Int) -> String { String(decoding: row[index] as Data? ?? Data(), as: UTF8.self) }
        seq = row[0]
        at = Timestamp(milliseconds: row[1])
        actor = text(2)
        action = text(3)
        target = text(4)
        reason = text(5)
        data = text(6)
        previous = [UInt8](row[7] as Data)
        hash = [UInt8](row[8] as Data)
    }

    static let columns = "seq, at, actor, action, target, reason, data, previous, hash"

    init(_ row: Row) {
        seq = row[0]
        at = Timestamp(milliseconds: row[1])
        actor = row[2]
        action = row[3]
        target = row[4]
        reason = row[5]
        data = row[6]
        previous = [UInt8](row[7] as Data)
        hash = [UInt8](row[8] as Data)
    }
}

/// A place in the chain: the number and the hash of a row that is, or was, in it.
struct AuditPoint: Equatable {
    var seq: Int64
    var hash: [UInt8]

    /// Before the first row.
    static let origin = AuditPoint(seq: 0, hash: [UInt8](repeating: 0, count: SHA256.digestSize))

    /// Which two are kept beside the rows.
    enum Name: String {
        /// The newest row: a tail that was cut off is missed by it.
        case head = "audit_head"
        /// The last row that retention took away: the chain begins after it.
        case anchor = "audit_anchor"
    }

    static func read(_ name: Name, _ db: Database) throws -> AuditPoint? {
        let find = try db.cachedStatement(sql: "SELECT value FROM store WHERE name = ?")
        guard let value = try Data.fetchOne(find, arguments: [name.rawValue]), value.count == 8 + SHA256.digestSize
        else { return nil }
        let bytes = [UInt8](value)
        return AuditPoint(seq: bytes[..<8].reduce(0) { $0 << 8 | Int64($1) }, hash: Array(bytes[8...]))
    }

    func keep(as name: Name, _ db: Database) throws {
        let value = withUnsafeBytes(of: seq.bigEndian) { Data($0) } + Data(hash)
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO store (name, value) VALUES (?, ?)")
            .execute(arguments: [name.rawValue, value])
    }
}

extension WriteSession {
    /// Adds to the trail, in the transaction of what it tells of.
    package func audit(_ entry: AuditEntry) throws {
        let head = try AuditPoint.read(.head, db) ?? .origin
        let record = AuditRecord(entry, seq: head.seq + 1, at: now, previous: head.hash)
        try db.cachedStatement(
            sql: "INSERT INTO audit (\(AuditRecord.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            record.seq, record.at.milliseconds, record.actor, record.action, record.target, record.reason, record.data,
            Data(record.previous), Data(record.hash),
        ])
        try AuditPoint(seq: record.seq, hash: record.hash).keep(as: .head, db)
    }

    /// How a recipient stands in the trail: the channel, and the look-up hash in place of the address (normal form).
    package func auditName(of address: String, on channel: Channel) -> String {
        auditName(of: addresses.value(of: address, on: channel), on: channel)
    }

    /// The same where the look-up value is known.
    func auditName(of key: Int64, on channel: Channel) -> String {
        let bits = UInt64(bitPattern: key)
        return "\(channel.rawValue)/" + Hex.encode(withUnsafeBytes(of: bits.bigEndian) { [UInt8]($0) })
    }

    /// Takes away the oldest rows; the chain goes on from the last of them, whose hash is kept. Returns how many went.
    package func forgetAudit(before limit: Timestamp, atMost count: Int) throws -> Int {
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT seq, at, hash FROM audit ORDER BY seq LIMIT ?"), arguments: [count])
        let old = rows.prefix { $0[1] < limit.milliseconds }
        guard let last = old.last else { return 0 }
        let anchor = AuditPoint(seq: last[0], hash: [UInt8](last[2] as Data))
        try db.cachedStatement(sql: "DELETE FROM audit WHERE seq <= ?").execute(arguments: [anchor.seq])
        try anchor.keep(as: .anchor, db)
        return old.count
    }
}
