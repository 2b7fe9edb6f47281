import WaypostCore
import WaypostHTTP
import WaypostPolicy
import WaypostProviders
import WaypostStore
import WaypostTesting

@testable import WaypostDelivery

/// An email of one client to as many addresses as asked for.
func email(
    to count: Int = 1, type: MessageType = .notification, priority: Priority = .normal, at now: Timestamp,
    lives: Duration = .seconds(3600)
) -> Message {
    let mailboxes = (0..<count).map { Mailbox(email: "user\($0)@example.com") }
    var message = Message(
        id: MessageID(at: now), client: "shop", content: .email(Email(to: mailboxes, subject: "Hello")),
        createdAt: now, expiresAt: now + lives, traceparent: "")
    message.type = type
    message.priority = priority
    return message
}

func parcel(_ message: Message, seq: Int64 = 1) -> Parcel {
    Parcel(seq: seq, envelope: 0, message: message, deliveries: message.content.deliveries, dueAt: message.createdAt)
}

/// A provider that is never spoken to.
struct SilentProvider: Provider {
    var name: ProviderName
    var objection: String?
    let kind = ProviderKind.sendgrid
    let transfer = TransferSettings()

    func objection(to message: Message, for deliveries: [Delivery]) -> String? { objection }
    func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        throw Failure(.unavailable, "it is never spoken to")
    }
    func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        ExchangeResult(.accepted(reference: nil))
    }
    func healthCheck(at now: Timestamp) -> TransportRequest? { nil }
    func ailment(in reply: TransportReply) -> String? { nil }
}

extension GateSettings {
    /// A gate for email alone.
    static func email(_ change: (inout GateSettings) -> Void = { _ in }) -> GateSettings {
        var settings = GateSettings()
        settings.breakers = [.email: CircuitBreakerSettings()]
        change(&settings)
        return settings
    }
}

extension ProviderGates {
    /// What one candidate's gate answers on email.
    func ask(_ provider: ProviderName, on channel: Channel = .email, at now: Instant) -> Answer? {
        var heard: Answer?
        admit([provider], on: channel, at: now) {
            heard = $1
            return false
        }
        return heard
    }

    func permit(_ provider: ProviderName, on channel: Channel = .email, at now: Instant) -> Permit? {
        if case .admitted(let permit)? = ask(provider, on: channel, at: now) { permit } else { nil }
    }

    /// Why it was passed over, and until when.
    func refusal(
        _ provider: ProviderName, on channel: Channel = .email, at now: Instant
    ) -> Refusal? {
        guard case .passedOver(let verdict, let until, _)? = ask(provider, on: channel, at: now) else { return nil }
        return Refusal(verdict: verdict, until: until)
    }

    struct Refusal: Equatable {
        var verdict: RoutingDecision.Verdict
        var until: Instant?
    }
}
