import Testing
import WaypostCore
import WaypostStore

@testable import WaypostDelivery

@Suite struct BacklogTests {
    let now = Timestamp(milliseconds: 1_000_000)
    private var backlog = Backlog(.init(parcels: 90, bytes: 90_000))

    /// How many of that size a channel gets into memory.
    private mutating func fill(_ channel: Channel, track: Int = 0, bytes: Int = 100) -> Int {
        var count = 0
        while backlog.reserve(.init(channel, track), bytes: bytes) { count += 1 }
        return count
    }

    @Test mutating func `a channel that cannot be sent leaves the others room, and they leave some to the next`() {
        let emails = fill(.email)
        #expect(emails == 60)
        let texts = fill(.sms)
        #expect(texts == 20)
        let pushes = fill(.push)
        #expect(pushes == 7)
        #expect(backlog.room(for: .init(.voice, 0)).parcels == 3)
        backlog.release(.init(.email, 0), bytes: 100)
        let hasRoom = [backlog.reserve(.init(.sms, 0), bytes: 100), backlog.reserve(.init(.push, 0), bytes: 100)]
        #expect(hasRoom == [false, true])
    }

    @Test mutating func `so does a track of a channel, and nobody of another waits for its room`() {
        let stuck = fill(.push, track: 1)
        #expect(stuck == 60)
        backlog.spill(.init(.push, lane: 0, track: 1), dueAt: now)
        #expect(backlog.hasWaiting(.push, at: now))
        let taken = [1, 0].map { backlog.reserve(.init(.push, lane: 1, track: $0), bytes: 100, at: now) }
        #expect(taken == [false, true])
        for track in 0...1 { backlog.spill(.init(.push, lane: 2, track: track), dueAt: now) }
        let claims = backlog.takeClaims(dueBy: now, atMost: 16) { _ in true }
        #expect(claims == [.init(place: .init(.push, lane: 2), parcels: 16, bytes: 83_900)])
    }

    @Test mutating func `large ones are counted by what they weigh`() {
        let emails = fill(.email, bytes: 10_000)
        #expect(emails == 6)
        let texts = fill(.sms, bytes: 10_000)
        #expect(texts == 2)
        #expect(backlog.room(for: .init(.sms, 0)).parcels > 0)
        let fitsTooLarge = backlog.reserve(.init(.sms, 0), bytes: 10_001)
        #expect(!fitsTooLarge)
        let fitsElsewhere = backlog.reserve(.init(.voice, 0), bytes: 10_000)
        #expect(fitsElsewhere)
    }

    @Test mutating func `new messages line up behind those of their channel, in memory or due in the store`() {
        let fits = backlog.reserve(.init(.email, 0), bytes: 100)
        #expect(fits)
        #expect(backlog.hasWaiting(.email, at: now))
        #expect(!backlog.hasWaiting(.sms, at: now))
        backlog.release(.init(.email, 0), bytes: 100)
        #expect(!backlog.hasWaiting(.email, at: now))
        #expect(backlog.isEmpty)
        backlog.spill(.init(.sms, lane: 1), dueAt: now + .seconds(1))
        #expect(!backlog.hasWaiting(.sms, at: now))
        #expect(backlog.hasWaiting(.sms, at: now + .seconds(1)))
        #expect(!backlog.isEmpty)
    }

    @Test mutating func `rows are fetched from where they are due, wanted and have room, the most urgent first`() {
        for lane in [2, 0] { backlog.spill(.init(.email, lane: lane), dueAt: now) }
        backlog.spill(.init(.sms, lane: 1), dueAt: now)
        backlog.spill(.init(.voice, lane: 1), dueAt: now + .seconds(1))
        backlog.spill(.init(.push, lane: 1), dueAt: now)
        let pushes = fill(.push)
        #expect(pushes == 60)
        let claims = backlog.takeClaims(dueBy: now, atMost: 10) { $0.channel != .sms }
        #expect(claims.map(\.place) == [.init(.email, lane: 0), .init(.email, lane: 2)])
        #expect(claims.allSatisfy { $0.parcels == 10 && $0.bytes == 42_000 })
        // Taken, they count as empty; what is stopped, full or not due stays.
        let again = backlog.takeClaims(dueBy: now, atMost: 10) { $0.channel == .email }
        #expect(again.isEmpty)
        #expect(backlog.nextDue(except: []) == now)
        let left: Set<QueuePlace> = [.init(.sms, lane: 1), .init(.push, lane: 1)]
        #expect(backlog.nextDue(except: left) == now + .seconds(1))
    }

    @Test mutating func `what is urgent is fetched for a single free place, the rest when it is worth a transaction`() {
        for lane in 0...2 { backlog.spill(.init(.email, lane: lane), dueAt: now) }
        for _ in 1...59 { backlog.hold(.init(.email, 0), bytes: 100) }
        let claims = backlog.takeClaims(dueBy: now, atMost: 256) { _ in true }
        #expect(claims == [.init(place: .init(.email, lane: 0), parcels: 1, bytes: 28_033)])
        for _ in 1...20 { backlog.release(.init(.email, 0), bytes: 100) }
        let rest = backlog.takeClaims(dueBy: now, atMost: 256) { _ in true }
        #expect(rest.map(\.place.lane) == [1, 2] && rest.allSatisfy { $0.parcels == 26 })
    }

    @Test mutating func `new ones do not pass those that lie in the store, due and as urgent`() {
        backlog.spill(.init(.email, lane: 1), dueAt: now)
        let taken = (0...2).map { backlog.reserve(.init(.email, lane: $0), bytes: 100, at: now) }
        #expect(taken == [true, false, false])
        let other = backlog.reserve(.init(.sms, lane: 2), bytes: 100, at: now)
        #expect(other)
        let before = backlog.reserve(.init(.email, lane: 1), bytes: 100, at: now - .seconds(1))
        #expect(before, "it is not due yet")
    }

    @Test mutating func `however much the others hold, each channel has a little of its own`() {
        backlog = Backlog(.init(parcels: 10_000, bytes: 32 << 20))
        backlog.hold(.init(.email, 0), bytes: 40 << 20)
        let room = backlog.room(for: .init(.sms, 0))
        #expect(room.parcels == 9_999 && room.bytes == 256 << 10)
        let isTaken = backlog.reserve(.init(.sms, 0), bytes: 200 << 10)
        #expect(isTaken)
        let isTooMuch = backlog.reserve(.init(.sms, 0), bytes: 100 << 10)
        #expect(!isTooMuch && backlog.room(for: .init(.email, 0)).bytes == 0)
    }

    @Test mutating func `four channels that cannot be sent leave the fifth and the sixth room`() {
        backlog = Backlog()
        for channel in [Channel.email, .sms, .whatsapp, .voice] {
            backlog.spill(.init(channel, lane: 1), dueAt: now)
            var claims: [Backlog.Claim]
            repeat {
                claims = backlog.takeClaims(dueBy: now, atMost: 256) { $0.channel == channel }
                for claim in claims {
                    for _ in 0..<claim.parcels { backlog.hold(.init(channel, 0), bytes: 600) }
                    backlog.spill(claim.place, dueAt: now)
                }
            } while !claims.isEmpty
        }
        for channel in [Channel.push, .realtime] {
            backlog.spill(.init(channel, lane: 1), dueAt: now)
            let claims = backlog.takeClaims(dueBy: now, atMost: 256) { $0.channel == channel }
            #expect(claims.first?.parcels ?? 0 >= 16, "\(channel)")
            for _ in 0..<(claims.first?.parcels ?? 0) { backlog.hold(.init(channel, 0), bytes: 600) }
        }
    }

    @Test mutating func `a small budget still fetches`() {
        backlog = Backlog(.init(parcels: 4, bytes: 90_000))
        backlog.spill(.init(.email, lane: 1), dueAt: now)
        let first = backlog.takeClaims(dueBy: now, atMost: 256) { _ in true }
        #expect(first.map(\.parcels) == [4])
        let held = fill(.email)
        #expect(held == 3)
        backlog.spill(.init(.email, lane: 1), dueAt: now)
        let second = backlog.takeClaims(dueBy: now, atMost: 256) { _ in true }
        #expect(second.isEmpty)
    }

    @Test mutating func `whatever may lie in the store is looked for everywhere`() {
        backlog.spill(.init(.email, lane: 1), dueAt: now + .seconds(9))
        backlog.lookEverywhere(at: now)
        let claims = backlog.takeClaims(dueBy: now, atMost: 10) { _ in true }
        #expect(claims.count == Channel.allCases.count * 3 * QueuePlace.tracks.count)
    }
}
