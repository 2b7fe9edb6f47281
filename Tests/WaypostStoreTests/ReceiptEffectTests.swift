import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct ReceiptEffectTests {
    private typealias Change = ReceiptEffect.Change
    private static let states = DeliveryState.allCases

    private static func effect(
        _ news: Receipt.News, _ state: DeliveryState, isCurrent: Bool = true, isAlive: Bool = true,
        policy: AmbiguityPolicy = .hold
    ) -> ReceiptEffect {
        ReceiptEffect.of(
            news, on: .init(state, isCurrent: isCurrent, isAlive: isAlive), policy: policy)
    }

    /// What moves; every other state stays.
    private static let success: [(Receipt.News, [DeliveryState], DeliveryState)] = [
        (.taken, [.scheduled, .queued, .sending, .inDoubt, .dead, .expired], .sent),
        (.deferred, [.scheduled, .queued, .sending, .inDoubt, .dead, .expired], .sent),
        (.opened, [.scheduled, .queued, .sending, .inDoubt, .dead, .expired], .sent),
        (.clicked, [.scheduled, .queued, .sending, .inDoubt, .dead, .expired], .sent),
        (.complained, [.scheduled, .queued, .sending, .inDoubt, .dead, .expired], .sent),
        (.unsubscribed, [.scheduled, .queued, .sending, .inDoubt, .dead, .expired], .sent),
        (.delivered, [.scheduled, .queued, .sending, .sent, .inDoubt, .dead, .expired], .delivered),
        (.read, [.scheduled, .queued, .sending, .sent, .inDoubt, .dead, .expired], .delivered),
    ]

    @Test(arguments: success)
    func `good news moves forward what is not at its end, whichever attempt it is of`(
        news: Receipt.News, moved: [DeliveryState], to: DeliveryState
    ) {
        for state in Self.states {
            for isCurrent in [true, false] {
                for isAlive in [true, false] {
                    let change = Self.effect(news, state, isCurrent: isCurrent, isAlive: isAlive).change
                    #expect(change == (moved.contains(state) ? .enter(to) : .none), "\(state)")
                }
            }
        }
    }

    private static let finals = [Failure(.refusedMessage, "spam"), Failure(.refusedRecipient, "no such user")]
    private static let retryable = [
        Failure(.unavailable, "x"), Failure(.throttled, "x"), Failure(.unsuitable, "x"), Failure(.misconfigured, "x"),
    ]

    @Test(arguments: finals, [true, false])
    func `a refusal ends what its attempt holds or held`(failure: Failure, isBounce: Bool) {
        let news: Receipt.News = isBounce ? .bounced(failure) : .failed(failure)
        for state in Self.states {
            let ends = [.queued, .sending, .sent, .inDoubt].contains(state)
            #expect(Self.effect(news, state).change == (ends ? .enter(.undelivered) : .none), "\(state)")
            #expect(Self.effect(news, state, isCurrent: false).change == .none, "\(state)")
        }
    }

    @Test(arguments: retryable)
    func `what another provider may do goes back into the route while there is time`(failure: Failure) {
        for state in Self.states {
            let moves = [.sending, .sent, .inDoubt].contains(state)
            #expect(Self.effect(.failed(failure), state).change == (moves ? .reroute : .none), "\(state)")
            let late = Self.effect(.failed(failure), state, isAlive: false).change
            #expect(late == (moves ? .enter(.undelivered) : .none), "\(state)")
            #expect(Self.effect(.failed(failure), state, isCurrent: false).change == .none, "\(state)")
        }
    }

    @Test func `doubt goes by the policy`() {
        let doubt = Receipt.News.failed(Failure(.ambiguous, "x"))
        for state in [DeliveryState.sent, .sending] {
            #expect(Self.effect(doubt, state, policy: .resend).change == .reroute)
            #expect(Self.effect(doubt, state, policy: .hold) == ReceiptEffect(.enter(.inDoubt), .inDoubt))
            #expect(Self.effect(doubt, state, policy: .reconcile).change == .enter(.inDoubt))
            #expect(Self.effect(doubt, state, isAlive: false, policy: .resend).change == .enter(.undelivered))
        }
        #expect(Self.effect(doubt, .inDoubt, policy: .hold).change == .none)
        for state in [DeliveryState.delivered, .failed, .queued, .undelivered] {
            #expect(Self.effect(doubt, state, policy: .resend).change == .none)
        }
    }

    private static let events: [(Receipt.News, EventType)] = [
        (.delivered, .delivered), (.read, .delivered), (.opened, .opened), (.clicked, .clicked),
        (.complained, .complained), (.unsubscribed, .unsubscribed),
        (.failed(Failure(.unavailable, "x")), .undelivered), (.bounced(Failure(.refusedRecipient, "x")), .bounced),
    ]

    @Test(arguments: events)
    func `the feed hears of each once, whether it moves anything or not`(news: Receipt.News, event: EventType) {
        // Delivered is delivered, whatever the provider calls it the second time.
        for state in Self.states where news != .delivered || state != .delivered {
            #expect(Self.effect(news, state).event == event)
        }
        #expect(Self.effect(.delivered, .delivered) == ReceiptEffect(.none, nil))
    }

    @Test(arguments: [Receipt.News.taken, .deferred])
    func `what the provider is doing is heard of only where it moved the delivery`(news: Receipt.News) {
        #expect(Self.effect(news, .inDoubt).event == .sent)
        #expect(Self.effect(news, .sent).event == nil)
        #expect(Self.effect(news, .delivered).event == nil)
    }

    @Test func `the policy is asked only where it counts`() {
        struct Asked: Error {}
        func asked() throws -> AmbiguityPolicy { throw Asked() }
        #expect(throws: Never.self) {
            _ = try ReceiptEffect.of(.delivered, on: .init(.sent), policy: asked())
            _ = try ReceiptEffect.of(.failed(Failure(.unavailable, "x")), on: .init(.sent), policy: asked())
        }
        #expect(throws: Asked.self) {
            _ = try ReceiptEffect.of(.failed(Failure(.ambiguous, "x")), on: .init(.sent), policy: asked())
        }
    }
}
