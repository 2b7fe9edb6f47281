import Glibc
import Synchronization
import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// A new configuration under load, and the end in order.
    @Suite struct Reloading {
        /// Threads that send until told to stop; what was answered, and what was not.
        private final class Traffic: Sendable {
            struct Account: Sendable {
                var ids: [String] = []
                var failures: [String] = []
            }

            private let isOver = Atomic<Bool>(false)
            private let counted = Atomic<Int>(0)
            private let threads: Mutex<[Background<Account>]> = Mutex([])

            init(to port: Int, connections: Int) {
                threads.withLock { threads in
                    threads = (0..<connections).map { _ in Background { [self] in run(Wire(port: port)) } }
                }
            }

            /// Requests answered so far.
            var count: Int { counted.load(ordering: .relaxed) }

            private func run(_ wire: Wire) -> Account {
                var account = Account()
                while !isOver.load(ordering: .relaxed) {
                    do {
                        let reply = try wire.post("/v1/messages", Letter.body())
                        if reply.status == 202, let id = reply["id"]?.string {
                            account.ids.append(id)
                        } else {
                            account.failures.append("\(reply)")
                        }
                    } catch { account.failures.append("\(error)") }
                    counted.wrappingAdd(1, ordering: .relaxed)
                }
                return account
            }

            func end() throws -> Account {
                isOver.store(true, ordering: .relaxed)
                return try threads.withLock { $0 }.reduce(into: Account()) { sum, thread in
                    let one = try thread.value()
                    sum.ids += one.ids
                    sum.failures += one.failures
                }
            }
        }

        @Test func `ten reloads under load fail no request and lose no message`() throws {
            let router = try Router()
            let traffic = Traffic(to: router.port, connections: 4)
            for turn in 0..<10 {
                let before = traffic.count
                var setup = turn % 2 == 0 ? Setup.through("ses", "sendgrid") : Setup()
                setup.set("sendgrid", "max_in_flight", "\(20 + turn)")
                try router.folder.configure(setup, for: router.sandbox)
                if turn % 3 == 0 {
                    let reply = try router.wire.post("/v1/reload")
                    #expect(reply.status == 200, "\(reply)")
                } else {
                    #expect(router.app.reload() == [])
                }
                try eventually("traffic goes on") { traffic.count >= before + 10 }
            }
            let account = try traffic.end()
            #expect(account.failures == [])
            #expect(account.ids.count >= 100)
            for id in account.ids { try router.wire.wait(for: id, toBe: "sent") }
            let summary = router.sandbox.journal.summary
            #expect(summary.distinctMessages == account.ids.count)
            #expect(summary.duplicates == 0)
            let providers = summary.providers
            #expect((providers[.sendgrid]?.taken ?? 0) > 0 && (providers[.ses]?.taken ?? 0) > 0)
            #expect(try router.wire.metrics()["waypost_config_last_reload_successful"] == 1)
        }

        @Test func `a file with a fault is refused whole, and the old configuration stays`() throws {
            let router = try Router()
            let version = try router.wire.get("/v1/configuration")
            var setup = Setup.through("ses")
            setup.sections["limits"] = "{recipient: off, recepient: 3}"
            setup.set("sendgrid", "timeout", "soon")
            try router.folder.configure(setup, for: router.sandbox)
            let refused = try router.wire.post("/v1/reload")
            #expect(refused.status == 422, "\(refused)")
            #expect(refused["errors"]?.array?.count == 2, "every fault at once: \(refused)")
            #expect(refused.text.contains("recepient") && refused.text.contains("timeout"))
            #expect(try router.wire.metrics()["waypost_config_last_reload_successful"] == 0)
            #expect(try router.wire.get("/v1/configuration").body == version.body)
            let id = try router.wire.send()
            try router.wire.wait(for: id, toBe: "sent")
            #expect(try router.wire.message(id)["provider"] == "sendgrid")

            try router.folder.configure(.through("ses"), for: router.sandbox)
            #expect(try router.wire.post("/v1/reload").status == 200)
            #expect(try router.wire.metrics()["waypost_config_last_reload_successful"] == 1)
            let next = try router.wire.send()
            try router.wire.wait(for: next, toBe: "sent")
            #expect(try router.wire.message(next)["provider"] == "ses")
        }

        @Test func `what needs a restart is refused by name`() throws {
            let router = try Router()
            var setup = Setup()
            setup.sections["server"] = "{listen: 127.0.0.1:1, operations_listen: 127.0.0.1:2}"
            setup.sections["store"] = "{path: store/other.db}"
            try router.folder.configure(setup, for: router.sandbox)
            let refused = try router.wire.post("/v1/reload")
            #expect(refused.status == 422)
            for name in ["server.listen", "server.operations_listen", "store.path"] {
                #expect(refused.text.contains(name), "\(refused)")
            }
            #expect(try router.wire.metrics()["waypost_config_last_reload_successful"] == 0)
            #expect(try router.wire.post("/v1/messages", Letter.body()).status == 202)
        }

        @Test func `what is under way ends under the old configuration`() throws {
            let router = try Router(.through("sendgrid"))
            try router.sandbox.setFault(.sends(.sendgrid, .delay, delay: .milliseconds(400)))
            let id = try router.wire.send()
            try eventually("it is under way") { router.sandbox.requests(for: id).count == 1 }
            try router.folder.configure(.through("ses"), for: router.sandbox)
            #expect(router.app.reload() == [])
            try router.wire.wait(for: id, toBe: "sent")
            #expect(try router.wire.message(id).attempts == ["sendgrid accepted"])
            #expect(router.sandbox.copies(of: id) == 1)
        }

        // MARK: Signals

        @Test func `SIGHUP applies the file anew`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let daemon = try Daemon(in: folder)
            try folder.configure(.through("ses"), for: sandbox)
            daemon.child.signal(SIGHUP)
            try eventually("the route has changed") {
                try daemon.wire.get("/v1/routes")["data"]?[0]?["providers"] == ["ses"]
            }
            let id = try daemon.wire.send()
            try daemon.wire.wait(for: id, toBe: "sent")
            #expect(try daemon.wire.message(id)["provider"] == "ses")
            daemon.child.signal(SIGTERM)
            #expect(daemon.child.end().status == 0)
        }

        @Test func `SIGTERM is told by readyz first while sends are served, then what is in flight ends, with 0`()
            throws
        {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            var setup = Setup.through("sendgrid")
            setup.sections["server"] = "{listen: 127.0.0.1:0, drain_delay: 2s, drain_timeout: 60s}"
            try folder.configure(setup, for: sandbox)
            let daemon = try Daemon(in: folder)
            try sandbox.setFault(.sends(.sendgrid, .delay, delay: .milliseconds(2_500)))
            var ids = [try daemon.wire.send()]
            #expect(try daemon.wire.get("/readyz").status == 200)
            daemon.child.signal(SIGTERM)
            try eventually("not ready") { try daemon.wire.get("/readyz").status == 503 }
            #expect(try daemon.wire.get("/livez").status == 200)
            ids.append(try daemon.wire.send())  // still served
            try eventually("draining, or gone") {
                guard let reply = try? daemon.wire.post("/v1/messages", Letter.body()) else { return true }
                if reply.status == 202, let id = reply["id"]?.string { ids.append(id) }
                if reply.status == 503 { #expect(reply["code"] == "draining") }
                return reply.status == 503
            }
            let end = daemon.child.end()
            #expect(end.status == 0, "\(end.complaints)")
            #expect(sandbox.copies(of: ids[0]) == 1)
            #expect(try Daemon.fsck(folder).status == 0)

            // What was in flight is known to be sent; what waited goes on with the next run, once.
            sandbox.clearFaults()
            let next = try Daemon(in: folder, name: "next")
            #expect(try next.wire.status(of: ids[0]) == "sent")
            for id in ids {
                try next.wire.wait(for: id, toBe: "sent")
                #expect(sandbox.copies(of: id) == 1)
            }
            #expect(try next.wire.metrics().sum("waypost_ambiguous_total") == 0)
        }

        @Test func `a bad file ends the start with 78 and every fault named`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            var setup = Setup()
            setup.set("ses", "regoin", "eu-west-1")
            setup.set("sendgrid", "timeout", "soon")
            try folder.configure(setup, for: sandbox)
            for command in ["serve", "check"] {
                let end = try Child.run(
                    Child.program("waypost"), [command, "--config", folder.file("waypost.yaml")], in: folder,
                    name: command)
                #expect(end.status == 78)
                #expect(end.complaints.contains("regoin") && end.complaints.contains("region?"), "\(end)")
                #expect(end.complaints.contains("sendgrid.timeout"), "\(end)")
            }
        }

        @Test func `an address that is taken ends the start with 69`() throws {
            let router = try Router()
            let folder = try Folder()
            var setup = Setup()
            setup.sections["server"] = "{listen: 127.0.0.1:\(router.port)}"
            try folder.configure(setup, for: router.sandbox)
            let end = try Child.run(
                Child.program("waypost"), ["serve", "--config", folder.file("waypost.yaml")], in: folder, name: "serve")
            #expect(end.status == 69, "\(end)")
            #expect(end.complaints.contains("\(router.port)"))
        }
    }
}
