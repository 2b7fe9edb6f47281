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

    /// Whose tokens it sends to; nil for makers that know no devices.
    package var pushService: Push.Service? {
        switch self {
        case .fcm: .fcm
        case .apns: .apns
        case .sendgrid, .ses, .smtp, .twilio, .messagebird: nil
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

    /// Why it can not carry this message to these deliveries of it (a feature it lacks, a size, a device without its
    /// token); nil when it can. Routing passes over it then.
    func objection(to message: Message, for deliveries: [Delivery]) -> String?

    /// Who fetches the credential that requests need; nil where they need none that must be fetched.
    var authorizer: (any Authorizer)? { get }

    /// What to send, authorized already.
    func request(for context: AttemptContext) throws(Failure) -> TransportRequest

    /// Whether the answer says that the attempt was not processed and is to be made once more at once, before its result
    /// counts. Asked once an attempt.
    func repetition(after reply: TransportReply) -> Repetition?

    /// What the answer means. Never called for a transfer that got none: see `Failure.init(_: TransportError)`.
    func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult

    /// How one can find out later whether it took an attempt whose answer was lost.
    var evidence: Evidence { get }

    /// The same for one message, where that depends on what it is.
    func evidence(for message: Message) -> Evidence

    /// Whether it says later what became of a message; without that its messages stay `sent`.
    var reportsDelivery: Bool { get }

    /// The free call that proves that the account works, and sends nothing.
    func healthCheck(at now: Timestamp) -> TransportRequest?

    /// What the answer to `healthCheck` says: nil is healthy, else why not.
    func ailment(in reply: TransportReply) -> String?
}

/// Why an attempt is made once more, its provider having said that it did nothing.
package enum Repetition: Equatable, Sendable {
    /// The credential had run out or was withdrawn; with a new one.
    case newCredential
    /// The connection is of no more use; on another.
    case newConnection
}

extension Provider {
    package var evidence: Evidence { .none }
    package func evidence(for message: Message) -> Evidence { evidence }
    package var reportsDelivery: Bool { false }
    package var authorizer: (any Authorizer)? { nil }
    package func repetition(after reply: TransportReply) -> Repetition? { nil }
}

/// A maker of which one request can carry several messages, each with an end of its own.
package protocol BundlingProvider: Provider {
    /// Messages in one request, at most.
    var largestBundle: Int { get }

    /// Whether the second can travel with the first: they differ only in what each message's part of a request can say.
    func canShareRequest(_ first: Message, _ second: Message) -> Bool

    /// One request for all of them, authorized already.
    func request(for contexts: [AttemptContext]) throws(Failure) -> TransportRequest

    /// What the answer means for each, in their order; nil: the request was refused whole for what may be one message's
    /// fault, and each is to be sent alone.
    func results(of reply: TransportReply, for contexts: [AttemptContext]) -> [ExchangeResult]?
}

/// What a push service can be asked beside sending: who listens to a topic, and whether a token is alive.
package protocol PushDirectory: Provider {
    /// Subscribes one token to a topic, or ends its subscription.
    func subscription(of token: String, to topic: String, ending: Bool) throws(Failure) -> TransportRequest

    /// What the answer to `subscription` says: nil: done (also where it was so before), else why not.
    func refusal(ofSubscription reply: TransportReply) -> Failure?

    /// Asks about a token, and sends nothing.
    func validation(of token: String) throws(Failure) -> TransportRequest

    /// What the answer to `validation` says.
    func validity(in reply: TransportReply) -> TokenValidity
}

/// What a push service says of a token.
package enum TokenValidity: Equatable, Sendable {
    case alive
    /// Nothing will ever arrive there.
    case dead(reason: String)
    /// It could not be asked, or did not say.
    case unknown(reason: String)
}
