import Foundation
import GRDB
import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct StoreFileTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    /// Fills pages and spoils one in the middle of the closed file.
    private func damage(endingCleanly: Bool) throws {
        for _ in 0..<40 { try store.keep(store.message(to: 5)) }
        if endingCleanly { try store.commits.perform("end") { try $0.endRun() } }
        let rootPage = try store.file.pool.read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'delivery'")
        }
        let page = try #require(rootPage)
        store.close()
        #expect(!FileManager.default.fileExists(atPath: store.path + "-wal"), "the close checkpoints")
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: store.path))
        try handle.seek(toOffset: UInt64((page - 1) * 4096))
        try handle.write(contentsOf: Data(repeating: 0xFF, count: 4096))
        try handle.close()
    }

    @Test func `after an unclean end every page is looked at`() throws {
        try damage(endingCleanly: false)
        let error = #expect(throws: StoreError.self) { try store.reopen() }
        #expect(error?.detail.contains("locked") == false)
        #expect(error?.detail.contains("is damaged") == true, "\(error?.detail ?? "")")
    }

    @Test func `after a clean end the file is taken as it was left`() throws {
        try damage(endingCleanly: true)
        #expect(throws: Never.self) { try store.reopen() }
    }

    @Test func `the file and its log are for their owner's eyes alone`() throws {
        try store.keep(store.message())
        for path in [store.path, store.path + "-wal"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `a store of the first version is brought up to date with what it holds`() throws {
        let path = store.folder.appendingPathComponent("old.db").path
        let old = try DatabasePool(path: path)
        try Migrations.migrator.migrate(old, upTo: "1")
        try old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO delivery
                        (key, envelope, channel, role, address_key, state, owner, lane, due_at, changed_at)
                    VALUES (1024, 0, 0, 0, 7, 3, 0, 1, 0, 0)
                    """)
        }
        try old.close()
        let file = try StoreFile(StoreFile.Settings(path: path))
        defer { file.close() }
        let excluded = try file.pool.read { try String.fetchAll($0, sql: "SELECT excluded FROM delivery") }
        #expect(excluded == [""])
        #expect(try PeopleReader(file).person(UserName(unchecked: "jane")) == nil)
    }

    @Test func `a store of a newer version is refused`() throws {
        try store.file.pool.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')") }
        let error = #expect(throws: StoreError.self) { try store.reopen() }
        #expect(error?.detail.contains("newer version") == true)
    }

    @Test func `an address has the same key after a restart, and another on each channel`() throws {
        let before = store.addresses.value(of: "user@example.com", on: .email)
        try store.reopen()
        #expect(store.addresses.value(of: "user@example.com", on: .email) == before)
        #expect(store.addresses.value(of: "user@example.com", on: .push) != before)
    }

    @Test func `sequence numbers are not given twice when the newest message has gone`() throws {
        let new = store.message(begun: nil)
        let parcel = try store.parcel(new, store.keep(new))
        _ = try store.commits.perform("end") { try $0.end(parcel, .dead, reason: "expired") }
        let limit = SystemTime().wallNow + .seconds(3600)
        _ = try store.commits.perform("retire") { try $0.retire(finalBefore: limit, after: 0, atMost: 9) }
        #expect(try store.reader.message(new.message.id, client: nil) == nil)
        try store.reopen()
        let next = store.message()
        #expect(try store.parcel(next, store.keep(next)).seq > parcel.seq)
    }
}
