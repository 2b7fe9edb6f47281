import GRDB
import WaypostCore

/// What the program asks about users and their devices, answered beside the writer by connections that cannot write.
///
/// Every question is one short read transaction. Calls block.
package struct PeopleReader: Sendable {
    private let database: StoreFile

    package init(_ database: StoreFile) { self.database = database }

    /// nil when nothing is known of the user.
    package func person(_ user: UserName) throws -> Person? {
        try database.pool.read { try Person.find(user, $0) }
    }

    package func device(_ name: DeviceName, of user: UserName) throws -> Device? {
        try database.pool.read { try Device.find(name, of: user, $0) }
    }

    /// In order of their names, at most `Device.perUser`; nil when nothing is known of the user.
    package func devices(of user: UserName) throws -> [Device]? {
        try database.pool.read { db in
            guard try Person.find(user, db) != nil else { return nil }
            return try Self.devices(of: user.text, db)
        }
    }

    /// Where a message for these users goes: their devices, those left out that nobody has seen for too long. Users without
    /// any are left out.
    package func targets(ofUsers users: some Sequence<String>, at now: Timestamp) throws -> [String: [Push.Device]] {
        try database.pool.read { db in
            var targets: [String: [Push.Device]] = [:]
            for user in users where targets[user] == nil {
                let devices = try Self.devices(of: user, db).filter { $0.staleAt > now }
                if !devices.isEmpty { targets[user] = devices.map(\.target) }
            }
            return targets
        }
    }

    private static func devices(of user: String, _ db: Database) throws -> [Device] {
        let statement = try db.cachedStatement(sql: "\(Device.columns) WHERE user = ? ORDER BY name")
        return try Device.all(statement, [user])
    }
}
