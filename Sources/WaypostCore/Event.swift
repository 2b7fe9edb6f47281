/// What happened to a message, in the words of the events feed. The raw value fills a column and the wire.
package enum EventType: String, CaseIterable, Sendable {
    case accepted = "message.accepted"
    case scheduled = "message.scheduled"
    case sent = "message.sent"
    case delivered = "message.delivered"
    case undelivered = "message.undelivered"
    case bounced = "message.bounced"
    case complained = "message.complained"
    case opened = "message.opened"
    case clicked = "message.clicked"
    case unsubscribed = "message.unsubscribed"
    case failed = "message.failed"
    case dead = "message.dead"
    case suppressed = "message.suppressed"
    case expired = "message.expired"
    case canceled = "message.canceled"
    case inDoubt = "message.in_doubt"
    case inbound = "message.inbound"
    /// A callback of a sender that is none of the providers.
    case webhookReceived = "webhook.received"
    /// An endpoint of `events.endpoints` is told nothing any more.
    case endpointDisabled = "endpoint.disabled"

    /// The event that tells of entering a state; nil for states that are only passed through.
    package init?(entering state: DeliveryState) {
        switch state {
        case .scheduled, .queued, .sending: return nil
        case .sent: self = .sent
        case .delivered: self = .delivered
        case .undelivered: self = .undelivered
        case .failed: self = .failed
        case .dead: self = .dead
        case .suppressed: self = .suppressed
        case .expired: self = .expired
        case .canceled: self = .canceled
        case .inDoubt: self = .inDoubt
        }
    }
}
