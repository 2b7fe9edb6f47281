import Foundation
import GRDB
import Testing
import WaypostCore

@testable import WaypostStore

/// Messages in the store that is measured; nil: none is.
private let largeStoreSize = ProcessInfo.processInfo.environment["WAYPOST_LARGE_STORE"].flatMap { Int($0) }

/// What the questions cost on a store of a million messages. `WAYPOST_LARGE_STORE=1000000 swift test -c release --filter
/// LargeStoreTests` fills one (a minute or so) and prints each question's time.
@Suite(.enabled(if: largeStoreSize != nil)) struct LargeStoreTests {
    private static let limit: Duration = .milliseconds(50)

    /// A message in 10 is of SMS, one in 20 marketing, one in 50,000 dead; nine of ten are delivered. 28 days of traffic.
    private static func fill(_ store: StoreFixture, _ count: Int) throws {
        let template = store.message(begun: nil).message
        var tagged = template
        tagged.tags = ["rare"]
        let (plain, rare) = ([0] + template.encoded(), [0] + tagged.encoded())
        let now = SystemTime().wallNow.milliseconds
        let step = 28 * 86_400_000 / count
        let key = store.addresses.value(of: "user0@example.com", on: .email)
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))"
        let at = "\(now) - (\(count) - i) * \(step)"
        let channel = "CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END"
        let state = "CASE WHEN i % 50000 = 7 THEN 7 WHEN i % 10 = 3 THEN 3 ELSE 4 END"
        try store.commits.perform("fill") { session in
            try session.db.execute(
                sql: """
                    \(numbers) INSERT INTO message (seq, id, client, channel, type, created_at, expires_at)
                    SELECT i, randomblob(16), CASE WHEN i % 100000 = 1 THEN 'rare' ELSE 'shop' END,
                        CASE WHEN i % 10 = 0 THEN 'sms' ELSE 'email' END,
                        CASE WHEN i % 20 = 0 THEN 'marketing' ELSE 'transactional' END, \(at), \(at) + 86400000 FROM n;
                    """)
            try session.db.execute(
                sql: """
                    \(numbers) INSERT INTO content (seq, body) SELECT i, CASE WHEN i % 100000 = 2 THEN ? ELSE ? END FROM n
                    """, arguments: [Data(rare), Data(plain)])
            try session.db.execute(
                sql: """
                    \(numbers) INSERT INTO delivery (key, envelope, channel, role, address_key, state, owner, lane, due_at,
                        changed_at, provider, reference)
                    SELECT i * 1024, 0, \(channel), 0, CASE WHEN i % 1000 = 5 THEN \(key) ELSE random() END, \(state), 0, 1,
                        \(at), \(at), 'ses', 'ref' || i FROM n;
                    """)
            try session.db.execute(
                sql: """
                    \(numbers) INSERT INTO attempt (message, number, id, envelope, provider, started_at, decision, duration,
                        outcome, reference_key)
                    SELECT i, 1, randomblob(16), 0, 'ses', \(at), '{}', 1000, 'accepted', random() FROM n;
                    """)
            for (offset, type) in ["message.sent", "message.delivered"].enumerated() {
                try session.db.execute(
                    sql: """
                        \(numbers) INSERT INTO event (seq, message, ordinal, type, at, provider)
                        SELECT i * 2 - \(1 - offset), i, 0, '\(type)', \(at), 'ses' FROM n;
                        """)
            }
            for (table, span) in [("tally", 60_000), ("tally_hour", 3_600_000)] {
                for provider in ["''", "'ses'", "'sendgrid'", "'relay'"] {
                    for channel in 0...4 {
                        try session.db.execute(
                            sql: """
                                WITH RECURSIVE n(i) AS (SELECT \(now / Int64(span)) - \(28 * 86_400_000 / span)
                                    UNION ALL SELECT i + 1 FROM n WHERE i < \(now / Int64(span)))
                                INSERT INTO \(table) SELECT i, \(channel), \(provider), 25, 24, 1, 5, 1 FROM n
                                """)
                    }
                }
            }
        }
    }

    private func measure(_ name: String, _ question: () throws -> Int) throws {
        _ = try question()
        let started = ContinuousClock.now
        let count = try question()
        let span = ContinuousClock.now - started
        print("\(name): \(Double(Int(span.seconds * 100_000)) / 100) ms, \(count) rows")
        #expect(span < Self.limit, "\(name)")
    }

    @Test func `each question is answered within 50 ms`() throws {
        let store = try StoreFixture()
        let started = ContinuousClock.now
        try Self.fill(store, try #require(largeStoreSize))
        print("filled in \((ContinuousClock.now - started).seconds) s")
        let reader = MessageReader(store.file, addresses: store.addresses) { try? Message(decoding: $0) }
        var filters: [(String, MessageFilter)] = [("all", MessageFilter())]
        func add(_ name: String, _ change: (inout MessageFilter) -> Void) {
            var filter = MessageFilter()
            change(&filter)
            filters.append((name, filter))
        }
        for state in DeliveryState.allCases { add("status=\(state.word)") { $0.statuses = [state] } }
        add("to=") { $0.to = "user0@example.com" }
        add("to= nobody") { $0.to = "nobody@example.com" }
        add("to=, status=dead") { ($0.to, $0.statuses) = ("user0@example.com", [.dead]) }
        add("tag=") { $0.tag = "rare" }
        add("tag= none") { $0.tag = "none" }
        add("type=") { $0.type = .marketing }
        add("type= none") { $0.type = .notification }
        add("channel=") { $0.channel = .sms }
        add("channel= none") { $0.channel = .push }
        add("client=") { $0.client = "rare" }
        add("created_after=") { $0.createdAfter = SystemTime().wallNow - .seconds(3600) }
        add("created_before=") { $0.createdBefore = SystemTime().wallNow - .seconds(20 * 86_400) }
        for (name, filter) in filters {
            try measure(name) { try reader.messagePage(filter, after: nil, limit: 50).records.count }
        }
        try measure("dead letters") { try reader.deadLetters(MessageFilter(), after: nil, limit: 51).count }
        try measure("events, oldest") { try reader.eventPage(after: 0, client: nil, limit: 500).events.count }
        try measure("events of a rare client") {
            try reader.eventPage(after: 0, client: "rare", limit: 500).events.count
        }
        try measure("rates") {
            try reader.deliveryRates(
                [("1h", .seconds(3600)), ("24h", .seconds(86_400)), ("7d", .seconds(7 * 86_400))],
                at: SystemTime().wallNow
            ).count
        }
    }

    @Test func `a list that walks comes to its end and misses nothing`() throws {
        let store = try StoreFixture()
        try Self.fill(store, 200_000)
        let reader = MessageReader(store.file, addresses: store.addresses) { try? Message(decoding: $0) }
        var filter = MessageFilter()
        filter.statuses = [.dead]
        var (found, pages, after) = ([Int64](), 0, Int64?.none)
        repeat {
            let page = try reader.messagePage(filter, after: after, limit: 2)
            found += page.records.map(\.seq)
            after = page.next
            pages += 1
        } while after != nil && pages < 10_000
        #expect(found == [150_007, 100_007, 50_007, 7])
        #expect(after == nil)
    }
}
