import Testing
import WaypostCore
import WaypostPolicy
import WaypostTesting

@testable import WaypostDelivery

@Suite struct RecipientWindowsTests {
    let start = ContinuousClock.now
    let wall = Timestamp(milliseconds: 1_000_000)
    let windows = RecipientWindows()

    private func limits(
        _ limit: Int, _ window: Duration = .seconds(60), marketing: WindowSettings? = nil
    ) -> LimitSettings {
        var limits = LimitSettings()
        limits.recipient = WindowSettings(limit: limit, window: window)
        limits.recipientByType[.marketing] = marketing
        return limits
    }

    /// The ordinal that was full and until when; nil: all were taken.
    private func take(
        _ keys: [Int64], _ limits: LimitSettings, type: MessageType = .notification, at now: Instant
    ) -> RecipientWindows.Full? {
        let message = email(to: keys.count, type: type, at: wall)
        if case .failure(let full) = windows.take(message, keys: keys, limits, at: now) { return full }
        return nil
    }

    @Test func `one recipient's window is not another's`() {
        let limits = limits(2)
        for _ in 0..<2 { #expect(take([1], limits, at: start) == nil) }
        let full = take([1], limits, at: start)
        #expect(full?.ordinal == 0 && full?.until == start + .seconds(60))
        #expect(take([2], limits, at: start) == nil)
    }

    @Test func `a message of which one recipient is full charges none of them`() {
        let limits = limits(1)
        #expect(take([2], limits, at: start) == nil)
        #expect(take([1, 2, 3], limits, at: start)?.ordinal == 1)
        #expect(take([1], limits, at: start) == nil)
        #expect(take([3], limits, at: start) == nil)
    }

    @Test func `a type's own window counts beside the one over all types`() {
        let limits = limits(2, marketing: WindowSettings(limit: 1, window: .seconds(300)))
        #expect(take([1], limits, type: .marketing, at: start) == nil)
        #expect(take([1], limits, type: .marketing, at: start)?.until == start + .seconds(300))
        #expect(take([1], limits, at: start) == nil)
        #expect(take([1], limits, at: start)?.until == start + .seconds(60))
    }

    @Test func `a reset empties the windows of one recipient, or of all`() {
        let limits = limits(1, marketing: WindowSettings(limit: 1, window: .seconds(300)))
        for key in [1, 2] as [Int64] { #expect(take([key], limits, type: .marketing, at: start) == nil) }
        #expect(windows.tracked([1, 3], at: start) == 1 && windows.tracked(nil, at: start) == 2)
        let standing = windows.standing(of: 1, limits, at: start)
        #expect(standing.map(\.used) == [1, 1] && standing.map(\.type) == [nil, .marketing])
        #expect(standing.map(\.nextFree) == [.seconds(60), .seconds(300)])
        #expect(windows.reset([1, 3]) == 1)
        #expect(take([1], limits, type: .marketing, at: start) == nil)
        #expect(take([2], limits, type: .marketing, at: start) != nil)
        #expect(windows.reset(nil) == 2)
        #expect(take([2], limits, type: .marketing, at: start) == nil)
    }

    @Test func `what is given back can be taken again`() throws {
        let limits = limits(1)
        let taken = try windows.take(email(at: wall), keys: [1], limits, at: start).get()
        #expect(take([1], limits, at: start) != nil)
        windows.giveBack(taken.map(\.0), at: start)
        #expect(take([1], limits, at: start) == nil)
    }

    @Test func `what is given back late frees its own slot, not one taken after it`() throws {
        let limits = limits(2)
        let taken = try windows.take(email(at: wall), keys: [1], limits, at: start).get()
        #expect(take([1], limits, at: start + .seconds(50)) == nil)
        windows.giveBack(taken.map(\.0), at: start)
        #expect(take([1], limits, at: start + .seconds(52)) == nil)
        #expect(take([1], limits, at: start + .seconds(60))?.until == start + .seconds(110))
    }

    @Test func `a window over ten minutes is left to the store, the type's before the general one`() {
        let long = WindowSettings(limit: 1, window: .seconds(86_400))
        let general = limits(1, .seconds(601), marketing: long)
        for _ in 0..<3 { #expect(take([1], general, at: start) == nil) }
        let marketing = windows.storedLimit(email(type: .marketing, at: wall), general)
        #expect(marketing?.type == .marketing && marketing?.window == .seconds(86_400))
        let other = windows.storedLimit(email(at: wall), general)
        #expect(other?.type == nil && other?.window == .seconds(601))
        #expect(windows.storedLimit(email(at: wall), limits(1, .seconds(600))) == nil)
    }

    @Test func `switched off, nothing is counted`() {
        var off = LimitSettings()
        off.recipient = nil
        for _ in 0..<100 { #expect(take([1], off, at: start) == nil) }
    }
}
