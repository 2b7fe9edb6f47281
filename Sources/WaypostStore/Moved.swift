import Foundation
import GRDB
import WaypostCore

/// What one change over many messages has moved: told by the transaction itself, since somebody else may have been there first.
package struct Moved: Equatable, Sendable {
    /// Of which any delivery moved.
    package var messages: [MessageID] = []
    package var deliveries = 0
    package var tally: [Channel: [MessageType: Int]] = [:]
    /// Whose deliveries moved, as the dispatcher holds them.
    package var parcels: [ParcelKey] = []

    package init() {}

    package static func += (sum: inout Moved, more: Moved) {
        sum.messages += more.messages
        sum.deliveries += more.deliveries
        for (channel, types) in more.tally { sum.tally[channel, default: [:]].merge(types, uniquingKeysWith: +) }
        sum.parcels += more.parcels
    }
}

/// Deliveries of a message that travel in one exchange.
package struct ParcelKey: Hashable, Sendable {
    package var seq: Int64
    package var envelope: Int

    package init(seq: Int64, envelope: Int) {
        self.seq = seq
        self.envelope = envelope
    }
}

extension WriteSession {
    /// Changes what `isWanted` of a message's deliveries, and notes it.
    func moving(
        _ seq: Int64, _ moved: inout Moved, where isWanted: (DeliveryRow) -> Bool,
        _ change: ([DeliveryRow]) throws -> Void
    ) throws {
        let rows = try deliveries(ofMessage: seq).filter(isWanted)
        let find = try db.cachedStatement(sql: "SELECT id, type FROM message WHERE seq = ?")
        guard let first = rows.first, let message = try Row.fetchOne(find, arguments: [seq]) else { return }
        try change(rows)
        let id: Data = message[0]
        moved.messages.append(MessageID(ULID(data: id)))
        moved.deliveries += rows.count
        let type = MessageType(rawValue: message[1]) ?? .transactional
        moved.tally[first.channel, default: [:]][type, default: 0] += rows.count
        moved.parcels += Set(rows.map(\.envelope)).map { ParcelKey(seq: seq, envelope: $0) }
    }
}
