import WaypostCore
import WaypostPolicy
import WaypostStore

extension Parcel {
    var key: ParcelKey { ParcelKey(seq: seq, envelope: envelope) }

    var progress: RouteProgress { RouteProgress(round: round, tried: tried, excluded: excluded) }

    /// About what it takes in memory.
    var size: Int { message.content.size + 512 }

    /// Decodes what was claimed; nil when the content cannot be read.
    init?(_ row: ClaimedParcel, track: Int) {
        guard var message = try? Message(decoding: row.body) else { return nil }
        message.expiresAt = row.expiresAt
        let deliveries = message.content.deliveries
        self.init(
            seq: row.seq, envelope: row.envelope, message: message,
            deliveries: row.ordinals.compactMap { deliveries.indices.contains($0) ? deliveries[$0] : nil },
            dueAt: row.dueAt, round: row.round, tried: row.tried, excluded: row.excluded, attempts: row.attempts,
            track: track)
    }
}
