import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct LapsesTests {
    let store: StoreFixture
    var reader: OperatingReader { OperatingReader(store.file) }
    init() throws { store = try StoreFixture() }

    private func kept(
        to count: Int = 1, begun: ProviderName? = nil, dueIn delay: Duration = .zero, lives: Duration,
        priority: Priority = .normal, track: Int = 0
    ) throws -> Message {
        var new = store.message(to: count, begun: begun, dueIn: delay, priority: priority)
        new.message.expiresAt = new.message.createdAt + lives
        for index in new.envelopes.indices { new.envelopes[index].track = track }
        try store.keep(new)
        return new.message
    }

    @Test func `what nobody holds ends when its time to live is over; the rest goes on`() throws {
        let over = try kept(to: 2, lives: .milliseconds(-1))
        let alive = try kept(lives: .seconds(60))
        let sending = try kept(begun: "sendgrid", lives: .milliseconds(-1))
        let scheduled = try kept(dueIn: .seconds(600), lives: .milliseconds(-1))
        let (messages, next) = try reader.lapsed(at: SystemTime().wallNow, LapseWalk(), atMost: 100)
        #expect(messages.count == 1 && next == LapseWalk())
        let lapsed = try store.commits.perform("expire") { try $0.lapse(messages, because: "over") }
        #expect(lapsed.messages == [over.id] && lapsed.tally == [.email: [.transactional: 2]])
        #expect(try store.states(over.id) == [.expired, .expired])
        #expect(try store.states(alive.id) == [.queued])
        #expect(try store.states(sending.id) == [.sending])
        #expect(try store.states(scheduled.id) == [.scheduled])
        let record = try #require(try store.reader.message(over.id, client: nil))
        #expect(record.deliveries.map(\.reason) == ["over", "over"])
        #expect(try store.commits.perform("again") { try $0.lapse(messages, because: "over") }.messages.isEmpty)
        #expect(try store.imbalance == 0)
    }

    @Test func `what was taken into memory meanwhile, or lives longer again, is left to others`() throws {
        let claimed = try kept(lives: .milliseconds(-1))
        let (messages, _) = try reader.lapsed(at: SystemTime().wallNow, LapseWalk(), atMost: 100)
        #expect(messages.count == 1)
        let parcels = try store.commits.perform("claim") {
            try $0.claim(.init(.email, lane: Priority.normal.lane), dueBy: SystemTime().wallNow, atMost: 10)
        }
        #expect(parcels.count == 1)
        #expect(try store.commits.perform("expire") { try $0.lapse(messages, because: "over") }.messages.isEmpty)
        #expect(try store.states(claimed.id) == [.queued])
    }

    @Test func `the walk goes through all lanes and tracks a few rows at a time, and begins anew`() throws {
        var ids: Set<MessageID> = []
        for priority in [Priority.urgent, .normal, .bulk] {
            for track in [0, 3, 15] {
                ids.insert(try kept(lives: .milliseconds(-1), priority: priority, track: track).id)
            }
            _ = try kept(lives: .seconds(60), priority: priority)
        }
        let now = SystemTime().wallNow
        var walk = LapseWalk()
        var found: [Int64] = []
        var steps = 0
        repeat {
            let (messages, next) = try reader.lapsed(at: now, walk, atMost: 5)
            found += messages
            walk = next
            steps += 1
        } while walk != LapseWalk() && steps < 10
        #expect(steps == 3)
        #expect(found.count == 9 && Set(found).count == 9)
        let lapsed = try store.commits.perform("expire") { [found] in try $0.lapse(found, because: "over") }
        #expect(Set(lapsed.messages) == ids)
    }
}
