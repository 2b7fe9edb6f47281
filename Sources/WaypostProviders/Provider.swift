import WaypostCore
import WaypostHTTP

/// The makers whose wire an adapter speaks; the configuration's `kind`.
package enum ProviderKind: String, CaseIterable, Sendable {
    case sendgrid, ses, smtp, twilio, messagebird, fcm, apns

    /// Which channels the maker can carry at all.
    package var channels: [Channel] {
        switch self {
        case .sendgrid, .ses, .smtp: [.email]
        case .twilio, .messagebird: [.sms, .whatsapp, .voice]
        case .fcm, .apns: [.push]
        }
    }
}

/// All that an adapter may need to know about the attempt it writes.
package struct AttemptContext: Sendable {
    package var message: Message
    /// Whom this attempt is for: the envelope's open deliveries, in order of their ordinals.
    package var deliveries: [Delivery]
    package var attempt: AttemptID
    /// When it begins; what signatures carry.
    package var startedAt: Timestamp
    /// `server.public_url`, without a slash at its end.
    package var publicURL: String

    package init(message: Message, deliveries: [Delivery], attempt: AttemptID, startedAt: Timestamp, publicURL: String)
    {
        self.message = message
        self.deliveries = deliveries
        self.attempt = attempt
        self.startedAt = startedAt
        self.publicURL = publicURL
    }
}

/// One configured account at one maker: pure functions around one exchange. A provider is a folder.
package protocol Provider: Sendable {
    var name: ProviderName { get }
    var kind: ProviderKind { get }
    var transfer: TransferSettings { get }

    /// Why it can not carry this message (a feature it lacks, a size); nil when it can. Routing passes over it then.
    func objection(to message: Message) -> String?

    /// What to send, authorized already.
    func request(for context: AttemptContext) throws(Failure) -> TransportRequest

    /// What the answer means. Never called for a transfer that got none: see `Failure.init(_: TransportError)`.
    func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult

    /// The free call that proves that the account works, and sends nothing.
    func healthCheck(at now: Timestamp) -> TransportRequest?

    /// What the answer to `healthCheck` says: nil is healthy, else why not.
    func ailment(in reply: TransportReply) -> String?
}
