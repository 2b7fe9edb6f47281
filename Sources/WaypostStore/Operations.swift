import Foundation
import GRDB
import WaypostCore

/// What clients and operators change about messages that exist.
extension WriteSession {
    package enum CancelResult: Equatable, Sendable {
        case canceled(Channel, MessageType, deliveries: Int)
        /// It has left, or has ended.
        case tooLate(DeliveryState)
        case notFound
    }

    /// Cancels what still waits. A message of which any delivery has left is too late as a whole.
    package func cancel(_ id: MessageID, client: ClientName?, reason: String) throws -> CancelResult {
        guard let rows = try deliveries(of: id, client: client) else { return .notFound }
        let state = DeliveryState.ofMessage(with: rows.map(\.state))
        guard rows.allSatisfy({ $0.state == .queued || $0.state == .scheduled || $0.state == .suppressed }),
            rows.contains(where: { $0.state.isOpen })
        else { return .tooLate(state) }
        let open = rows.filter(\.state.isOpen)
        for row in open { try move(row, to: .canceled, reason: reason) }
        let type = try String.fetchOne(db, sql: "SELECT type FROM message WHERE id = ?", arguments: [id.value.data])
        return .canceled(
            rows[0].channel, type.flatMap(MessageType.init(rawValue:)) ?? .transactional, deliveries: open.count)
    }

    /// Puts dead deliveries back into the route under the message's own id, with a fresh budget: retries from the first
    /// round, and as long to live from now as the message had at first.
    package func replay(_ ids: [MessageID]) throws -> Moved {
        try moving(ids, where: { $0 == .dead }, renew)
    }

    /// What an operator knows of deliveries in doubt.
    package enum Resolution: String, CaseIterable, Sendable { case sent, failed, resend }

    package func resolve(_ ids: [MessageID], as resolution: Resolution, reason: String) throws -> Moved {
        try moving(ids, where: { $0 == .inDoubt }) { rows in
            switch resolution {
            case .sent: for row in rows { try move(row, to: .sent, reason: reason) }
            case .failed: for row in rows { try move(row, to: .failed, reason: reason) }
            case .resend: try renew(rows)
            }
        }
    }

    /// Gives dead letters up for good: what is dead or in doubt of these messages has failed, for the operator's reason,
    /// and leaves the list. The message can be read until its retention ends.
    package func purge(_ ids: [MessageID], reason: String) throws -> Moved {
        try moving(ids, where: { $0 == .dead || $0 == .inDoubt }) { rows in
            for row in rows { try move(row, to: .failed, reason: "purged: \(reason)") }
        }
    }

    private func moving(
        _ ids: [MessageID], where isWanted: (DeliveryState) -> Bool, _ change: ([DeliveryRow]) throws -> Void
    ) throws -> Moved {
        var moved = Moved()
        let find = try db.cachedStatement(sql: "SELECT seq FROM message WHERE id = ?")
        for id in ids {
            guard let seq = try Int64.fetchOne(find, arguments: [id.value.data]) else { continue }
            try moving(seq, &moved, where: { isWanted($0.state) }, change)
        }
        return moved
    }

    struct DeliveryRow {
        var seq: Int64
        var ordinal: Int
        var envelope: Int
        var channel: Channel
        var state: DeliveryState
        /// A run of the router has it in memory.
        var isHeld: Bool
        var key: Int64 { DeliveryKey.of(seq, ordinal) }
    }

    private func deliveries(of id: MessageID, client: ClientName?) throws -> [DeliveryRow]? {
        let find = try db.cachedStatement(sql: "SELECT seq FROM message WHERE id = ? AND (? IS NULL OR client = ?)")
        guard let seq = try Int64.fetchOne(find, arguments: [id.value.data, client?.text, client?.text]) else {
            return nil
        }
        return try deliveries(ofMessage: seq)
    }

    func deliveries(ofMessage seq: Int64) throws -> [DeliveryRow] {
        let rows = try db.cachedStatement(
            sql:
                "SELECT key, channel, state, envelope, owner FROM delivery WHERE key BETWEEN ? AND ?")
        return try Row.fetchAll(rows, arguments: [DeliveryKey.first(of: seq), DeliveryKey.last(of: seq)]).compactMap {
            row in
            guard let channel = Channel(column: row[1]), let state = DeliveryState(rawValue: row[2]) else { return nil }
            return DeliveryRow(
                seq: seq, ordinal: DeliveryKey.ordinal(of: row[0]), envelope: row[3], channel: channel, state: state,
                isHeld: row[4] != 0)
        }
    }

    func move(_ row: DeliveryRow, to state: DeliveryState, reason: String?) throws {
        try db.cachedStatement(
            sql: "UPDATE delivery SET state = ?, owner = 0, reason = ?, changed_at = ? WHERE key = ?"
        )
        .execute(arguments: [state.rawValue, reason, now.milliseconds, row.key])
        try moved(
            row.seq, Move(ordinal: row.ordinal, to: state, reason: reason), from: row.state, on: row.channel,
            provider: nil)
    }

    /// Back into the route, and as long to live from now as the message had at first.
    private func renew(_ rows: [DeliveryRow]) throws {
        guard let seq = rows.first?.seq else { return }
        let renewal = try db.cachedStatement(
            sql: "UPDATE message SET expires_at = ? + expires_at - created_at WHERE seq = ? AND expires_at < ? + 60000")
        try renewal.execute(arguments: [now.milliseconds, seq, now.milliseconds])
        for row in rows { try requeue(row, tried: "") }
    }

    /// Back into the route, held by nobody, due now, in a first round.
    func requeue(_ row: DeliveryRow, tried: String) throws {
        try db.cachedStatement(
            sql: """
                UPDATE delivery SET state = 1, owner = 0, due_at = ?, round = 1, tried = ?, reason = NULL, changed_at = ?
                WHERE key = ?
                """
        ).execute(arguments: [now.milliseconds, tried, now.milliseconds, row.key])
        count(-1, row.state, on: row.channel)
        count(1, .queued, on: row.channel)
    }

    /// Deletes a message with all that belongs to it; its deliveries are retired in the state they were in.
    func remove(_ seq: Int64) throws {
        try keepSequenceFloors()
        for row in try deliveries(ofMessage: seq) { retire(1, row.state, on: row.channel) }
        try db.cachedStatement(sql: "DELETE FROM delivery WHERE key BETWEEN ? AND ?")
            .execute(arguments: [DeliveryKey.first(of: seq), DeliveryKey.last(of: seq)])
        for sql in [
            "DELETE FROM content WHERE seq = ?", "DELETE FROM attempt WHERE message = ?",
            "DELETE FROM decision WHERE message = ?", "DELETE FROM event WHERE message = ?",
            "DELETE FROM reconciliation WHERE message = ?",
            "DELETE FROM message WHERE seq = ?",
        ] {
            try db.cachedStatement(sql: sql).execute(arguments: [seq])
        }
    }
}

extension ULID {
    /// The 16 bytes as they lie in columns.
    var data: Data {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Data($0) }
    }
}

extension ULID {
    /// Reads a column; anything but 16 bytes is the zero id.
    init(data: Data) {
        var halves = [UInt64](repeating: 0, count: 2)
        if data.count == 16 {
            for (index, byte) in data.enumerated() { halves[index / 8] = halves[index / 8] << 8 | UInt64(byte) }
        }
        self.init(high: halves[0], low: halves[1])
    }
}
