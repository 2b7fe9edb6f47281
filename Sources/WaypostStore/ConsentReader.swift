import GRDB
import WaypostCore

/// What the program asks about consent, and about what stands against a message, answered beside the writer by connections
/// that cannot write.
///
/// Every question is one short read transaction. Calls block.
package struct ConsentReader: Sendable {
    private let database: StoreFile
    private let addresses: AddressKey

    package init(_ database: StoreFile, addresses: AddressKey) {
        self.database = database
        self.addresses = addresses
    }

    /// What the ledger says of an address.
    package struct Record: Sendable {
        /// The last word about each purpose, by purpose.
        package var standing: [Consent]
        /// Entries, newest first; a page of them.
        package var history: [(seq: Int64, consent: Consent)]
    }

    /// nil when nothing was ever said of the address, which is in its normal form. `after`: the last entry seen.
    package func consents(of address: String, on channel: Channel, after: Int64?, limit: Int) throws -> Record? {
        let key = addresses.value(of: address, on: channel)
        return try database.pool.read { db in
            let standing = try Consent.standing(key, on: channel, db).map(\.consent)
            guard !standing.isEmpty else { return nil }
            let statement = try db.cachedStatement(
                sql: "\(Consent.columns) WHERE address_key = ? AND channel = ? AND seq < ? ORDER BY seq DESC LIMIT ?")
            let history = try Row.fetchAll(statement, arguments: [key, channel.column, after ?? .max, limit]).map {
                (seq: $0[0] as Int64, consent: try Consent($0))
            }
            return Record(standing: standing, history: history)
        }
    }

    /// What would be found at the door for a message: of each address in order, in its normal form. `others`: second
    /// addresses, by ordinal.
    package func findings(
        for normalAddresses: [String], others: [Int: String] = [:], on channel: Channel, _ type: MessageType,
        requiresConsent: Bool, at now: Timestamp
    ) throws -> DoorFindings {
        let keys = normalAddresses.map { addresses.value(of: $0, on: channel) }
        let others = others.mapValues { addresses.value(of: $0, on: channel) }
        return try database.pool.read { db in
            var findings = DoorFindings(deliveries: keys.count)
            for (ordinal, key) in keys.enumerated() {
                let other = others[ordinal]
                if let reason = try Self.reason(key, channel, type, at: now, db) {
                    findings.suppressed.append((ordinal, reason))
                } else if let other, let reason = try Self.reason(other, channel, type, at: now, db),
                    reason != .deadToken
                {
                    findings.suppressed.append((ordinal, reason))
                } else if let kind = try Consent.objection(
                    Self.words(key, channel, type, db), isRequired: requiresConsent)
                {
                    findings.objections.append(ConsentObjection(ordinal: ordinal, kind: kind))
                } else if let other,
                    let kind = try Consent.objection(Self.words(other, channel, type, db), isRequired: false)
                {
                    findings.objections.append(ConsentObjection(ordinal: ordinal, kind: kind))
                }
            }
            return findings
        }
    }

    private static func reason(
        _ key: Int64, _ channel: Channel, _ type: MessageType, at now: Timestamp, _ db: Database
    ) throws -> Suppression.Reason? {
        guard let found = try Suppression.row(key, on: channel, db)?.suppression, found.isInForce(at: now),
            !(found.sparesTransactional && type == .transactional)
        else { return nil }
        return found.reason
    }

    private static func words(
        _ key: Int64, _ channel: Channel, _ type: MessageType, _ db: Database
    ) throws -> [Consent.State] {
        try ["", type.rawValue].compactMap { purpose in
            try Int.fetchOne(
                db.cachedStatement(sql: Consent.lastWord), arguments: [key, channel.column, purpose]
            ).flatMap(Consent.State.init(column:))
        }
    }
}

/// What the lists say about a message's recipients, by the ordinals of its deliveries.
package struct DoorFindings: Sendable {
    package var deliveries: Int
    package var suppressed: [(ordinal: Int, reason: Suppression.Reason)] = []
    /// Of those who are not suppressed.
    package var objections: [ConsentObjection] = []

    package init(deliveries: Int) { self.deliveries = deliveries }

    /// Nobody is left to write to: the message is kept as `suppressed`, whatever else stands against it.
    package var isSuppressed: Bool { deliveries > 0 && suppressed.count == deliveries }
}

extension Consent {
    static let lastWord = """
        SELECT state FROM consent WHERE address_key = ? AND channel = ? AND purpose = ? ORDER BY seq DESC LIMIT 1
        """
}
