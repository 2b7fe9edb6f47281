import Foundation
import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// The built program as a client of a router.
    @Suite struct Clients {
        private func waypost(_ router: Router, _ arguments: String...) throws -> Child.End {
            try run(arguments + ["--url", "http://127.0.0.1:\(router.port)"])
        }

        private func run(_ arguments: [String]) throws -> Child.End {
            try Child.run(Child.program("waypost"), arguments, in: try Folder(), name: "client")
        }

        private func json(_ end: Child.End) throws -> JSONValue {
            try JSONValue(parsing: Array(end.output.utf8.dropLast()))
        }

        private static let letter = ["--subject", "Hello", "--text", "It works."]

        private func send(_ router: Router, _ more: [String]) throws -> Child.End {
            let words = ["send", "email", "--to", Letter.address()] + Self.letter + more
            return try run(words + ["--url", "http://127.0.0.1:\(router.port)"])
        }

        @Test func `a message is sent and followed`() throws {
            let router = try Router()
            let end = try send(router, ["--wait"])
            #expect(end.status == 0, "\(end)")
            let id = String(end.output.prefix { $0 != " " })
            #expect(end.output.hasPrefix("\(id) sent by sendgrid\n"), "\(end.output)")
            #expect(router.sandbox.copies(of: id) == 1)
            #expect(!end.output.contains("\u{1B}"), "a file is not painted")
            let whole = try json(try send(router, ["--wait", "--json"]))
            #expect(whole["status"] == "sent")
            #expect(whole.attempts == ["sendgrid accepted"])
            let explained = try waypost(router, "explain", id)
            #expect(explained.status == 0 && explained.output.contains("sendgrid  taken"), "\(explained)")
        }

        @Test func `one that fails says why and ends with 1`() throws {
            let router = try Router(.through("sendgrid"))
            try router.sandbox.setFault(Fault.sends(.sendgrid, .status(.init(400))))
            let end = try send(router, ["--wait"])
            #expect(end.status == 1, "\(end)")
            #expect(end.output.contains(" failed") && end.output.contains("refused_message"), "\(end.output)")
        }

        @Test func `one that cannot be followed to its end in time ends with 1`() throws {
            let router = try Router(.through("sendgrid"))
            #expect(try waypost(router, "providers", "disable", "sendgrid", "--reason", "billing").status == 0)
            let end = try send(router, ["--wait", "--timeout", "100ms"])
            #expect(end.status == 1 && end.output.contains("queued, and not at an end within 100ms"), "\(end)")
        }

        @Test func `a key makes one message of two requests`() throws {
            let router = try Router()
            let words = ["send", "email", "--to", "a@example.org", "--json", "--idempotency-key", "k"] + Self.letter
            let ends = try (0..<2).map { _ in try run(words + ["--url", "http://127.0.0.1:\(router.port)"]) }
            let ids = try ends.map { try json($0)["id"]?.string }
            #expect(ids[0] != nil && ids[0] == ids[1], "\(ends)")
        }

        @Test func `what is refused is told in one line with its places`() throws {
            let router = try Router()
            let end = try waypost(router, "send", "email", "--to", "nobody", "--text", "x")
            #expect(end.status == 1 && end.output == "", "\(end)")
            #expect(end.complaints.split(separator: "\n").count == 1)
            #expect(end.complaints.contains("/to ") && end.complaints.contains("/content/subject "))
            router.stop()
            let gone = try waypost(router, "status")
            #expect(gone.status == 1 && gone.complaints.contains("--url or WAYPOST_URL"), "\(gone)")
            #expect(try waypost(router, "probe", "livez").status == 1)
        }

        @Test func `tokens open what they are for`() throws {
            var setup = Setup()
            setup.sections["auth"] =
                "{keys: [{name: reader, token: reader-token-of-a-test, scopes: [read]}]}"
            let router = try Router(setup)
            #expect(try waypost(router, "messages", "list").complaints.contains("give a token by --token"))
            #expect(
                try waypost(router, "messages", "list", "--token", "wrong").complaints.contains(
                    "does not take this token"))
            let token = ["--token", "reader-token-of-a-test", "--url", "http://127.0.0.1:\(router.port)"]
            #expect(try run(["messages", "list"] + token).output == "no messages\n")
            let refused = try run(["providers", "disable", "ses"] + token)
            #expect(refused.status == 1 && refused.complaints.contains("scope operate"), "\(refused)")
            let status = try run(["status"] + token)
            #expect(status.output.contains("scope operate"), "\(status)")
        }

        @Test func `status ends with 0 while all is well and with 1 when a breaker is open`() throws {
            let router = try Router()
            try router.waitForHealth()
            let well = try waypost(router, "status")
            #expect(well.status == 0, "\(well)")
            #expect(well.output.contains("  healthy\n") && well.output.contains("sendgrid, ses, relay (priority)"))
            #expect(
                try waypost(router, "providers", "breaker", "ses", "open", "--reason", "drill").output.contains(
                    "open (held)"))
            let ill = try waypost(router, "status", "--json")
            #expect(ill.status == 1)
            let report = try json(ill)
            #expect(report["status"] == "degraded")
            #expect(report["reasons"]?[0] == "the breaker of ses for email is open")
            #expect(report["overrides"]?[0]?["reason"] == "drill")
            #expect(report["queues"]?[0]?["channel"] == "email")
            #expect(try waypost(router, "providers", "breaker", "ses", "auto").status == 0)
            #expect(try waypost(router, "status").status == 0)
            #expect(try waypost(router, "probe", "readyz").output == "ok\n")
        }

        @Test func `operators who ask at the clients' door are shown theirs`() throws {
            var setup = Setup()
            setup.sections["server"] = "{listen: 127.0.0.1:0, operations_listen: 127.0.0.1:0}"
            let router = try Router(setup)
            for words in [["status"], ["probe", "livez"]] {
                let end = try run(words + ["--url", "http://127.0.0.1:\(router.port)"])
                #expect(end.status == 1 && end.complaints.contains("operations_listen"), "\(end)")
            }
        }

        @Test func `dead letters are listed page by page, rehearsed and replayed`() throws {
            var setup = Setup.through("sendgrid")
            setup.sections["delivery"] = "{retry: {delays: [10ms], jitter: 0}}"
            let router = try Router(setup)
            try router.sandbox.setFault(Fault.sends(.sendgrid, .status(.init(503))))
            let ids = try (0..<3).map { _ in try router.wire.send() }
            for id in ids { try router.wire.wait(for: id, toBe: "dead") }
            let page = try waypost(router, "dead-letters", "list", "--limit", "2")
            #expect(
                page.output.contains(ids[2]) && !page.output.contains(ids[0]) && page.complaints.contains("--after "))
            let all = try json(try waypost(router, "dead-letters", "list", "--all", "--json"))
            #expect(all["data"]?.array?.compactMap { $0["id"]?.string } == ids.reversed())
            #expect(all["next"] == .null)

            router.sandbox.clearFaults()
            let rehearsal = try waypost(router, "dead-letters", "replay", "--all", "--dry-run")
            #expect(
                rehearsal.status == 0 && rehearsal.output.hasPrefix("would have replayed 3 messages\n"), "\(rehearsal)")
            #expect(try router.wire.status(of: ids[0]) == "dead")
            let replayed = try waypost(router, "dead-letters", "replay", ids[0], ids[1])
            #expect(replayed.output == "replayed 2 messages\n  \(ids[0])\n  \(ids[1])\n", "\(replayed)")
            for id in ids[..<2] { try router.wire.wait(for: id, toBe: "sent") }
            let purged = try waypost(router, "dead-letters", "purge", "--all", "--reason", "of no use")
            #expect(purged.output.hasPrefix("purged 1 message\n"), "\(purged)")
            #expect(try waypost(router, "dead-letters", "list").output == "no dead letters\n")
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func `events are followed until somebody leaves`(signal: Int32) throws {
            let router = try Router()
            let folder = try Folder()
            let words = ["events", "--follow", "--json", "--url", "http://127.0.0.1:\(router.port)"]
            let child = try Child(Child.program("waypost"), words, in: folder, name: "client")
            let id = try router.wire.send()
            try eventually("the event is told") { child.said.contains(id) }
            child.signal(signal)
            let end = child.end()
            #expect(end.status == 0 && end.complaints == "", "\(end)")
            let event = try JSONValue(parsing: Array((end.output.split(separator: "\n").last ?? "").utf8))
            #expect(event["type"] == "message.sent" && event["message_id"]?.string == id)
        }

        @Test func `a watched status outlives the router and ends when somebody leaves`() throws {
            let router = try Router()
            let words = ["status", "--watch", "0.2", "--url", "http://127.0.0.1:\(router.port)"]
            let folder = try Folder()
            let child = try Child(Child.program("waypost"), words, in: folder, name: "client")
            try eventually("it is told twice") { child.said.components(separatedBy: "PROVIDER").count > 2 }
            router.stop()
            try eventually("it says that nobody answers") { child.complained.contains("no router answers") }
            #expect(child.isRunning)
            child.signal(SIGINT)
            let end = child.end()
            #expect(end.status == 0 && !end.output.contains("\u{1B}"), "\(end)")
        }

        @Test func `addresses are suppressed, imported and let go`() throws {
            let router = try Router()
            #expect(try waypost(router, "suppressions", "add", "email", "a+b@example.org", "--for", "30d").status == 0)
            let send = try waypost(router, "send", "email", "--to", "a+b@example.org", "--subject", "x", "--text", "y")
            #expect(send.status == 1 && send.output.contains(" suppressed"), "\(send)")
            #expect(try waypost(router, "suppressions", "remove", "email", "a+b@example.org").status == 0)
            let folder = try Folder()
            try folder.write("address\nb@example.org\nnonsense\n", to: "list.csv")
            let imported = try waypost(
                router, "suppressions", "import", folder.file("list.csv"), "--channel", "email", "--json")
            #expect(imported.status == 1, "a row was refused")
            #expect(try json(imported)["imported"] == 1)
            #expect(try waypost(router, "suppressions", "list").output.contains("b@example.org"))
        }
    }
}
