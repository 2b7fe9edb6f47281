import GRDB
import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct AuditTests {
    let store: StoreFixture
    var reader: OperatingReader { OperatingReader(store.file) }
    init() throws { store = try StoreFixture() }

    private func enter(_ count: Int, by actor: String = "ops") throws {
        for number in 0..<count {
            try store.commits.perform("audit") {
                try $0.audit(AuditEntry(.providerDisabled, by: actor, target: "p\(number)", reason: "drill"))
            }
        }
    }

    /// What a hand in the file does, and what is found then.
    private func flaw(after sql: String) throws -> String? {
        store.close()
        let queue = try DatabaseQueue(path: store.path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
        return try AuditCheck.of(path: store.path).flaw
    }

    @Test func `rows form a chain that a restart goes on with`() throws {
        try enter(2)
        try store.reopen()
        try enter(1, by: "night")
        let rows = try reader.page(after: nil, limit: 9)
        #expect(rows.map(\.seq) == [3, 2, 1])
        #expect(rows.map(\.previous) == [rows[1].hash, rows[2].hash, [UInt8](repeating: 0, count: 32)])
        #expect(rows.allSatisfy { $0.hash == $0.trueHash })
        #expect(try AuditCheck.of(path: store.path) == AuditCheck(rows: 3, flaw: nil))
        #expect(try reader.page(after: 3, limit: 1).map(\.target) == ["p1"])
        #expect(try reader.page(after: nil, limit: 9, actor: "night").map(\.seq) == [3])
        #expect(try reader.page(after: nil, limit: 9, action: .userDeleted).isEmpty)
    }

    @Test(arguments: [
        ("UPDATE audit SET reason = 'none' WHERE seq = 2", "row 2 was changed"),
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", "row 3 was changed"),
        ("UPDATE audit SET actor = 'ops' || char(0) WHERE seq = 1", "row 1 was changed"),
        ("DELETE FROM audit WHERE seq = 2", "row 2 is missing"),
        ("DELETE FROM audit WHERE seq = 1", "row 1 is missing"),
        ("DELETE FROM audit WHERE seq >= 3", "rows 3 to 4 are missing at the end"),
        ("DELETE FROM audit", "rows 1 to 4 are missing at the end"),
        ("UPDATE audit SET previous = hash WHERE seq = 4", "row 4 does not continue"),
        ("DELETE FROM store WHERE name = 'audit_head'", "does not say which row is the last"),
        (
            """
            INSERT INTO audit SELECT 5, at, actor, action, target, reason, data, hash, hash FROM audit WHERE seq = 4
            """, "row 5 was changed"
        ),
    ])
    func `what a hand does to the trail is found`(sql: String, complaint: String) throws {
        try enter(4)
        let flaw = try #require(try flaw(after: sql))
        #expect(flaw.contains(complaint), "\(flaw)")
    }

    @Test func `a change that fails leaves nothing in the trail`() throws {
        try enter(1)
        #expect(throws: StoreError.self) {
            try store.commits.perform("fail") { session in
                try session.audit(AuditEntry(.userDeleted, by: "ops"))
                try session.db.execute(sql: "INSERT INTO audit (seq) VALUES (1)")
            }
        }
        try enter(1)
        #expect(try AuditCheck.of(path: store.path) == AuditCheck(rows: 2, flaw: nil))
    }

    @Test func `retention takes the oldest away, and the chain goes on from what is kept of it`() throws {
        try enter(3)
        let future = SystemTime().wallNow + .seconds(60)
        #expect(try store.commits.perform("forget") { try $0.forgetAudit(before: future, atMost: 2) } == 2)
        #expect(try AuditCheck.of(path: store.path) == AuditCheck(rows: 1, flaw: nil))
        #expect(try store.commits.perform("forget") { try $0.forgetAudit(before: future, atMost: 9) } == 1)
        try enter(1)
        #expect(try reader.page(after: nil, limit: 9).map(\.seq) == [4])
        #expect(try AuditCheck.of(path: store.path) == AuditCheck(rows: 1, flaw: nil))
        let past = SystemTime().wallNow + .seconds(-60)
        #expect(try store.commits.perform("forget") { try $0.forgetAudit(before: past, atMost: 9) } == 0)
        #expect(try flaw(after: "DELETE FROM store WHERE name = 'audit_anchor'")?.contains("row 1 is missing") == true)
    }

    @Test func `a recipient stands in it as a hash`() throws {
        let name = try store.commits.perform("name") { $0.auditName(of: "jane@example.com", on: .email) }
        #expect(name.wholeMatch(of: /email\/[0-9a-f]{16}/) != nil)
        #expect(try store.commits.perform("name") { $0.auditName(of: "joe@example.com", on: .email) } != name)
    }
}
