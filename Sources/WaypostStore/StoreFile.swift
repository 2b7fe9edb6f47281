import Foundation
import GRDB
import Synchronization
import WaypostCore
import WaypostCrypto

/// The open file: one connection that writes and checkpoints, and readers that cannot write.
///
/// Debian's SQLite 3.40 can lose data when a checkpoint of one connection races a commit of another (fixed upstream in
/// 3.51.3); so only the writer does either.
package final class StoreFile: Sendable {
    package struct Settings: Equatable, Sendable {
        package enum Synchronous: String, CaseIterable, Sendable { case full, normal }
        package var path: String
        package var synchronous: Synchronous = .full
        package init(path: String) { self.path = path }
    }

    let pool: DatabasePool
    private let lock: FileLock
    private let isOpen = Mutex(true)

    /// Opens, checks and migrates. Throws `StoreError.unusable` with what an operator needs to know.
    package init(_ settings: Settings) throws(StoreError) {
        lock = try FileLock(path: settings.path + ".lock")
        do {
            let existed = FileManager.default.fileExists(atPath: settings.path)
            if !existed { Self.makePrivate(settings.path) }
            pool = try DatabasePool(path: settings.path, configuration: Self.configuration)
            try pool.writeWithoutTransaction { db in
                // GRDB turns synchronous to NORMAL when it switches WAL on; 202 would no longer mean "on disk".
                try db.execute(sql: "PRAGMA synchronous = \(settings.synchronous.rawValue.uppercased())")
                try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
                let level = try Int.fetchOne(db, sql: "PRAGMA synchronous")
                guard level == (settings.synchronous == .full ? 2 : 1) else {
                    throw StoreError.unusable("the store did not take synchronous=\(settings.synchronous.rawValue)")
                }
                if existed { try Self.check(db, path: settings.path) }
            }
            if try pool.read({ try Migrations.migrator.hasBeenSuperseded($0) }) {
                throw StoreError.unusable(
                    "\(settings.path) was written by a newer version of Waypost; run that version")
            }
            try Migrations.migrator.migrate(pool)
        } catch let error as StoreError {
            throw error
        } catch {
            throw Self.openFailure(error, path: settings.path)
        }
    }

    /// Addresses and content lie in it: its owner's business alone. The log beside it is made with the same mode.
    private static func makePrivate(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Foundation.close(descriptor) }
    }

    /// Closes readers, then the writer, which checkpoints; then another router may open the file.
    package func close() {
        let isFirst = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        // SQLite follows a null pointer when it is told to checkpoint a connection that is closed.
        guard isFirst else { return }
        // GRDB closes the writer first, and a reader that is last can neither checkpoint nor take the log away.
        pool.invalidateReadOnlyConnections()
        _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try? pool.close()
        lock.release()
    }

    private static var configuration: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.foreignKeysEnabled = false
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(5)
        configuration.label = "waypost"
        return configuration
    }

    /// After a clean end the file is taken as it was left; otherwise every page is looked at.
    private static func check(_ db: Database, path: String) throws {
        guard try db.tableExists("owner") else { return }
        let endedCleanly =
            try Bool.fetchOne(db, sql: "SELECT ended_at IS NOT NULL FROM owner ORDER BY epoch DESC LIMIT 1") ?? false
        if endedCleanly { return }
        let findings = try String.fetchAll(db, sql: "PRAGMA quick_check(3)")
        guard findings != ["ok"] else { return }
        // SQLite puts several lines into one finding.
        throw damage(findings.joined(separator: "; ").split(separator: "\n").joined(separator: ", "), path: path)
    }

    private static func damage(_ finding: String, path: String) -> StoreError {
        .unusable("\(path) is damaged (\(finding)); restore a backup, or move the file away to begin anew")
    }

    private static func openFailure(_ error: any Error, path: String) -> StoreError {
        guard let error = error as? DatabaseError else { return .unusable("\(path): \(error)") }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return damage(error.message ?? "no further word", path: path)
        case .SQLITE_FULL: return .unusable("\(path): the disk is full")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
            return .unusable("cannot open \(path): \(error.message ?? "no permission"); check the folder and its owner")
        default: return .unusable("cannot open \(path): \(error.message ?? "\(error.resultCode)")")
        }
    }

    /// The key under which addresses are looked up; made once for a store and kept in it.
    package func addressKey() throws(StoreError) -> AddressKey {
        do {
            let bytes = try pool.write { db in
                if let kept = try Data.fetchOne(db, sql: "SELECT value FROM store WHERE name = 'address_key'") {
                    return [UInt8](kept)
                }
                let fresh = SecureRandom.bytes(32)
                try db.execute(
                    sql: "INSERT INTO store (name, value) VALUES ('address_key', ?)", arguments: [Data(fresh)])
                return fresh
            }
            return AddressKey(secret: bytes)
        } catch {
            throw .unusable("cannot read the store's address key: \(error)")
        }
    }
}

/// Turns an address into what columns hold: the first 64 bits of HMAC-SHA-256 under a key of the store.
package struct AddressKey: Sendable {
    private let key: HMACKey

    init(secret: [UInt8]) { key = HMACKey(secret) }

    /// `address` in its normal form.
    package func value(of address: String, on channel: Channel) -> Int64 {
        var bytes = Array(channel.rawValue.utf8)
        bytes.append(0)
        bytes.append(contentsOf: address.utf8)
        return key.authenticate(bytes).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
}

/// Keeps a second router from opening the same store. The lock goes with the process, however it ends.
private final class FileLock: Sendable {
    /// nil once it is released: the number may belong to another file by then.
    private let descriptor: Mutex<CInt?>

    init(path: String) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unusable("cannot open \(path): \(String(cString: strerror(errno))); check the folder and its owner")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .unusable("another router has this store open (\(path) is locked); stop it first, or set store.path")
        }
        self.descriptor = Mutex(descriptor)
    }

    func release() {
        descriptor.withLock { descriptor in
            if let descriptor { close(descriptor) }
            descriptor = nil
        }
    }

    deinit { release() }
}
