import Foundation
import GRDB
import WaypostCore

/// A row that is damaged, or that another version wrote. Not an error of the store: the others can be read.
struct UnreadableRow: Error {
    var complaint: String
}

/// How a body lies in its column: the id of the key it is encrypted with (0: plain), then its bytes.
enum KeptBody {
    static func closed(_ plain: [UInt8]) -> Data { Data([0] + plain) }

    static func opened(_ data: Data) throws -> [UInt8] {
        guard data.first == 0 else { throw UnreadableRow(complaint: "a body is encrypted under an unknown key") }
        return Array(data.dropFirst())
    }
}

extension Person {
    static let columns = "SELECT user, body, created_at, updated_at FROM person"

    /// Reads a row of `columns`.
    init(_ row: Row) throws {
        self.init(
            user: UserName(unchecked: row[0]), details: try Details(decoding: KeptBody.opened(row[1])),
            createdAt: Timestamp(milliseconds: row[2]), updatedAt: Timestamp(milliseconds: row[3]))
    }

    static func find(_ user: UserName, _ db: Database) throws -> Person? {
        let statement = try db.cachedStatement(sql: "\(columns) WHERE user = ?")
        return try Row.fetchOne(statement, arguments: [user.text]).map(Person.init)
    }
}

extension Device {
    static let columns = "SELECT user, name, platform, body, registered_at, seen_at FROM device"

    /// Reads a row of `columns`.
    init(_ row: Row) throws {
        guard let platform = Push.Platform(rawValue: row[2]) else {
            throw UnreadableRow(complaint: "a device is of a platform that this version does not know")
        }
        self.init(
            user: UserName(unchecked: row[0]), name: DeviceName(unchecked: row[1]),
            report: try Report(platform: platform, decoding: KeptBody.opened(row[3])),
            registeredAt: Timestamp(milliseconds: row[4]), seenAt: Timestamp(milliseconds: row[5]))
    }

    static func find(_ name: DeviceName, of user: UserName, _ db: Database) throws -> Device? {
        let statement = try db.cachedStatement(sql: "\(columns) WHERE user = ? AND name = ?")
        return try Row.fetchOne(statement, arguments: [user.text, name.text]).map(Device.init)
    }

    /// All that can be read: one that cannot must not keep a message from the others.
    static func all(_ rows: Statement, _ arguments: StatementArguments) throws -> [Device] {
        try Row.fetchAll(rows, arguments: arguments).compactMap { try? Device($0) }
    }
}
