import Foundation
import GRDB
import Testing
import WaypostJSON
import WaypostSandbox
import WaypostStore

extension EndToEnd {
    /// The disk full, the file damaged, somebody else's, or not what the books say.
    @Suite struct Store {
        @Test(.enabled(if: SmallDisk.isPossible, "mounting a small disk takes root"))
        func `a full disk refuses sends, and with space given back the same process goes on`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            let disk = try SmallDisk(on: folder.file("store"), megabytes: 24)
            let router = try Router(.through("sendgrid"), in: folder, with: sandbox)
            defer { router.stop() }
            let wire = router.wire
            try eventually("the reserve is set aside") {
                FileManager.default.fileExists(atPath: folder.file("store/waypost.db.reserve"))
            }
            var ids = [try wire.send()]
            try wire.wait(for: ids[0], toBe: "sent")
            #expect(try wire.get("/readyz").status == 200)

            // These are with the provider when the disk fills; what it says of them must be kept all the same.
            try sandbox.setFault(.sends(.sendgrid, .delay, delay: .milliseconds(500)))
            for _ in 0..<5 { ids.append(try wire.send()) }
            try disk.fill()
            var refused: Reply?
            try eventually("sends are refused") {
                let reply = try wire.post("/v1/messages", Letter.body())
                if reply.status == 202, let id = reply["id"]?.string { ids.append(id) } else { refused = reply }
                try disk.fill()
                return reply.status != 202
            }
            #expect(refused?.status == 503)
            #expect(refused?["code"] == "store_unavailable")
            #expect(refused?["retryable"] == true)
            #expect(refused?.headers["retry-after"] != nil)
            for id in ids { try wire.wait(for: id, toBe: "sent") }

            try eventually("not ready") {
                try disk.fill()
                let probe = try wire.get("/readyz")
                return probe.status == 503 && (probe.text.contains("disk") || probe.text.contains("store"))
            }
            #expect(try wire.get("/livez").status == 200)
            #expect(try wire.get("/v1/messages/\(ids[0])").status == 200, "reading goes on")
            #expect(try wire.get("/healthz").status == 503)

            disk.empty()
            try eventually("ready again") { try wire.get("/readyz").status == 200 }
            try eventually("sends are taken again") {
                let reply = try wire.post("/v1/messages", Letter.body())
                if let id = reply["id"]?.string { ids.append(id) }
                return reply.status == 202
            }
            for id in ids {
                try wire.wait(for: id, toBe: "sent")
                #expect(sandbox.copies(of: id) == 1)
            }
            #expect(sandbox.journal.summary.distinctMessages == ids.count, "what was refused was not sent")
            #expect(try Inspection.of(path: folder.file("store/waypost.db")).findings == [])
        }

        @Test func `a store that another router has open is refused with 69 and a clear line`() throws {
            let router = try Router()
            let end = try Child.run(
                Child.program("waypost"), ["serve", "--config", router.folder.file("waypost.yaml")],
                in: router.folder, name: "second")
            #expect(end.status == 69)
            #expect(end.complaints.contains("another router has this store open"))
            #expect(try router.wire.post("/v1/messages", Letter.body()).status == 202)
        }

        @Test(arguments: [true, false])
        func `a damaged file is refused with 69 and one clear line, each time`(inItsHead: Bool) throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let first = try Daemon(in: folder)
            for _ in 0..<40 { _ = try first.wire.send() }
            first.child.signal(SIGTERM)
            #expect(first.child.end().status == 0)
            if !inItsHead {
                // Only after a crash is every page looked at.
                let second = try Daemon(in: folder)
                second.crash()
            }
            let path = folder.file("store/waypost.db")
            if inItsHead { #expect(try size(path + "-wal") == 0, "after a clean end the file is the whole store") }
            try damage(path, from: inItsHead ? 0 : 8_192, count: inItsHead ? 4_096 : 65_536)
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            for attempt in 0..<2 {
                let end = try Child.run(
                    Child.program("waypost"), ["serve", "--config", folder.file("waypost.yaml")], in: folder,
                    name: "damaged-\(attempt)")
                #expect(end.status == 69, "\(end)")
                let lines = end.complaints.split(separator: "\n").filter { $0.hasPrefix("waypost: ") }
                #expect(lines.count == 1, "\(end)")
                #expect(lines.first?.contains("damaged") == true, "\(end)")
                #expect(lines.first?.contains("restore a backup") == true, "\(end)")
            }
            // In the other case SQLite itself brings the log home.
            if inItsHead { #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before) }
            #expect(try Daemon.fsck(folder).status != 0)
        }

        private func size(_ path: String) throws -> Int {
            guard FileManager.default.fileExists(atPath: path) else { return 0 }
            return try Data(contentsOf: URL(fileURLWithPath: path)).count
        }

        private func damage(_ path: String, from offset: UInt64, count: Int) throws {
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            defer { try? file.close() }
            try file.seek(toOffset: offset)
            try file.write(contentsOf: Data(repeating: 0xA5, count: count))
        }

        @Test func `a row that was changed behind the books is seen by the metric and by fsck`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            let first = try Router(in: folder, with: sandbox)
            for _ in 0..<3 { try first.wire.wait(for: try first.wire.send(), toBe: "sent") }
            first.stop()
            #expect(try Daemon.fsck(folder).status == 0)
            try DatabaseQueue(path: folder.file("store/waypost.db")).write { db in
                try db.execute(sql: "UPDATE delivery SET state = 7 WHERE key = (SELECT min(key) FROM delivery)")
            }
            let fsck = try Daemon.fsck(folder)
            #expect(fsck.status == 1)
            #expect(fsck.complaints.contains("ledger: email"), "\(fsck)")
            let second = try Router(in: folder, with: sandbox)
            defer { second.stop() }
            try eventually("the books do not balance") {
                try #require(try second.wire.metrics()["waypost_ledger_imbalance"]) != 0
            }
        }

        @Test(.enabled(if: Strace.isPossible, "strace is not here, or may not trace"))
        func `a 202 has been synced to the write-ahead log`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let traced = try Strace(in: folder, calls: "fsync,fdatasync")
            // One after the other, and without outcomes: none can share another's sync.
            _ = try traced.wire.post("/v1/providers/sendgrid/disable")
            for _ in 0..<5 {
                let before = try traced.count("waypost.db-wal")
                _ = try traced.wire.send()
                #expect(try traced.count("waypost.db-wal") > before)
            }
            #expect(traced.end().status == 0)
        }
    }
}

/// A router whose system calls are written down.
final class Strace {
    private let child: Child
    private let trace: String
    let wire: Wire

    static let isPossible: Bool = {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"), let folder = try? Folder() else {
            return false
        }
        return (try? Child.run("/usr/bin/strace", ["-o", "/dev/null", "/bin/true"], in: folder, name: "try"))?.status
            == 0
    }()

    init(in folder: Folder, calls: String) throws {
        trace = folder.file("trace")
        let child = try Child(
            "/usr/bin/strace",
            ["-f", "-y", "-o", trace, "-e", "trace=\(calls)"]
                + [Child.program("waypost"), "serve", "--config", folder.file("waypost.yaml")],
            in: folder, name: "traced")
        self.child = child
        var port: Int?
        try eventually("it listens", within: .seconds(60)) {
            port = Daemon.port(in: child.complained)
            return port != nil
        }
        guard let port else { throw Wire.Broken(description: "waypost does not serve: \(child.complained)") }
        wire = Wire(port: port)
    }

    /// How many calls named that file.
    func count(_ file: String) throws -> Int {
        try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").count { $0.contains(file) }
    }

    /// Asks the router to end, and with it strace.
    func end() -> Child.End {
        wire.hangUp()
        let children = try? String(contentsOfFile: "/proc/\(child.pid)/task/\(child.pid)/children", encoding: .utf8)
        if let router = children.flatMap({ pid_t($0.split(separator: " ").first ?? "") }) { kill(router, SIGTERM) }
        return child.end()
    }
}
