import Synchronization
import Testing
import WaypostCore
import WaypostPolicy
import WaypostStore
import WaypostTesting

@testable import WaypostDelivery

@Suite struct LanesTests {
    let start = ContinuousClock.now
    let wall = Timestamp(milliseconds: 1_000_000)
    private let key = Lanes.Key(channel: .email, rule: -1, tried: [], ability: 0)
    private let other = Lanes.Key(channel: .email, rule: 0, tried: [], ability: 0)
    private var lanes = Lanes()

    private func waiting(_ priority: Priority, _ seq: Int64) -> Parcel {
        parcel(email(priority: priority, at: wall), seq: seq)
    }

    @Test mutating func `a lower lane waits long and never starves, however much comes above it`() {
        for seq in 0..<1_000 as Range<Int64> { lanes.append(waiting(.urgent, seq), key: key) }
        for priority in [Priority.normal, .bulk] {
            for seq in 0..<50 as Range<Int64> { lanes.append(waiting(priority, seq), key: key) }
        }
        var taken: [Priority] = []
        // One at a time, as places come free, with more urgent ones coming in behind.
        for turn in 0..<210 {
            var isTaken = false
            lanes.unblock()
            _ = lanes.drain(at: start) { parcel in
                if isTaken { return .blocked(until: nil) }
                isTaken = true
                taken.append(parcel.message.priority)
                return .done
            }
            lanes.append(waiting(.urgent, Int64(turn)), key: key)
        }
        #expect(taken.prefix(16).allSatisfy { $0 == .urgent })
        for share in stride(from: 0, to: 210, by: 21) {
            let turn = taken[share..<share + 21]
            #expect(turn.count { $0 == .urgent } == 16)
            #expect(turn.count { $0 == .normal } == 4)
            #expect(turn.count { $0 == .bulk } == 1)
        }
    }

    @Test mutating func `within a lane the first come is the first taken`() {
        for seq in 0..<5 as Range<Int64> { lanes.append(waiting(.bulk, seq), key: key) }
        var taken: [Int64] = []
        _ = lanes.drain(at: start) { parcel in
            taken.append(parcel.seq)
            return .done
        }
        #expect(taken == [0, 1, 2, 3, 4])
        #expect(lanes.count == 0)
    }

    @Test mutating func `a blocked queue is left alone until its time, and the others are not`() {
        lanes.append(waiting(.normal, 1), key: key)
        lanes.append(waiting(.normal, 2), key: other)
        var seen: [Int64] = []
        let until = start + .seconds(3)
        let wake = lanes.drain(at: start) { parcel in
            seen.append(parcel.seq)
            return parcel.seq == 1 ? .blocked(until: until) : .done
        }
        #expect(wake == until)
        #expect(Set(seen) == [1, 2])
        #expect(lanes.count == 1)
        seen = []
        _ = lanes.drain(at: start + .seconds(2)) { parcel in
            seen.append(parcel.seq)
            return .done
        }
        #expect(seen.isEmpty)
        _ = lanes.drain(at: until) { parcel in
            seen.append(parcel.seq)
            return .done
        }
        #expect(seen == [1])
    }

    @Test mutating func `what matches is taken out, and the rest still waits`() {
        for seq in 0..<4 as Range<Int64> { lanes.append(waiting(.normal, seq), key: seq < 2 ? key : other) }
        #expect(lanes.remove { $0.seq % 2 == 0 }.map(\.seq).sorted() == [0, 2])
        #expect(lanes.count == 2)
    }
}

@Suite struct WaitersTests {
    private let message = MessageID(at: Timestamp(milliseconds: 1_000_000))

    @Test func `whoever waits is told once`() {
        let waiters = Waiters()
        let told = Counted()
        waiters.wait(for: message) { told.add() }
        waiters.tell(MessageID(at: Timestamp(milliseconds: 2_000_000)))
        #expect(told.count == 0)
        waiters.tell(message)
        waiters.tell(message)
        #expect(told.count == 1)
        #expect(waiters.forget(message) == false)
    }

    @Test func `whoever has been forgotten is not told`() {
        let waiters = Waiters()
        let told = Counted()
        waiters.wait(for: message) { told.add() }
        #expect(waiters.forget(message))
        waiters.tell(message)
        #expect(told.count == 0)
    }

    private final class Counted: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }
}
