import Testing
import WaypostCore
import WaypostTesting

@testable import WaypostStore

/// Messages to several devices: each travels alone.
@Suite struct EnvelopeTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    /// A push to as many devices; the first so many have begun.
    private func push(to count: Int, begun: Int) -> NewMessage {
        let now = SystemTime().wallNow
        let targets = (0..<count).map { Push.Target.device(.init(fcmToken: "fcm\($0)", apnsToken: "0\($0)")) }
        let message = Message(
            id: MessageID(at: now), client: "shop", content: .push(Push(targets: targets)), createdAt: now,
            expiresAt: now + .seconds(3600), traceparent: "")
        let envelopes = message.content.deliveries.map { delivery in
            let isBegun = delivery.ordinal < begun
            return NewMessage.Envelope(
                number: delivery.ordinal, deliveries: [delivery],
                addressKeys: [store.addresses.value(of: delivery.address, on: .push)],
                begun: isBegun
                    ? Begun(id: AttemptID(at: now), provider: "fcm", startedAt: now, decision: "{}") : nil,
                decision: isBegun ? nil : "{}", isHeld: isBegun)
        }
        return NewMessage(message: message, encoded: [0] + message.encoded(), envelopes: envelopes, dueAt: now)
    }

    private func seq(_ kept: Once<KeepResult>) throws -> Int64 {
        guard case .made(.kept(let outcomes, _), _) = kept, let message = outcomes[0].message else {
            throw StoreError.rejected("not kept")
        }
        return message.seq
    }

    private func parcel(_ new: NewMessage, _ seq: Int64, _ envelope: Int) -> Parcel {
        Parcel(
            seq: seq, envelope: envelope, message: new.message, deliveries: new.envelopes[envelope].deliveries,
            dueAt: new.dueAt, attempts: 1)
    }

    @Test func `each device has attempts of its own, and comes to its own end`() throws {
        let new = push(to: 3, begun: 2)
        let seq = try seq(store.keep(new))
        #expect(try store.states(new.message.id) == [.sending, .sending, .queued])
        for (envelope, state) in [(1, DeliveryState.failed), (0, .sent)] {
            let conclusion = Conclusion(
                parcel: parcel(new, seq, envelope), attempt: store.attempt(.accepted(reference: "r\(envelope)")),
                moves: [Move(ordinal: envelope, to: state, reason: nil)], round: 1, tried: [], dueAt: new.dueAt,
                next: nil, decision: nil)
            _ = try store.commits.perform("record") { try $0.record(conclusion) }
        }
        #expect(try store.states(new.message.id) == [.sent, .failed, .queued])
        let record = try #require(try store.reader.message(new.message.id, client: nil))
        #expect(record.attempts.count == 2)
        #expect(record.attempts.allSatisfy { $0.ending != nil })
        #expect(try store.imbalance == 0)
    }

    @Test func `a crash leaves in doubt only what had begun, each device by itself`() throws {
        let new = push(to: 3, begun: 2)
        try store.keep(new)
        try store.reopen()
        let recovered = try store.commits.perform("recover") { try $0.recover(under: .none) }
        #expect(recovered.inDoubt.count == 2)
        #expect(try store.states(new.message.id) == [.inDoubt, .inDoubt, .queued])
        #expect(try store.imbalance == 0)
    }

    @Test func `what is excluded stays so over a claim, and a dead token is written to no more`() throws {
        let new = push(to: 1, begun: 1)
        let seq = try seq(store.keep(new))
        let conclusion = Conclusion(
            parcel: parcel(new, seq, 0), attempt: store.attempt(.failed(Failure(.refusedRecipient, "gone"))),
            moves: [Move(ordinal: 0, to: .queued, reason: "gone")], round: 1, tried: ["fcm"], dueAt: new.dueAt,
            next: nil, decision: nil, excluded: ["fcm"], deadTokens: ["fcm0"])
        _ = try store.commits.perform("record") { try $0.record(conclusion) }
        let back = parcel(new, seq, 0)
        try store.commits.perform("let go") { try $0.letGo(back) }
        let now = SystemTime().wallNow
        let claimed = try store.commits.perform("claim") { try $0.claim(.init(.push, lane: 1), dueBy: now, atMost: 9) }
        #expect(claimed.map(\.excluded) == [["fcm"]])
        #expect(claimed.map(\.attempts) == [1])

        let next = push(to: 1, begun: 0)
        try store.keep(next)
        #expect(try store.states(next.message.id) == [.suppressed])
    }
}
