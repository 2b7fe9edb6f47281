import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct InspectionTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    private func findings(after sql: String...) throws -> [String] {
        // A connection that knows no foreign keys, as damage knows none.
        try store.file.pool.writeWithoutTransaction { db in
            for sql in sql { try db.execute(sql: sql) }
        }
        return try Inspection.of(path: store.path).findings
    }

    private func keepTwo() throws {
        for _ in 0..<2 { try store.keep(store.message()) }
        let inspection = try Inspection.of(path: store.path)
        #expect(inspection == Inspection(findings: [], messages: 2, deliveries: 2))
    }

    @Test func `a message that is gone leaves orphans of every kind that names it`() throws {
        try keepTwo()
        let new = store.message()
        let parcel = try store.parcel(new, store.keep(new))
        let conclusion = Conclusion(
            parcel: parcel, attempt: store.attempt(.accepted(reference: nil)),
            moves: [Move(ordinal: 0, to: .sent, reason: nil)], round: 1, tried: [], dueAt: parcel.dueAt, next: nil,
            decision: nil)
        _ = try store.commits.perform("record") { try $0.record(conclusion) }
        #expect(
            try findings(after: "DELETE FROM message WHERE seq = (SELECT max(seq) FROM message)") == [
                "orphans: 1 deliveries without a message", "orphans: 1 attempts without a message",
                "orphans: 1 events without a message",
            ])
    }

    @Test func `a message without a delivery is found`() throws {
        try keepTwo()
        let found = try findings(
            after: "INSERT INTO message SELECT 99, x'00', client, channel, type, 0, 0, NULL FROM message LIMIT 1")
        #expect(found == ["orphans: 1 messages without a delivery"])
    }

    @Test func `an open message without content is found, one that has ended may have lost it`() throws {
        try keepTwo()
        let new = store.message(begun: nil)
        let parcel = try store.parcel(new, store.keep(new))
        _ = try store.commits.perform("end") { try $0.end(parcel, .expired, reason: "expired") }
        #expect(try findings(after: "DELETE FROM content WHERE seq = \(parcel.seq)") == [])
        #expect(
            try findings(after: "DELETE FROM content WHERE seq = (SELECT min(seq) FROM message)")
                == ["orphans: 1 open messages without content"])
    }

    @Test func `books that differ from the rows are told by channel and state`() throws {
        try keepTwo()
        #expect(
            try findings(after: "UPDATE delivery SET state = 4 WHERE key = (SELECT min(key) FROM delivery)") == [
                "ledger: email sending is 2 in the books and 1 in the rows",
                "ledger: email delivered is 0 in the books and 1 in the rows",
            ])
    }

    @Test func `a store that is not there is no store without findings`() {
        #expect(throws: StoreError.self) { try Inspection.of(path: "/nonexistent/waypost.db") }
    }
}
