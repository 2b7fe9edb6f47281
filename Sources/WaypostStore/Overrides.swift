import Foundation
import GRDB
import WaypostCore

/// What an operator holds against the ordinary course of things; survives a restart.
package struct Override: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case providerDisabled = "provider_disabled"
        case breakerHeld = "breaker_held"
        /// Nothing leaves on the channel, or on any.
        case stopSending = "stop_sending"
        /// The channel's first provider is passed over while another can stand in.
        case switchToBackup = "switch_to_backup"
        /// Breakers are held open: of one provider or of all, on one channel or on all.
        case openBreakers = "open_breakers"
    }

    /// The target of what is not about one provider; no provider has that name.
    package static let everything = "*"

    package var id: OverrideID
    package var kind: Kind
    /// The provider; `everything` where it is not about one.
    package var target: String
    /// nil: all channels.
    package var channel: Channel?
    /// What it makes of its target: `disabled`, `open`, `closed`, `stopped`, `passed_over`.
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
        try db.execute(
            sql: "DELETE FROM override WHERE kind = ? AND target = ? AND channel = ?",
            arguments: [override.kind.rawValue, override.target, override.channel?.rawValue ?? ""])
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
