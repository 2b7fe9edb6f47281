import GRDB
import WaypostCore

/// Why a recipient is not written to, by the ledger of consent.
package struct ConsentObjection: Error, Equatable, Sendable {
    package enum Kind: Sendable {
        /// The person said no.
        case denied
        /// Nobody has said yes, and it is needed.
        case missing
    }
    /// Of the delivery.
    package var ordinal: Int
    package var kind: Kind

    package init(ordinal: Int, kind: Kind) {
        self.ordinal = ordinal
        self.kind = kind
    }
}

/// The ledger of consent: entries are added, none is changed.
extension WriteSession {
    /// Enters what a person said. The address is in its normal form. Returns whether it is the first about its purpose.
    @discardableResult
    package func enter(_ consent: Consent) throws -> Bool {
        let key = addresses.value(of: consent.address, on: consent.channel)
        let isFirst = try lastWord(of: key, on: consent.channel, about: consent.purpose) == nil
        try db.cachedStatement(
            sql: """
                INSERT INTO consent (channel, address_key, address, state, purpose, source, proof, at, recorded_at, by)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            consent.channel.column, key,
            KeptBody.closed(Array(consent.address.utf8)), consent.state.column, consent.purpose, consent.source,
            consent.proof, consent.at.milliseconds, consent.recordedAt.milliseconds, consent.by,
        ])
        hasConsents = true
        return isFirst
    }

    /// Enters that what was said about one purpose, or about all of them, counts no more. `entry` says what all of these
    /// entries share. False when nothing was ever said.
    package func withdrawConsents(_ purpose: String?, as entry: Consent) throws -> Bool {
        guard hasConsents else { return false }
        let key = addresses.value(of: entry.address, on: entry.channel)
        let standing = try Consent.standing(key, on: entry.channel, db).filter {
            purpose == nil || $0.consent.purpose == purpose
        }
        for (_, consent) in standing where consent.state != .withdrawn {
            var entry = entry
            entry.state = .withdrawn
            entry.purpose = consent.purpose
            try enter(entry)
        }
        return !standing.isEmpty
    }

    /// What the ledger has against a message of that type to the address; nil when nothing.
    func objection(
        to address: Int64, on channel: Channel, for type: MessageType, isRequired: Bool
    ) throws -> ConsentObjection.Kind? {
        guard hasConsents else { return isRequired ? .missing : nil }
        let words = try ["", type.rawValue].compactMap { try lastWord(of: address, on: channel, about: $0) }
        return Consent.objection(words, isRequired: isRequired)
    }

    /// What was last said about a purpose. `address`: the look-up value.
    func lastWord(of address: Int64, on channel: Channel, about purpose: String) throws -> Consent.State? {
        try findConsent.first {
            $0.add(address)
            $0.add(channel.column)
            $0.add(purpose)
        } read: {
            Consent.State(column: $0.int(0))
        }.flatMap(\.self)
    }
}

extension Consent {
    static let columns = """
        SELECT seq, channel, address, state, purpose, source, proof, at, recorded_at, by FROM consent
        """

    /// What stands against writing to somebody whose last words about everything, and about the message's type, are these.
    /// A no about either is a no.
    static func objection(_ words: [State], isRequired: Bool) -> ConsentObjection.Kind? {
        if words.contains(.denied) { return .denied }
        return isRequired && !words.contains(.granted) ? .missing : nil
    }

    /// Reads a row of `columns`.
    init(_ row: Row) throws {
        guard let channel = Channel(column: row[1]), let state = State(column: row[3]) else {
            throw UnreadableRow(complaint: "an entry of consent is of a kind that this version does not know")
        }
        self.init(
            channel: channel, address: String(decoding: try KeptBody.opened(row[2]), as: UTF8.self), state: state,
            purpose: row[4], source: row[5], proof: row[6], at: Timestamp(milliseconds: row[7]),
            recordedAt: Timestamp(milliseconds: row[8]), by: row[9])
    }

    /// The last word about each purpose, by purpose.
    static func standing(_ key: Int64, on channel: Channel, _ db: Database) throws -> [(seq: Int64, consent: Consent)] {
        let statement = try db.cachedStatement(
            sql: """
                \(columns) WHERE seq IN
                    (SELECT max(seq) FROM consent WHERE address_key = ? AND channel = ? GROUP BY purpose)
                ORDER BY purpose
                """)
        return try Row.fetchAll(statement, arguments: [key, channel.column]).map { ($0[0], try Consent($0)) }
    }
}

extension Consent.State {
    /// The number under which it stands in its column; never reused.
    var column: Int {
        switch self {
        case .denied: 0
        case .granted: 1
        case .withdrawn: 2
        }
    }

    init?(column: Int) {
        guard let state = Self.allCases.first(where: { $0.column == column }) else { return nil }
        self = state
    }
}
