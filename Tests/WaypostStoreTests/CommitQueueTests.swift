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

    @Test func `what is insisted on is kept while the store fails and made once it is back, once`() throws {
        let new = store.message()
        let parcel = try store.parcel(new, store.keep(new))
        let conclusion = Conclusion(
            parcel: parcel, attempt: store.attempt(.accepted(reference: nil)),
            moves: [Move(ordinal: 0, to: .sent, reason: nil)], round: 1, tried: [], dueAt: parcel.dueAt, next: nil,
            decision: nil)
        try store.file.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = 1") }
        let told = Monitor<[Result<Bool, StoreError>]>([])
        store.commits.submit("record", .insist) {
            try $0.record(conclusion)
            return true
        } then: { result in
            told.change { $0.append(result) }
        }
        // A change that does not insist has failed by the time the store has been seen to.
        #expect(throws: StoreError.self) { try store.keep(store.message()) }
        #expect(store.commits.failure != nil)
        #expect(told.change { $0.count } == 0)
        try store.file.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = 0") }
        let results = told.wait(atMost: .seconds(10)) { $0.isEmpty ? nil : $0 }
        #expect(results == [.success(true)])
        #expect(store.commits.failure == nil)
        #expect(try store.states(new.message.id) == [.sent])
        #expect(try store.imbalance == 0)
    }

    @Test func `one change at fault is refused alone, and the others of its batch are kept`() throws {
        struct Fault: Error {}
        let messages = (0..<3).map { _ in store.message() }
        let gate = Monitor(false)
        let results = Monitor<[String]>([])
        // While the thread is held, all that follows gathers in one batch.
        store.commits.submit("hold") { _ in
            _ = gate.wait(atMost: .seconds(10)) { $0 ? true : nil }
        } then: { _ in
        }
        for (index, new) in messages.enumerated() {
            store.commits.submit("keep") { session in
                _ = try session.keep([new]) { _ in
                    StoredAnswer(status: 202, location: nil, body: [])
                }
                if index == 1 { throw Fault() }
            } then: { result in
                results.change { results in
                    if case .failure(.rejected) = result { results.append("rejected \(index)") }
                    if case .success = result { results.append("kept \(index)") }
                }
            }
        }
        gate.change { $0 = true }
        let told = results.wait(atMost: .seconds(10)) { $0.count == 3 ? $0 : nil }
        #expect(told == ["kept 0", "rejected 1", "kept 2"])
        #expect(store.commits.failure == nil)
        #expect(try store.reader.message(messages[1].message.id, client: nil) == nil)
        #expect(try store.reader.books().recounted[.email, .sending].live == 2)
        #expect(try store.imbalance == 0)
    }

    @Test func `after the stop nothing is taken`() throws {
        store.commits.stop()
        let error = #expect(throws: StoreError.self) { try store.keep(store.message()) }
        #expect(error == .unavailable("the router is stopping"))
    }
}
