import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct ClearingTests {
    let store: StoreFixture
    var reader: OperatingReader { OperatingReader(store.file) }
    init() throws { store = try StoreFixture() }

    @Test func `what is queued becomes a dead letter; what is scheduled or under way stays`() throws {
        let queued = store.message(to: 2, begun: nil)
        let scheduled = store.message(begun: nil, dueIn: .seconds(600))
        let sending = store.message()
        for new in [queued, scheduled, sending] { try store.keep(new) }
        let messages = try reader.queuedMessages(on: .email)
        #expect(try reader.queuedMessages(on: .sms).isEmpty)
        #expect(try reader.queuedMessages(on: nil) == messages && messages.count == 1)
        let cleared = try store.commits.perform("clear") { try $0.clear(messages, because: "flood") }
        #expect(cleared.deliveries == 2 && cleared.messages == [queued.message.id])
        #expect(cleared.parcels == [ParcelKey(seq: messages[0], envelope: 0)])
        #expect(cleared.tally == [.email: [.transactional: 2]])
        #expect(try store.states(queued.message.id) == [.dead, .dead])
        #expect(try store.states(scheduled.message.id) == [.scheduled])
        #expect(try store.states(sending.message.id) == [.sending])
        let record = try #require(try store.reader.message(queued.message.id, client: nil))
        #expect(record.deliveries.map(\.reason) == ["cleared: flood", "cleared: flood"])
        #expect(try store.commits.perform("again") { try $0.clear(messages, because: "flood") }.deliveries == 0)
        #expect(try store.commits.perform("replay") { try $0.replay([queued.message.id]) }.deliveries == 2)
        #expect(try store.imbalance == 0)
    }

    @Test func `a reset empties a long window of one address, or of all`() throws {
        func takes(_ address: String) throws -> Int {
            let key = store.addresses.value(of: address, on: .email)
            let since = SystemTime().wallNow + .seconds(-3600)
            return try reader.takes(of: key, on: .email, type: nil, since: since).count
        }
        try store.keep(store.message(to: 2))
        #expect(try takes("user0@example.com") == 1)
        let key = store.addresses.value(of: "user0@example.com", on: .email)
        try store.commits.perform("reset") { try $0.resetLongWindows([key]) }
        #expect(try takes("user0@example.com") == 0)
        #expect(try takes("user1@example.com") == 1)
        try store.commits.perform("reset") { try $0.resetLongWindows(nil) }
        #expect(try takes("user1@example.com") == 0)
    }
}
