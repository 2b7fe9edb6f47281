import GRDB
import WaypostCore

/// What policies ask about the people that a message goes to, answered beside the writer. Calls block.
package struct PolicyReader: Sendable {
    private let database: StoreFile
    private let addresses: AddressKey

    package init(_ database: StoreFile, addresses: AddressKey) {
        self.database = database
        self.addresses = addresses
    }

    /// By what a person is found.
    package enum Whom: Hashable, Sendable {
        case user(String)
        /// In its normal form.
        case email(String)
        /// In E.164.
        case phone(String)
    }

    /// The time zones of those who are known and have one, in the order asked; people share numbers, so that there may be
    /// several.
    package func zones(of people: [Whom]) throws -> [[String]] {
        guard !people.isEmpty else { return [] }
        return try database.pool.read { db in
            var known: [Whom: [String]] = [:]
            return try people.map { whom in
                if let zones = known[whom] { return zones }
                let zones = try Row.fetchAll(statement(for: whom, db), arguments: arguments(for: whom)).compactMap {
                    row in
                    try? Person.Details(decoding: KeptBody.opened(row[0])).zone
                }
                known[whom] = zones
                return zones
            }
        }
    }

    private func statement(for whom: Whom, _ db: Database) throws -> Statement {
        switch whom {
        case .user: try db.cachedStatement(sql: "SELECT body FROM person WHERE user = ?")
        case .email: try db.cachedStatement(sql: "SELECT body FROM person WHERE email_key = ? LIMIT 10")
        case .phone: try db.cachedStatement(sql: "SELECT body FROM person WHERE phone_key = ? LIMIT 10")
        }
    }

    private func arguments(for whom: Whom) -> StatementArguments {
        switch whom {
        case .user(let name): [name]
        case .email(let address): [addresses.value(of: address, on: .email)]
        case .phone(let number): [addresses.value(of: number, on: .sms)]
        }
    }

    /// By the number in the column: a no before a yes.
    private static let states: [Consent.State] = [.denied, .granted, .withdrawn]

    /// The standing of each address, in its normal form, for messages of a type.
    package func standings(
        of normal: [String], on channel: Channel, for type: MessageType, at now: Timestamp
    ) throws -> [AddressStanding] {
        try database.pool.read { db in
            let suppressed = try db.cachedStatement(
                sql: """
                    SELECT reason, spares FROM suppressed
                    WHERE address_key = ? AND channel = ? AND (expires_at IS NULL OR expires_at > ?)
                    """)
            let consent = try db.cachedStatement(
                sql: """
                    SELECT state FROM consent WHERE seq IN (
                        SELECT max(seq) FROM consent WHERE address_key = ? AND channel = ? AND purpose IN ('', ?)
                        GROUP BY purpose)
                    ORDER BY state LIMIT 1
                    """)
            return try normal.map { address in
                let key = addresses.value(of: address, on: channel)
                var standing = AddressStanding()
                if let row = try Row.fetchOne(suppressed, arguments: [key, channel.column, now.milliseconds]) {
                    standing.suppression = row[0]
                    standing.sparesTransactional = row[1]
                }
                let state = try Int.fetchOne(consent, arguments: [key, channel.column, type.rawValue])
                standing.consent = state.flatMap { Self.states.indices.contains($0) ? Self.states[$0] : nil }
                return standing
            }
        }
    }
}
