import Testing
import WaypostCore

@testable import WaypostDelivery

@Suite struct BacklogTests {
    let now = Timestamp(milliseconds: 1_000_000)
    private var backlog = Backlog(.init(parcels: 90, bytes: 90_000))

    /// How many of that size a channel gets into memory.
    private mutating func fill(_ channel: Channel, bytes: Int = 100) -> Int {
        var count = 0
        while backlog.reserve(channel, bytes: bytes) { count += 1 }
        return count
    }

    @Test mutating func `a channel that cannot be sent leaves the others room, and they leave some to the next`() {
        let emails = fill(.email)
        #expect(emails == 60)
        let texts = fill(.sms)
        #expect(texts == 20)
        let pushes = fill(.push)
        #expect(pushes == 7)
        #expect(backlog.room(for: .voice) == 3)
        backlog.release(.email, bytes: 100)
        let hasRoom = [backlog.reserve(.sms, bytes: 100), backlog.reserve(.push, bytes: 100)]
        #expect(hasRoom == [false, true])
    }

    @Test mutating func `large ones are counted by what they weigh`() {
        let emails = fill(.email, bytes: 10_000)
        #expect(emails == 6)
        let texts = fill(.sms, bytes: 10_000)
        #expect(texts == 2)
        #expect(backlog.room(for: .sms) > 0)
        let fitsTooLarge = backlog.reserve(.sms, bytes: 10_001)
        #expect(!fitsTooLarge)
        let fitsElsewhere = backlog.reserve(.voice, bytes: 10_000)
        #expect(fitsElsewhere)
    }

    @Test mutating func `new messages line up behind those of their channel, in memory or due in the store`() {
        let fits = backlog.reserve(.email, bytes: 100)
        #expect(fits)
        #expect(backlog.hasWaiting(.email, at: now))
        #expect(!backlog.hasWaiting(.sms, at: now))
        backlog.release(.email, bytes: 100)
        #expect(!backlog.hasWaiting(.email, at: now))
        #expect(backlog.isEmpty)
        backlog.spill(.init(channel: .sms, lane: 1), dueAt: now + .seconds(1))
        #expect(!backlog.hasWaiting(.sms, at: now))
        #expect(backlog.hasWaiting(.sms, at: now + .seconds(1)))
        #expect(!backlog.isEmpty)
    }

    @Test mutating func `places are fetched from where rows are due, wanted and have room, the most urgent first`() {
        for lane in [2, 0] { backlog.spill(.init(channel: .email, lane: lane), dueAt: now) }
        backlog.spill(.init(channel: .sms, lane: 1), dueAt: now)
        backlog.spill(.init(channel: .voice, lane: 1), dueAt: now + .seconds(1))
        backlog.spill(.init(channel: .push, lane: 1), dueAt: now)
        let pushes = fill(.push)
        #expect(pushes == 60)
        let places = backlog.takePlaces(dueBy: now, claims: 10) { $0.channel != .sms }
        #expect(places == [.init(channel: .email, lane: 0), .init(channel: .email, lane: 2)])
        // Taken, they count as empty; what is stopped, full or not due stays.
        let again = backlog.takePlaces(dueBy: now, claims: 10) { $0.channel == .email }
        #expect(again.isEmpty)
        #expect(backlog.nextDue(except: []) == now)
        let left: Set<Backlog.Place> = [.init(channel: .sms, lane: 1), .init(channel: .push, lane: 1)]
        #expect(backlog.nextDue(except: left) == now + .seconds(1))
    }

    @Test mutating func `a small budget still fetches`() {
        backlog = Backlog(.init(parcels: 4, bytes: 90_000))
        backlog.spill(.init(channel: .email, lane: 1), dueAt: now)
        let first = backlog.takePlaces(dueBy: now, claims: 256) { _ in true }
        #expect(first.count == 1)
        let held = fill(.email)
        #expect(held == 3)
        backlog.spill(.init(channel: .email, lane: 1), dueAt: now)
        let second = backlog.takePlaces(dueBy: now, claims: 256) { _ in true }
        #expect(second.isEmpty)
    }

    @Test mutating func `whatever may lie in the store is looked for everywhere`() {
        backlog.spill(.init(channel: .email, lane: 1), dueAt: now + .seconds(9))
        backlog.lookEverywhere(at: now)
        let places = backlog.takePlaces(dueBy: now, claims: 10) { _ in true }
        #expect(places.count == Channel.allCases.count * 3)
    }
}
