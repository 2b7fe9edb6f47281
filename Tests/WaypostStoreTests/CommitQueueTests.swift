import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct CommitQueueTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    @Test func `a crowd of submitters is kept whole`() async throws {
        let messages = (0..<200).map { _ in store.message() }
        let commits = store.commits
        try await withThrowingTaskGroup(of: Void.self) { group in
            for new in messages {
                group.addTask {
                    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                        commits.submit("keep") { session in
                            _ = try session.keep([new]) { _ in
                                StoredAnswer(status: 202, location: nil, body: [])
                            }
                        } then: {
                            done.resume(with: $0.mapError { $0 as any Error })
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.reader.books().recounted[.email, .sending].live == 200)
        #expect(try store.imbalance == 0)
    }

    @Test func `while the disk is full changes are refused, and afterwards taken again`() throws {
        try store.keep(store.message())
        // The page limit is SQLite's own stand-in for a full disk: SQLITE_FULL at the next page.
        try store.file.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        var large = store.message()
        large.encoded = [0] + Array(repeating: 0x20, count: 1_000_000)
        let tooLarge = large
        #expect(throws: StoreError.self) { try store.keep(tooLarge) }
        #expect(store.commits.failure != nil)
        try store.file.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        try store.keep(tooLarge)
        #expect(store.commits.failure == nil)
        #expect(try store.reader.books().recounted[.email, .sending].live == 2)
        #expect(try store.imbalance == 0)
    }

    @Test func `after the stop nothing is taken`() throws {
        store.commits.stop()
        let error = #expect(throws: StoreError.self) { try store.keep(store.message()) }
        #expect(error == .unavailable("the router is stopping"))
    }
}
