import Testing

@testable import WaypostSandbox

@Suite struct JournalTests {
    private func record(
        _ message: String?, to recipients: [String] = ["a@example.com"], by provider: StandIn = .sendgrid,
        isTaken: Bool = true
    ) -> Journal.Record {
        .init(
            provider: provider, operation: "mail", connection: 1, isTaken: isTaken,
            takes: [Take(message: message, attempt: "att_1", recipients: recipients)])
    }

    @Test func `a message taken twice for the same recipient is a double, by whomever it was taken`() {
        let journal = Journal(capacity: 10)
        _ = journal.record(record("msg_1"))
        _ = journal.record(record("msg_1", to: ["A@Example.com"], by: .ses))
        #expect(journal.summary.duplicates == 1)
        #expect(journal.summary.duplicateIDs == ["msg_1"])
        #expect(journal.summary.distinctMessages == 1)
        #expect(journal.takes() == ["msg_1": 2])
        #expect(journal.takes(of: .ses) == ["msg_1": 1])
    }

    @Test func `one message for two recipients in two requests is no double`() {
        let journal = Journal(capacity: 10)
        _ = journal.record(record("msg_1", to: ["a@example.com"]))
        _ = journal.record(record("msg_1", to: ["b@example.com"]))
        #expect(journal.summary.duplicates == 0)
        #expect(journal.summary.distinctMessages == 1)
    }

    @Test func `what was refused is in the books and counts for nothing`() {
        let journal = Journal(capacity: 10)
        _ = journal.record(record("msg_1", isTaken: false))
        _ = journal.record(record("msg_1"))
        #expect(journal.summary.duplicates == 0)
        #expect(journal.summary.providers[.sendgrid] == .init(requests: 2, taken: 1, answered: 0, connections: 1))
        #expect(journal.entries().map(\.isTaken) == [false, true])
    }

    @Test func `a message without an id is counted as unnamed`() {
        let journal = Journal(capacity: 10)
        _ = journal.record(record(nil))
        #expect(journal.summary.unnamed == 1)
        #expect(journal.takes().isEmpty)
    }

    @Test func `the oldest entries give way, and what they were is still known`() {
        let journal = Journal(capacity: 3)
        for number in 1...5 { _ = journal.record(record("msg_\(number)")) }
        #expect(journal.entries().map(\.message) == ["msg_3", "msg_4", "msg_5"])
        #expect(journal.entries(after: 4).map(\.sequence) == [5])
        #expect(journal.entries(limit: 1).map(\.sequence) == [3])
        #expect(journal.takes().keys.sorted() == ["msg_3", "msg_4", "msg_5"])
        #expect(journal.hasTaken("msg_1"))
        #expect(!journal.hasTaken("msg_6"))
        _ = journal.record(record("msg_1"))
        #expect(journal.summary.duplicates == 1)
        #expect(journal.summary.distinctMessages == 5)
    }

    @Test func `an answer is entered, and taken back where it could not be sent`() {
        let journal = Journal(capacity: 2)
        let receipt = journal.record(record("msg_1"))
        #expect(journal.entries().first?.answer == nil)
        journal.answer(202, to: receipt)
        #expect(journal.entries().first?.answer == 202)
        #expect(journal.summary.providers[.sendgrid]?.answered == 1)
        journal.answer(nil, to: receipt)
        #expect(journal.summary.providers[.sendgrid]?.answered == 0)
        for _ in 0..<2 { _ = journal.record(record("msg_2")) }
        journal.answer(500, to: receipt)  // its entry is gone
        #expect(journal.entries().allSatisfy { $0.answer == nil })
    }

    @Test func `connections and the most streams at once are told for each provider`() {
        let journal = Journal(capacity: 10)
        for (connection, stream, open) in [(1, 1, 1), (1, 3, 2), (2, 1, 1)] {
            var record = record("msg_\(connection)_\(stream)", by: .apns)
            record.place = .init(connection: connection, stream: stream, openStreams: open)
            _ = journal.record(record)
        }
        journal.refuseStream(at: .apns, isViolation: true)
        journal.refuseStream(at: .apns, isViolation: false)
        let counts = journal.summary.providers[.apns]
        #expect(counts?.connections == 2 && counts?.maximumStreams == 2)
        #expect(counts?.refusedStreams == 2 && counts?.streamViolations == 1)
        #expect(journal.entries().map(\.stream) == [1, 3, 1])
        #expect(journal.summary.providers[.fcm] == nil)
    }

    @Test func `a cleared journal knows nothing and counts on`() {
        let journal = Journal(capacity: 2)
        let old = journal.record(record("msg_1"))
        journal.clear()
        journal.answer(202, to: old)
        #expect(journal.summary == .init())
        #expect(!journal.hasTaken("msg_1"))
        _ = journal.record(record("msg_1"))
        #expect(journal.entries().map(\.sequence) == [2])
        #expect(journal.summary.duplicates == 0)
    }

    @Test func `a full table says that it can not tell`() {
        var books = JournalBooks(capacity: 1, seen: SeenKeys(slots: 4, maximumSlots: 8))
        for number in 1...10 { _ = books.enter(.init(record("msg_\(number)")), wall: 0, monotonic: 0) }
        #expect(books.summary.distinctMessages == 6)
        #expect(books.summary.unchecked == 4)
        #expect(books.summary.duplicates == 0)
    }

    @Test func `three hundred thousand messages are told apart exactly, with each tenth sent twice`() {
        // Ten minutes at five hundred a second.
        let journal = Journal(capacity: 1_000)
        for number in 0..<300_000 {
            _ = journal.record(record("msg_\(number)"))
            if number % 10 == 0 { _ = journal.record(record("msg_\(number)", by: .ses)) }
        }
        let summary = journal.summary
        #expect(summary.distinctMessages == 300_000)
        #expect(summary.duplicates == 30_000)
        #expect(summary.unchecked == 0)
        #expect(summary.duplicateIDs.count == 100)
        #expect(journal.hasTaken("msg_0"))
    }

    @Test func `many threads enter what they have without losing any`() async {
        let journal = Journal(capacity: 100)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<500 {
                        journal.answer(202, to: journal.record(record("msg_\(task)_\(number)")))
                        _ = journal.summary
                    }
                }
            }
        }
        #expect(journal.summary.distinctMessages == 4_000)
        #expect(
            journal.summary.providers[.sendgrid]
                == .init(requests: 4_000, taken: 4_000, answered: 4_000, connections: 1))
    }
}
