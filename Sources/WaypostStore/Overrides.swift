import Foundation
import GRDB
import WaypostCore

/// What an operator holds against the ordinary course of things; survives a restart.
package struct Override: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case providerDisabled = "provider_disabled"
        case breakerHeld = "breaker_held"
    }
    package var id: OverrideID
    package var kind: Kind
    /// The provider.
    package var target: String
    /// A held breaker: its channel; nil for all.
    package var channel: Channel?
    /// A held breaker: `open` or `closed`.
    package var state: String
    package var reason: String
    package var by: String
    package var createdAt: Timestamp
    /// nil: until somebody lifts it.
    package var expiresAt: Timestamp?

    package init(
        id: OverrideID, kind: Kind, target: String, channel: Channel?, state: String, reason: String, by: String,
        createdAt: Timestamp, expiresAt: Timestamp?
    ) {
        self.id = id
        self.kind = kind
        self.target = target
        self.channel = channel
        self.state = state
        self.reason = reason
        self.by = by
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

extension WriteSession {
    /// Keeps an override in place of any of the same kind, target and channel.
    package func put(_ override: Override) throws {
        try lift(override.kind, target: override.target, channel: override.channel)
        try db.execute(
            sql: """
                INSERT INTO override (id, kind, target, channel, state, reason, by, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                override.id.value.data, override.kind.rawValue, override.target, override.channel?.rawValue ?? "",
                override.state, override.reason, override.by, override.createdAt.milliseconds,
                override.expiresAt?.milliseconds,
            ])
    }

    /// False when there was nothing to lift.
    @discardableResult
    package func lift(_ kind: Override.Kind, target: String, channel: Channel?) throws -> Bool {
        try db.execute(
            sql: "DELETE FROM override WHERE kind = ? AND target = ? AND (? IS NULL OR channel = ? OR channel = '')",
            arguments: [kind.rawValue, target, channel?.rawValue, channel?.rawValue])
        return db.changesCount > 0
    }

    /// False when there is none of that id.
    package func lift(_ id: OverrideID) throws -> Bool {
        try db.execute(sql: "DELETE FROM override WHERE id = ?", arguments: [id.value.data])
        return db.changesCount > 0
    }

    package func overrides() throws -> [Override] {
        try Row.fetchAll(db, sql: "SELECT * FROM override ORDER BY created_at DESC").compactMap { row in
            guard let kind = Override.Kind(rawValue: row["kind"]) else { return nil }
            let id: Data = row["id"]
            let expiresAt: Int64? = row["expires_at"]
            return Override(
                id: OverrideID(ULID(data: id)), kind: kind, target: row["target"],
                channel: Channel(rawValue: row["channel"]),
                state: row["state"], reason: row["reason"], by: row["by"],
                createdAt: Timestamp(milliseconds: row["created_at"]),
                expiresAt: expiresAt.map(Timestamp.init(milliseconds:)))
        }
    }
}
