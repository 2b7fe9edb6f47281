import WaypostCore
import WaypostCrypto

/// Names of events that have been taken in, so that a provider that repeats itself changes nothing.
package enum SeenName {
    /// How long a name is remembered (contract: api, "Callbacks").
    package static let lifetime: Duration = .seconds(24 * 3600)

    /// First 16 bytes of SHA-256 over the source, NUL, the name.
    static func key(_ name: String, from source: String) -> [UInt8] {
        Array(SHA256.hash(Array(source.utf8) + [0] + Array(name.utf8)).prefix(16))
    }
}

extension WriteSession {
    /// Remembers all names of an event. False when any of them was known: it has been taken in already.
    package func isNew(_ names: [String], from source: String) throws -> Bool {
        var isNew = true
        for name in names {
            let changed = try receiptStatements.insertSeen.run {
                $0.add(SeenName.key(name, from: source))
                $0.add(now)
                $0.add(now - SeenName.lifetime)
            }
            if changed == 0 { isNew = false }
        }
        return isNew
    }

    /// Forgets names and strays whose time is over. Returns how many went.
    package func forgetSeen(atMost count: Int) throws -> Int {
        let limit = (now - SeenName.lifetime).milliseconds
        try db.cachedStatement(
            sql: "DELETE FROM seen WHERE seq IN (SELECT seq FROM seen ORDER BY seq LIMIT ?) AND at <= ?"
        ).execute(arguments: [count, limit])
        let names = db.changesCount
        guard strays > 0 else { return names }
        try db.cachedStatement(
            sql: "DELETE FROM stray WHERE seq IN (SELECT seq FROM stray ORDER BY seq LIMIT ?) AND at <= ?"
        ).execute(arguments: [count, limit])
        strays -= db.changesCount
        return names + db.changesCount
    }
}
