/// Where one delivery stands. The raw value fills a column, so numbers are never reused; the open states come first.
package enum DeliveryState: Int, CaseIterable, Sendable {
    case scheduled = 0
    case queued = 1
    case sending = 2
    case sent = 3
    case delivered = 4
    case undelivered = 5
    case failed = 6
    case dead = 7
    case suppressed = 8
    case expired = 9
    case canceled = 10
    case inDoubt = 11

    /// The word in the API and the metrics.
    package var word: String {
        switch self {
        case .scheduled: "scheduled"
        case .queued: "queued"
        case .sending: "sending"
        case .sent: "sent"
        case .delivered: "delivered"
        case .undelivered: "undelivered"
        case .failed: "failed"
        case .dead: "dead"
        case .suppressed: "suppressed"
        case .expired: "expired"
        case .canceled: "canceled"
        case .inDoubt: "in_doubt"
        }
    }

    package init?(word: String) {
        guard let state = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = state
    }

    /// Still ours to move on.
    package var isOpen: Bool { rawValue <= DeliveryState.sending.rawValue }

    /// A message's state, derived from its deliveries: the furthest success of any; else the state still open; else the
    /// first end in the order in_doubt, dead, undelivered, failed, suppressed, expired, canceled that any has.
    /// `queued` where there is no delivery at all.
    package static func ofMessage(with states: some Sequence<DeliveryState>) -> DeliveryState {
        states.max { $0.weight < $1.weight } ?? .queued
    }

    /// How strongly one delivery's state speaks for the whole message.
    private var weight: Int {
        switch self {
        case .delivered: 12
        case .sent: 11
        case .sending: 10
        case .queued: 9
        case .scheduled: 8
        case .inDoubt: 7
        case .dead: 6
        case .undelivered: 5
        case .failed: 4
        case .suppressed: 3
        case .expired: 2
        case .canceled: 1
        }
    }
}

/// One address of a message, and what became of it there.
package struct Delivery: Equatable, Sendable {
    /// In which line of the envelope the address stands.
    package enum Role: Int, Sendable { case to = 0, cc = 1, bcc = 2 }

    /// Its place among the message's deliveries, from 0.
    package let ordinal: Int
    package let role: Role
    /// As the provider gets it: an email address, a phone number, a device token.
    package let address: String
    package var state: DeliveryState

    package init(ordinal: Int, role: Role, address: String, state: DeliveryState = .queued) {
        self.ordinal = ordinal
        self.role = role
        self.address = address
        self.state = state
    }
}
