import Testing
import WaypostCore
import WaypostPolicy
import WaypostProviders
import WaypostStore
import WaypostTesting

@testable import WaypostDelivery

@Suite struct AftermathTests {
    private static let now = Timestamp(milliseconds: 1_000_000)
    private static let until = now + .seconds(60)

    /// What is left to do after an outcome that all share.
    private struct Row: Sendable {
        var outcome: Outcome
        var policy = AmbiguityPolicy.hold
        /// nil: it goes on.
        var state: DeliveryState?
        var reason: String?
        var suppression: Suppression.Reason?
        var later: Timestamp?
        var rests = false
    }

    private static func failed(
        _ kind: Failure.Kind, _ scope: Failure.Scope = .provider, until: Timestamp? = nil
    ) -> Outcome {
        .failed(Failure(kind, "why", scope: scope, until: until))
    }

    private static let table: [Row] = [
        Row(outcome: .accepted(reference: "r"), state: .sent),
        Row(outcome: failed(.refusedMessage), state: .failed, reason: "a: refused_message: why"),
        Row(
            outcome: failed(.refusedRecipient), state: .failed, reason: "a: refused_recipient: why",
            suppression: .hardBounce),
        Row(outcome: failed(.ambiguous), policy: .hold, state: .inDoubt, reason: "a: ambiguous: why"),
        Row(outcome: failed(.ambiguous), policy: .reconcile, state: .inDoubt, reason: "a: ambiguous: why"),
        Row(outcome: failed(.ambiguous), policy: .resend), Row(outcome: failed(.unavailable)),
        Row(outcome: failed(.unsuitable)), Row(outcome: failed(.misconfigured)),
        Row(outcome: failed(.throttled, until: until), rests: true),
        Row(outcome: failed(.throttled, .account), rests: true),
        Row(outcome: failed(.throttled, .endpoint, until: until), later: until),
        Row(outcome: failed(.throttled, .endpoint), later: now),
    ]

    @Test(arguments: table.indices) func `an outcome ends a delivery or lets it go on`(index: Int) {
        let row = Self.table[index]
        let parcel = parcel(email(to: 2, at: Self.now))
        let aftermath = Aftermath(of: ExchangeResult(row.outcome), for: parcel, through: "a", policy: row.policy)
        if let state = row.state {
            #expect(aftermath.open.isEmpty)
            #expect(
                aftermath.moves
                    == [0, 1].map { Move(ordinal: $0, to: state, reason: row.reason, suppression: row.suppression) })
        } else {
            #expect(aftermath.moves.isEmpty)
            #expect(aftermath.open == parcel.deliveries)
            #expect(aftermath.reason.hasPrefix("a: ") && aftermath.reason.hasSuffix(": why"))
        }
        #expect(aftermath.later == row.later)
        #expect(aftermath.isResting == row.rests)
    }

    @Test func `recipients that ended differently part ways`() {
        let result = ExchangeResult(
            .accepted(reference: nil),
            exceptions: [
                1: Failure(.refusedRecipient, "gone", scope: .endpoint),
                2: Failure(.throttled, "slow", scope: .endpoint, until: Self.until),
            ])
        let parcel = parcel(email(to: 3, at: Self.now))
        let aftermath = Aftermath(of: result, for: parcel, through: "a", policy: .hold)
        #expect(
            aftermath.moves == [
                Move(ordinal: 0, to: .sent, reason: nil),
                Move(ordinal: 1, to: .failed, reason: "a: refused_recipient: gone", suppression: .hardBounce),
            ])
        #expect(aftermath.open.map(\.ordinal) == [2])
        #expect(aftermath.later == Self.until)
    }

    // MARK: Devices

    private func push(to device: Push.Device, excluded: [ProviderName] = []) -> Parcel {
        let message = Message(
            id: MessageID(at: Self.now), client: "shop", content: .push(Push(targets: [.device(device)])),
            createdAt: Self.now, expiresAt: Self.now + .seconds(60), traceparent: "")
        var parcel = parcel(message)
        parcel.excluded = excluded
        return parcel
    }

    private let dead = ExchangeResult(.failed(Failure(.refusedRecipient, "gone", scope: .endpoint)))

    @Test func `a device whose only token is dead is reached no more`() {
        let parcel = push(to: .init(fcmToken: "f"))
        let aftermath = Aftermath(of: dead, for: parcel, through: "a", service: .fcm, policy: .hold)
        #expect(aftermath.moves == [Move(ordinal: 0, to: .failed, reason: "a: refused_recipient: gone")])
        #expect(aftermath.deadTokens == ["f"])
        #expect(!aftermath.isExcluded)
    }

    @Test func `a device with another token goes on, and never again through the one that lost its own`() {
        let device = Push.Device(fcmToken: "f", apnsToken: "00")
        let first = Aftermath(of: dead, for: push(to: device), through: "a", service: .fcm, policy: .hold)
        #expect(first.moves.isEmpty)
        #expect(first.open.map(\.ordinal) == [0])
        #expect(first.deadTokens == ["f"] && first.isExcluded)

        let second = Aftermath(
            of: dead, for: push(to: device, excluded: ["a"]), through: "b", service: .apns, policy: .hold)
        #expect(second.moves.map(\.to) == [.failed])
        #expect(second.deadTokens == ["00"] && !second.isExcluded)
    }

    @Test func `what its provider can tell of stays until it is asked, unless others of the parcel go on`() {
        let parcel = parcel(email(to: 2, at: Self.now))
        var result = ExchangeResult(Self.failed(.ambiguous))
        for evidence in [Evidence.callback, .inquiry] {
            let aftermath = Aftermath(of: result, for: parcel, through: "a", policy: .reconcile, evidence: evidence)
            #expect(aftermath.doubtful == [0, 1])
            #expect(aftermath.moves.isEmpty && aftermath.open.isEmpty)
            let held = Aftermath(of: result, for: parcel, through: "a", policy: .hold, evidence: evidence)
            #expect(held.doubtful == [] && held.moves.map(\.to) == [.inDoubt, .inDoubt])
        }
        result.exceptions[1] = Failure(.unavailable, "greylisted")
        let mixed = Aftermath(of: result, for: parcel, through: "a", policy: .reconcile, evidence: .inquiry)
        #expect(mixed.doubtful == [])
        #expect(mixed.moves == [Move(ordinal: 0, to: .inDoubt, reason: "a: ambiguous: why")])
        #expect(mixed.open.map(\.ordinal) == [1])
    }

    @Test func `a notification in doubt is reconciled by sending it again under its id, data alone is not`() {
        var shown = push(to: .init(fcmToken: "f")).message
        var content = Push(targets: [.device(.init(fcmToken: "f"))])
        content.title = "Hello"
        shown.content = .push(content)
        let data = push(to: .init(fcmToken: "f")).message
        for (message, reconciled) in [
            (shown, AmbiguityPolicy.resend), (data, .reconcile), (email(at: Self.now), .reconcile),
        ] {
            var message = message
            message.onAmbiguous = .reconcile
            #expect(message.ambiguityPolicy(in: RouteTable([:])) == reconciled)
            message.onAmbiguous = .hold
            #expect(message.ambiguityPolicy(in: RouteTable([:])) == .hold)
        }
    }
}
