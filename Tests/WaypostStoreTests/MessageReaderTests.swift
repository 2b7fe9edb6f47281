import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct MessageReaderTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    private func ids(_ filter: MessageFilter, after: Int64? = nil, limit: Int = 50) throws -> [MessageID] {
        try store.reader.messages(filter, after: after, limit: limit).map(\.message.id)
    }

    @Test func `pages follow each other without gap or repetition, newest first`() throws {
        let kept = try (0..<5).map { _ in
            let new = store.message()
            try store.keep(new)
            return new.message.id
        }
        let first = try store.reader.messages(MessageFilter(), after: nil, limit: 2)
        let second = try store.reader.messages(MessageFilter(), after: first.last?.seq, limit: 2)
        let third = try store.reader.messages(MessageFilter(), after: second.last?.seq, limit: 2)
        #expect((first + second + third).map(\.message.id) == kept.reversed())
    }

    @Test func `every condition of a filter must hold`() throws {
        let sending = store.message(to: 2)
        let waiting = store.message(begun: nil)
        try store.keep(sending)
        try store.keep(waiting)
        var filter = MessageFilter()
        filter.statuses = [.queued]
        #expect(try ids(filter) == [waiting.message.id])
        filter = MessageFilter()
        filter.to = "user1@example.com"
        #expect(try ids(filter) == [sending.message.id])
        filter.statuses = [.queued]
        #expect(try ids(filter) == [])
        filter = MessageFilter()
        filter.client = "other"
        #expect(try ids(filter) == [])
        filter = MessageFilter()
        filter.channel = .sms
        #expect(try ids(filter) == [])
        filter = MessageFilter()
        filter.type = .marketing
        #expect(try ids(filter) == [])
    }

    @Test func `a tag is found in what was kept, and pages fill up with those that have it`() throws {
        let reader = MessageReader(store.file, addresses: store.addresses) { try? Message(decoding: $0) }
        var tagged: [MessageID] = []
        for index in 0..<6 {
            var new = store.message(begun: nil)
            new.message.tags = index % 2 == 0 ? ["welcome", "x"] : ["x", "welcome-back"]
            new.encoded = [0] + new.message.encoded()
            let parcel = try store.parcel(new, store.keep(new))
            _ = try store.commits.perform("end") { try $0.end(parcel, .dead, reason: "why") }
            if index % 2 == 0 { tagged.insert(new.message.id, at: 0) }
        }
        var filter = MessageFilter()
        filter.tag = "welcome"
        let first = try reader.messages(filter, after: nil, limit: 2)
        let rest = try reader.messages(filter, after: first.last?.seq, limit: 2)
        #expect(first.map(\.message.id) == Array(tagged.prefix(2)))
        #expect(rest.map(\.message.id) == Array(tagged.suffix(1)))
        #expect(try reader.deadLetters(filter, after: nil, limit: 9).map(\.message.id) == tagged)
        filter.tag = "welc"
        #expect(try reader.messages(filter, after: nil, limit: 9).isEmpty)
        #expect(try reader.deadLetters(filter, after: nil, limit: 9).isEmpty)
    }

    @Test func `a span of time begins with its first moment and ends before its last`() throws {
        let new = store.message()
        try store.keep(new)
        var filter = MessageFilter()
        filter.createdAfter = new.message.createdAt
        #expect(try ids(filter) == [new.message.id])
        filter.createdAfter = new.message.createdAt + .milliseconds(1)
        #expect(try ids(filter) == [])
        filter = MessageFilter()
        filter.createdBefore = new.message.createdAt
        #expect(try ids(filter) == [])
        filter.createdBefore = new.message.createdAt + .milliseconds(1)
        #expect(try ids(filter) == [new.message.id])
    }

    @Test func `dead letters are found by the beginning of their reason, taken literally`() throws {
        for reason in ["100% dead", "100 times dead"] {
            let new = store.message(begun: nil)
            let parcel = try store.parcel(new, store.keep(new))
            _ = try store.commits.perform("end") { try $0.end(parcel, .dead, reason: reason) }
        }
        try store.keep(store.message())
        var filter = MessageFilter()
        #expect(try store.reader.deadLetters(filter, after: nil, limit: 9).count == 2)
        filter.reason = "100%"
        #expect(try store.reader.deadLetters(filter, after: nil, limit: 9).map(\.statusReason) == ["100% dead"])
        filter.reason = "dead"
        #expect(try store.reader.deadLetters(filter, after: nil, limit: 9).isEmpty)
    }

    @Test func `the feed goes on after the last event seen`() throws {
        for _ in 0..<3 {
            let new = store.message(begun: nil)
            let parcel = try store.parcel(new, store.keep(new))
            _ = try store.commits.perform("end") { try $0.end(parcel, .expired, reason: "expired") }
        }
        let first = try store.reader.events(after: 0, client: nil, limit: 2)
        let cursor = try #require(first.last).seq
        let rest = try store.reader.events(after: cursor, client: nil, limit: 2)
        #expect(first.map(\.type) == [.expired, .expired])
        #expect(rest.count == 1)
        #expect(Set((first + rest).map(\.id)).count == 3)
        #expect(try store.reader.events(after: 0, client: "other", limit: 9).isEmpty)
    }
}
