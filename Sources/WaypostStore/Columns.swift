import WaypostCore

/// The numbers under which closed words stand in columns; never reused.
extension Channel {
    var column: Int {
        switch self {
        case .email: 0
        case .sms: 1
        case .whatsapp: 2
        case .voice: 3
        case .push: 4
        case .realtime: 5
        }
    }

    init?(column: Int) {
        guard let channel = Self.allCases.first(where: { $0.column == column }) else { return nil }
        self = channel
    }
}

extension Priority {
    /// Its lane: 0 goes first.
    package var lane: Int {
        switch self {
        case .urgent: 0
        case .normal: 1
        case .bulk: 2
        }
    }
}

/// Where a delivery waits its turn: a channel's lane, of one track.
///
/// What waits on one track has the same providers to wait for, as far as that could be told; so where these are out, what
/// waits for others goes on.
package struct QueuePlace: Hashable, Sendable {
    package var channel: Channel
    package var lane: Int
    /// 0 to 15; which is which is the router's business, not the store's.
    package var track: Int

    package static let tracks = 0..<16

    package init(_ channel: Channel, lane: Int, track: Int = 0) {
        self.channel = channel
        self.lane = lane
        self.track = track
    }

    /// As it stands in the column `lane`.
    init(_ channel: Channel, column: Int) { self.init(channel, lane: column % 4, track: column / 4) }

    var column: Int { track * 4 + lane }
}

/// A delivery's primary key: the message's sequence number and the ordinal, so that rows of one message lie together.
struct DeliveryKey {
    /// Deliveries of one message, at most.
    static let perMessage = 1024

    static func of(_ message: Int64, _ ordinal: Int) -> Int64 { message * Int64(perMessage) + Int64(ordinal) }
    static func first(of message: Int64) -> Int64 { of(message, 0) }
    static func last(of message: Int64) -> Int64 { of(message, perMessage - 1) }
    static func message(of key: Int64) -> Int64 { key / Int64(perMessage) }
    static func ordinal(of key: Int64) -> Int { Int(key % Int64(perMessage)) }
}

/// An attempt's number within its message: each envelope counts its own, so that they need not know of each other.
struct AttemptKey {
    /// Attempts of one envelope, at most.
    static let perEnvelope = 1 << 20

    static func of(_ envelope: Int, _ number: Int) -> Int { envelope * perEnvelope + number }
    /// The envelope's own count.
    static func number(of key: Int) -> Int { key % perEnvelope }
}
