import Foundation
import GRDB
import Synchronization
import Testing
import WaypostSandbox
import WaypostStore

extension EndToEnd {
    /// `waypost backup`, and what becomes of a copy.
    @Suite struct Backup {
        private func backup(_ folder: Folder, to name: String, _ flags: String...) throws -> Child.End {
            try Child.run(
                Child.program("waypost"),
                ["backup", "--config", folder.file("waypost.yaml"), "--to", folder.file(name)] + flags, in: folder,
                name: "backup")
        }

        @Test func `a copy made under load is whole, private, of one moment, and starts`() throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let daemon = try Daemon(in: folder)
            let port = daemon.port
            let isOver = Mutex(false)
            let before = try daemon.wire.send()
            let load = (0..<4).map { _ in
                Background {
                    let wire = Wire(port: port)
                    var count = 0
                    while !isOver.withLock({ $0 }) {
                        _ = try wire.send()
                        count += 1
                    }
                    return count
                }
            }
            var counts: [Int] = []
            for number in 0..<3 {
                let end = try backup(folder, to: "copy-\(number).db", "--verify")
                #expect(end.status == 0, "\(end.complaints)")
                #expect(end.output.contains("all is well"))
                let inspection = try Inspection.of(path: folder.file("copy-\(number).db"))
                #expect(inspection.findings == [])
                counts.append(inspection.messages)
            }
            isOver.withLock { $0 = true }
            let sent = try load.map { try $0.value() }.reduce(0, +)
            #expect(counts == counts.sorted() && counts[0] > 0 && counts[2] <= sent + 1, "\(counts) of \(sent)")

            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("copy") }
            #expect(files.sorted() == ["copy-0.db", "copy-1.db", "copy-2.db"], "nothing lies beside them")
            let mode = try FileManager.default.attributesOfItem(atPath: folder.file("copy-0.db"))[.posixPermissions]
            #expect(mode as? Int == 0o600)

            daemon.child.signal(SIGTERM)
            #expect(daemon.child.end().status == 0)
            for name in ["waypost.db", "waypost.db-wal", "waypost.db-shm"] {
                try? FileManager.default.removeItem(atPath: folder.file("store/" + name))
            }
            try FileManager.default.copyItem(
                atPath: folder.file("copy-2.db"), toPath: folder.file("store/waypost.db"))
            let restored = try Daemon(in: folder, name: "restored")
            try restored.wire.wait(for: before, toBe: "sent")
            restored.child.signal(SIGTERM)
            #expect(restored.child.end().status == 0)
            #expect(try Daemon.fsck(folder).status == 0)
        }

        @Test func `a copy of a store at rest leaves the store as it was and replaces nothing unasked`() throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            #expect(try backup(folder, to: "copy.db").status == 69, "there is no store yet")
            let daemon = try Daemon(in: folder)
            try daemon.wire.wait(for: try daemon.wire.send(), toBe: "sent")
            daemon.child.signal(SIGTERM)
            #expect(daemon.child.end().status == 0)
            let store = URL(fileURLWithPath: folder.file("store/waypost.db"))
            let original = try Data(contentsOf: store)

            #expect(try backup(folder, to: "copy.db").status == 0)
            #expect(try Data(contentsOf: store) == original)
            let again = try backup(folder, to: "copy.db")
            #expect(again.status == 73)
            #expect(again.complaints.contains("--force"), "\(again.complaints)")
            #expect(try backup(folder, to: "copy.db", "--force", "--verify").status == 0)
            #expect(try backup(folder, to: "nowhere/copy.db").status == 73)
            try folder.write("store: {paht: x}\n", to: "waypost.yaml")
            #expect(try backup(folder, to: "other.db").status == 78)
        }

        @Test func `the store, what belongs to it and what is no copy are never replaced`() throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let daemon = try Daemon(in: folder)
            let id = try daemon.wire.send()
            try FileManager.default.createSymbolicLink(
                atPath: folder.file("link"), withDestinationPath: folder.file("store"))
            let own = ["waypost.db", "waypost.db-wal", "waypost.db-shm", "waypost.db.lock", "waypost.db.reserve"]
            for name in own.map({ "store/" + $0 }) + [
                "link/waypost.db", "store/../store/waypost.db-wal", "waypost.yaml",
            ] {
                let end = try backup(folder, to: name, "--force")
                #expect(end.status == 73 && end.complaints.contains("name another file"), "\(name): \(end)")
            }
            try daemon.wire.wait(for: id, toBe: "sent")
            let more = try (0..<5).map { _ in try daemon.wire.send() }
            for id in more { try daemon.wire.wait(for: id, toBe: "sent") }
            daemon.child.signal(SIGTERM)
            #expect(daemon.child.end().status == 0)
            #expect(try Daemon.fsck(folder).output.contains("6 messages"))
        }

        @Test func `a copy whose books are off is not kept`() throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let daemon = try Daemon(in: folder)
            try daemon.wire.wait(for: try daemon.wire.send(), toBe: "sent")
            daemon.child.signal(SIGTERM)
            daemon.child.end()
            let books = try DatabaseQueue(path: folder.file("store/waypost.db"))
            try books.write { try $0.execute(sql: "DELETE FROM delivery") }
            try books.close()
            let end = try backup(folder, to: "copy.db", "--verify")
            #expect(end.status == 1)
            #expect(end.complaints.contains("ledger"), "\(end.complaints)")
            #expect(!FileManager.default.fileExists(atPath: folder.file("copy.db")))
        }
    }
}
