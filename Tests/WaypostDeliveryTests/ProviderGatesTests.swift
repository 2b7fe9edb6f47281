import Synchronization
import Testing
import WaypostCore
import WaypostPolicy

@testable import WaypostDelivery

@Suite struct ProviderGatesTests {
    let start = ContinuousClock.now
    private func gates(_ change: (inout GateSettings) -> Void = { _ in }) -> ProviderGates {
        ProviderGates(["a": .email(change)]) { _ in }
    }

    private func rest(until: Instant? = nil, wholeAccount: Bool = false) -> ProviderGates.Rest {
        .init(until: until, step: .seconds(1), wholeAccount: wholeAccount)
    }

    @Test func `no more permits are out than may be in flight, and each that ends makes room`() throws {
        let gates = gates { $0.maxInFlight = 2 }
        let first = try #require(gates.permit("a", at: start))
        let second = try #require(gates.permit("a", at: start))
        #expect(gates.refusal("a", at: start) == .init(verdict: .busy, until: nil))
        #expect(gates.inFlight == 2)
        gates.settle(first, .success, at: start, rest: nil)
        #expect(gates.permit("a", at: start) != nil)
        gates.giveBack(second, at: start)
        #expect(gates.inFlight == 1)
    }

    @Test func `candidates are asked in order until the caller has heard enough`() {
        let gates = ProviderGates(["a": .email { $0.enabled = false }, "b": .email(), "c": .email()]) { _ in }
        var asked: [ProviderName] = []
        gates.admit(["gone", "a", "b", "c"], on: .email, at: start) { name, answer in
            asked.append(name)
            if case .admitted = answer { return false }
            return true
        }
        #expect(asked == ["gone", "a", "b"])
        #expect(gates.refusal("gone", at: start) == .init(verdict: .disabled, until: nil))
    }

    @Test func `a rest that names its end is kept to the moment`() throws {
        let gates = gates()
        let permit = try #require(gates.permit("a", at: start))
        gates.settle(permit, .none, at: start, rest: rest(until: start + .seconds(7)))
        #expect(gates.refusal("a", at: start + .seconds(6)) == .init(verdict: .resting, until: start + .seconds(7)))
        #expect(gates.permit("a", at: start + .seconds(7)) != nil)
    }

    @Test func `rests without an end grow twofold up to a quarter of an hour, and begin anew after a success`() throws {
        let gates = gates()
        var now = start
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            let permit = try #require(gates.permit("a", at: now))
            gates.settle(permit, .none, at: now, rest: rest())
            let until = now + .seconds(seconds)
            #expect(gates.refusal("a", at: now) == .init(verdict: .resting, until: until))
            now = until
        }
        gates.settle(try #require(gates.permit("a", at: now)), .success, at: now, rest: nil)
        gates.settle(try #require(gates.permit("a", at: now)), .none, at: now, rest: rest())
        #expect(gates.refusal("a", at: now) == .init(verdict: .resting, until: now + .seconds(1)))
    }

    @Test func `many attempts that are throttled together make one rest, not a row of growing ones`() throws {
        let gates = gates()
        let permits = try (0..<10).map { _ in try #require(gates.permit("a", at: start)) }
        for permit in permits { gates.settle(permit, .none, at: start, rest: rest()) }
        #expect(gates.refusal("a", at: start) == .init(verdict: .resting, until: start + .seconds(1)))
        let next = try #require(gates.permit("a", at: start + .seconds(1)))
        gates.settle(next, .none, at: start + .seconds(1), rest: rest())
        #expect(gates.refusal("a", at: start + .seconds(1))?.until == start + .seconds(3))
    }

    @Test(arguments: [true, false]) func `an account rests on all its channels, a provider on one`(account: Bool) throws
    {
        let gates = gates { $0.breakers[.sms] = CircuitBreakerSettings(for: .sms) }
        let permit = try #require(gates.permit("a", at: start))
        let wish = rest(until: start + .seconds(5), wholeAccount: account)
        gates.settle(permit, .none, at: start, rest: wish)
        #expect(gates.refusal("a", at: start)?.verdict == .resting)
        #expect(gates.refusal("a", on: .sms, at: start)?.verdict == (account ? .resting : nil))
    }

    @Test func `all windows must agree, and a refusal charges none`() throws {
        let gates = gates {
            $0.rateLimits = [
                WindowSettings(limit: 5, window: .seconds(60)), WindowSettings(limit: 1, window: .seconds(1)),
            ]
        }
        _ = try #require(gates.permit("a", at: start))
        for _ in 0..<10 {
            #expect(gates.refusal("a", at: start) == .init(verdict: .rateLimited, until: start + .seconds(1)))
        }
        #expect(gates.snapshots(at: start).first?.windows.map(\.remaining) == [4, 0])
    }

    @Test func `a permit given back frees its own slot, whatever was taken after it`() throws {
        let gates = gates { $0.rateLimits = [WindowSettings(limit: 2, window: .seconds(60))] }
        let first = try #require(gates.permit("a", at: start))
        _ = try #require(gates.permit("a", at: start + .seconds(50)))
        gates.giveBack(first, at: start + .seconds(51))
        _ = try #require(gates.permit("a", at: start + .seconds(52)))
        #expect(
            gates.refusal("a", at: start + .seconds(60)) == .init(verdict: .rateLimited, until: start + .seconds(110)))
    }

    @Test func `an open breaker refuses until it recovers and charges no window`() throws {
        let gates = gates {
            $0.rateLimits = [WindowSettings(limit: 100, window: .seconds(3600))]
            $0.breakers[.email]?.failures = 1
        }
        gates.settle(try #require(gates.permit("a", at: start)), .failure, at: start, rest: nil)
        #expect(gates.refusal("a", at: start) == .init(verdict: .breakerOpen, until: start + .seconds(30)))
        #expect(gates.snapshots(at: start).first?.windows.map(\.remaining) == [99])
        let later = start + .seconds(30)
        for _ in 0..<3 { #expect(gates.permit("a", at: later) != nil) }
        #expect(gates.refusal("a", at: later)?.verdict == .breakerProbing)
    }

    @Test func `a held breaker stays as it is held, and is told once`() throws {
        let told = Mutex<[String]>([])
        let gates = ProviderGates(["a": .email()]) { transition in told.withLock { $0.append(transition.to) } }
        gates.apply(.breaker(.email, open: true), to: "a", at: start)
        #expect(gates.refusal("a", at: start + .seconds(86_400))?.verdict == .breakerOpen)
        gates.apply(.breaker(nil, open: false), to: "a", at: start)
        for _ in 0..<20 {
            gates.settle(try #require(gates.permit("a", at: start)), .failure, at: start, rest: nil)
        }
        #expect(gates.permit("a", at: start) != nil)
        gates.apply(.breaker(nil, open: nil), to: "a", at: start)
        #expect(told.withLock { $0 } == ["open", "closed", "closed"])
    }

    @Test func `a provider disabled by hand is passed over with the reason until it is enabled`() {
        let gates = gates()
        gates.apply(.disabled("maintenance"), to: "a", at: start)
        guard case .passedOver(.disabled, nil, "maintenance")? = gates.ask("a", at: start) else {
            Issue.record("it was asked")
            return
        }
        gates.apply(.disabled(nil), to: "a", at: start)
        #expect(gates.permit("a", at: start) != nil)
    }

    @Test func `new settings keep what is in flight, breakers and windows that did not change, and what is by hand`()
        throws
    {
        let limits = [WindowSettings(limit: 5, window: .seconds(60))]
        let gates = gates {
            $0.rateLimits = limits
            $0.maxInFlight = 2
            $0.breakers[.email]?.failures = 1
        }
        gates.settle(try #require(gates.permit("a", at: start)), .failure, at: start, rest: nil)
        gates.apply([
            "a": .email {
                $0.rateLimits = limits
                $0.breakers[.email]?.failures = 1
                $0.weight = 7
            },
            "b": .email(),
        ])
        #expect(gates.refusal("a", at: start)?.verdict == .breakerOpen)
        #expect(gates.snapshots(at: start).map(\.provider) == ["a", "b"])
        #expect(gates.snapshots(at: start).first?.windows.map(\.remaining) == [4])
        gates.apply(["b": .email { $0.maxInFlight = 1 }])
        #expect(gates.refusal("a", at: start)?.verdict == .disabled)
    }

    @Test func `what is in flight counts against a new bound`() throws {
        let gates = gates { $0.maxInFlight = 5 }
        let permits = try (0..<3).map { _ in try #require(gates.permit("a", at: start)) }
        gates.apply(["a": .email { $0.maxInFlight = 2 }])
        #expect(gates.inFlight == 3)
        gates.settle(permits[0], .success, at: start, rest: nil)
        #expect(gates.refusal("a", at: start)?.verdict == .busy)
        gates.settle(permits[1], .success, at: start, rest: nil)
        #expect(gates.permit("a", at: start) != nil)
    }

    @Test func `what was in flight when a reload took its provider away counts when another brings it back`() throws {
        let gates = gates { $0.maxInFlight = 2 }
        let permit = try #require(gates.permit("a", at: start))
        gates.apply([:])
        #expect(gates.refusal("a", at: start)?.verdict == .disabled)
        #expect(gates.snapshots(at: start).isEmpty)
        gates.apply(["a": .email { $0.maxInFlight = 2 }])
        #expect(gates.inFlight == 1)
        gates.settle(permit, .success, at: start, rest: nil)
        #expect(gates.inFlight == 0)
    }

    @Test func `resetting the limits ends rests and empties windows`() throws {
        let gates = gates { $0.rateLimits = [WindowSettings(limit: 1, window: .seconds(60))] }
        let permit = try #require(gates.permit("a", at: start))
        gates.settle(permit, .none, at: start, rest: rest(until: start + .seconds(60)))
        gates.resetLimits("a")
        #expect(gates.permit("a", at: start) != nil)
    }

    @Test func `failures that are told later open a breaker that is closed, and none of them closes one`() throws {
        let transitions = Mutex<[String]>([])
        let gates = ProviderGates(["a": .email()]) { transition in transitions.withLock { $0.append(transition.to) } }
        for second in 0..<4 {
            gates.note(.failure, provider: "a", channel: .email, at: start + .seconds(second))
            gates.note(.success, provider: "a", channel: .email, at: start + .seconds(second))
        }
        let permit = try #require(gates.permit("a", at: start + .seconds(4)))
        gates.note(.failure, provider: "a", channel: .email, at: start + .seconds(4))
        #expect(transitions.withLock(\.self) == ["open"])
        gates.note(.success, provider: "a", channel: .email, at: start + .seconds(5))
        #expect(gates.refusal("a", at: start + .seconds(5))?.verdict == .breakerOpen)
        gates.settle(permit, .none, at: start + .seconds(6), rest: nil)
        // Half open it takes no notice of old failures, but of an account that is broken.
        gates.note(.failure, provider: "a", channel: .email, at: start + .seconds(40))
        #expect(gates.permit("a", at: start + .seconds(40)) != nil)
        gates.note(.open, provider: "a", channel: .email, at: start + .seconds(41))
        #expect(gates.refusal("a", at: start + .seconds(41))?.verdict == .breakerOpen)
    }

    @Test func `an account that is said to be broken opens at once, and nobody else is touched`() {
        let gates = ProviderGates(["a": .email(), "b": .email()]) { _ in }
        gates.note(.open, provider: "a", channel: .email, at: start)
        gates.note(.open, provider: "gone", channel: .email, at: start)
        gates.note(.open, provider: "b", channel: .sms, at: start)
        #expect(gates.refusal("a", at: start)?.verdict == .breakerOpen)
        #expect(gates.permit("b", at: start) != nil)
    }
}
