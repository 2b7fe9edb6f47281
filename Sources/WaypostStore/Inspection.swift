import Foundation
import GRDB
import WaypostCore

/// What `waypost fsck` finds: proof from the store alone, whether a router runs on it or not.
package struct Inspection: Equatable, Sendable {
    /// One line each; empty when all is well.
    package var findings: [String]
    package var messages: Int
    package var deliveries: Int

    /// Looks at a store without changing it. Throws `StoreError.unusable` when it cannot be opened.
    package static func of(path: String) throws(StoreError) -> Inspection {
        guard FileManager.default.fileExists(atPath: path) else { throw .unusable("\(path): no such store") }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            return try queue.read(inspect)
        } catch { throw .unusable("cannot read \(path): \(error)") }
    }

    private static func inspect(_ db: Database) throws -> Inspection {
        var findings: [String] = []
        let integrity = try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
        if integrity != ["ok"] { findings += integrity.map { "integrity: \($0)" } }
        let running = try Ledger(counted: db)
        let recounted = try Ledger(recounted: db)
        for channel in Channel.allCases {
            for state in DeliveryState.allCases where running[channel, state].live != recounted[channel, state].live {
                findings.append(
                    "ledger: \(channel.rawValue) \(state.word) is \(running[channel, state].live) in the books"
                        + " and \(recounted[channel, state].live) in the rows")
            }
        }
        if running.imbalance(against: recounted) != 0, findings.isEmpty {
            findings.append("ledger: what was accepted is not the sum over all states")
        }
        for (what, sql) in orphans {
            let count = try Int.fetchOne(db, sql: sql) ?? 0
            if count > 0 { findings.append("orphans: \(count) \(what)") }
        }
        return Inspection(
            findings: findings, messages: try Int.fetchOne(db, sql: "SELECT count(*) FROM message") ?? 0,
            deliveries: try Int.fetchOne(db, sql: "SELECT count(*) FROM delivery") ?? 0)
    }

    private static let orphans = [
        (
            "deliveries without a message",
            "SELECT count(*) FROM delivery d WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.seq = d.key / 1024)"
        ),
        (
            "messages without a delivery",
            """
            SELECT count(*) FROM message m
            WHERE NOT EXISTS (SELECT 1 FROM delivery d WHERE d.key BETWEEN m.seq * 1024 AND m.seq * 1024 + 1023)
            """
        ),
        (
            "attempts without a message",
            "SELECT count(*) FROM attempt a WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.seq = a.message)"
        ),
        (
            "events without a message",
            "SELECT count(*) FROM event e WHERE e.message <> 0 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.seq = e.message)"
        ),
        (
            "open messages without content",
            """
            SELECT count(*) FROM delivery d WHERE d.state <= 2
            AND NOT EXISTS (SELECT 1 FROM content c WHERE c.seq = d.key / 1024)
            """
        ),
    ]
}
