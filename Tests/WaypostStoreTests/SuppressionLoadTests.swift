import Foundation
import GRDB
import Testing
import WaypostCore

@testable import WaypostStore

/// What a long list costs. Only with WAYPOST_SUPPRESSIONS=10000000: it fills a store of about a gigabyte.
@Suite(.serialized) struct SuppressionLoadTests {
    private static let rows = ProcessInfo.processInfo.environment["WAYPOST_SUPPRESSIONS"].flatMap { Int($0) } ?? 0
    private static let messages = 20_000

    /// Rows of random keys on one channel, made by SQLite itself.
    private func fill(_ store: StoreFixture, _ count: Int) throws {
        store.close()
        let queue = try DatabaseQueue(path: store.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = OFF; PRAGMA cache_size = -500000")
            try db.execute(
                sql: """
                    INSERT INTO suppressed (channel, address_key, address, reason, source, created_at)
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    SELECT 0, random(), CAST(zeroblob(1) || 'somebody' || i || '@example.com' AS BLOB), 'hard_bounce',
                        'import', 0 FROM n
                    """, arguments: [count])
        }
        try queue.close()
        try store.reopen()
    }

    /// Messages kept a second, in transactions of 50 as under load.
    private func keepRate(_ store: StoreFixture) throws -> Double {
        let messages = (0..<Self.messages).map { _ in store.message() }
        let keyed = messages.enumerated().map { index, new in
            var new = new
            new.envelopes[0].addressKeys = [store.addresses.value(of: "new\(index)@example.com", on: .email)]
            return new
        }
        let start = ContinuousClock.now
        for first in stride(from: 0, to: keyed.count, by: 50) {
            try store.commits.perform("keep") { session in
                _ = try session.keep(Array(keyed[first..<first + 50])) { _ in nil }
            }
        }
        return Double(keyed.count) / (ContinuousClock.now - start).seconds
    }

    @Test(.enabled(if: rows > 0, "WAYPOST_SUPPRESSIONS is not set"))
    func `a look into a long list costs next to nothing`() throws {
        let empty = try StoreFixture()
        let without = try keepRate(empty)
        let full = try StoreFixture()
        try fill(full, Self.rows)
        let with = try keepRate(full)
        let looks = 100_000
        let spent = try full.commits.perform("look") { session in
            let start = ContinuousClock.now
            for key in 0..<looks {
                _ = try session.suppressionVerdict(
                    on: Int64.random(in: .min ... .max) &+ Int64(key), .email, for: .marketing)
            }
            return ContinuousClock.now - start
        }
        print(
            "rows \(Self.rows): kept a second \(Int(without)) without, \(Int(with)) with;",
            "\(Int(Double(looks) / spent.seconds)) look-ups a second")
        #expect(with > without / 2)
    }
}
