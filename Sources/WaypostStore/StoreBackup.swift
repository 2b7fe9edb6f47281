import Foundation
import GRDB

/// A copy of a store as it was at one moment, made beside a router that writes on: SQLite's backup, from a connection that
/// only reads.
package struct StoreBackup: Sendable {
    /// Why there is no copy.
    package enum Failure: Error, Equatable, Sendable {
        case source(StoreError)
        /// It cannot be written there.
        case target(String)
        /// It was made and is not sound; nothing was left behind.
        case unsound([String])
    }

    package var source: String
    /// Where the copy is to lie; a file of its own, without a log beside it.
    package var target: String
    /// Takes the place of a file that is there already.
    package var replacing = false
    /// Looks at every page and row of the copy, as `waypost fsck` does, before it gets its name.
    package var verifying = false

    package init(of source: String, at target: String) {
        self.source = source
        self.target = target
    }

    /// Writes it beside its place, makes sure that it is on disk, and only then gives it its name. Returns its size in bytes.
    package func make() throws(Failure) -> Int {
        guard FileManager.default.fileExists(atPath: source) else {
            throw .source(.unusable("\(source): no such store"))
        }
        guard replacing || !FileManager.default.fileExists(atPath: target) else { throw .target(Self.taken(target)) }
        if let objection { throw .target(objection) }
        let draft = target + ".part-\(getpid())"
        let descriptor = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .target("cannot write \(draft): \(Self.reason)") }
        defer {
            close(descriptor)
            for name in [draft, draft + "-wal", draft + "-shm", draft + "-journal"] { unlink(name) }
        }
        try copy(to: draft)
        if verifying {
            let inspection: Inspection
            do throws(StoreError) { inspection = try Inspection.of(path: draft) } catch { throw .source(error) }
            guard inspection.findings.isEmpty else { throw .unsound(inspection.findings) }
        }
        guard fsync(descriptor) == 0 else { throw .target("cannot write \(draft): \(Self.reason)") }
        // A link fails where there is a file, a rename replaces it.
        guard replacing ? rename(draft, target) == 0 : link(draft, target) == 0 else {
            throw .target(errno == EEXIST ? Self.taken(target) : "cannot write \(target): \(Self.reason)")
        }
        try Self.syncFolder(of: target)
        var file = stat()
        return fstat(descriptor, &file) == 0 ? Int(file.st_size) : 0
    }

    /// Why the target must not be written, `replacing` or not: it is the store, or one of the files that belong to it; or it is
    /// something else than a copy, which nobody can have meant.
    private var objection: String? {
        let path = Self.canonical(target)
        let own = Self.canonical(source)
        if path == own || Self.isSameFile(target, source) { return "\(target) is the store itself; name another file" }
        if ["-wal", "-shm", "-journal", ".lock", ".reserve"].contains(where: { path == own + $0 }) {
            return "\(target) belongs to the store; name another file"
        }
        guard let file = FileHandle(forReadingAtPath: target) else { return nil }
        defer { try? file.close() }
        let magic = (try? file.read(upToCount: 16)) ?? nil
        return magic == Data("SQLite format 3\0".utf8)
            ? nil : "\(target) is not a copy of a store, and is not replaced; name another file"
    }

    /// The path with its folder's links followed; the file itself need not be there.
    private static func canonical(_ path: String) -> String {
        let url = URL(fileURLWithPath: path)
        return url.deletingLastPathComponent().resolvingSymlinksInPath().appendingPathComponent(url.lastPathComponent)
            .path
    }

    private static func isSameFile(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev
            && first.st_ino == second.st_ino
    }

    private func copy(to draft: String) throws(Failure) {
        let reader: DatabaseQueue
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            reader = try DatabaseQueue(path: source, configuration: configuration)
        } catch { throw .source(.unusable("cannot read \(source): \(error)")) }
        do {
            let copy = try DatabaseQueue(path: draft)
            // All pages in one step: a step at a time begins anew with every commit of the router.
            try reader.backup(to: copy)
            // One file is the whole copy. The router turns the log on again when it opens it.
            try copy.writeWithoutTransaction { db in
                _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
            }
            try copy.close()
            try reader.close()
        } catch let error as DatabaseError where [.SQLITE_FULL, .SQLITE_IOERR].contains(error.resultCode) {
            throw .target("cannot write \(draft): \(error.message ?? "the disk is full or fails")")
        } catch { throw .source(.unusable("cannot copy \(source): \(error)")) }
    }

    /// The name itself is on disk only with its folder.
    private static func syncFolder(of path: String) throws(Failure) {
        let name = (path as NSString).deletingLastPathComponent
        let folder = open(name.isEmpty ? "." : name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if folder >= 0 { close(folder) } }
        guard folder >= 0, fsync(folder) == 0 else { throw .target("cannot write \(name): \(reason)") }
    }

    private static func taken(_ path: String) -> String {
        "\(path) is there already; name another file, or say --force to replace it"
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
