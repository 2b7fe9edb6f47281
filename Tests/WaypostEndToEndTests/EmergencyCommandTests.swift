import Foundation
import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// `waypost emergency …` before a running router: what it prints, how it ends, and what comes of it.
    @Suite struct EmergencyCommands {
        private func waypost(_ router: Router, _ words: [String]) throws -> Child.End {
            try Child.run(
                Child.program("waypost"), words + ["--url", "http://127.0.0.1:\(router.port)"], in: router.folder,
                name: "client")
        }

        private func emergency(_ router: Router, _ procedure: String, _ more: String...) throws -> Child.End {
            try waypost(router, ["emergency", procedure, "--reason", "drill"] + more)
        }

        private func json(_ end: Child.End) throws -> JSONValue {
            #expect(end.status == 0 && end.complaints == "", "\(end)")
            return try JSONValue(parsing: Array(end.output.utf8.dropLast()))
        }

        /// Two channels; the first of them has a backup.
        private func router(_ change: (inout Setup) -> Void = { _ in }) throws -> Router {
            var setup = Setup.routing(["email": ["sendgrid", "ses"], "sms": ["twilio"]])
            change(&setup)
            let router = try Router(setup)
            try router.waitForHealth()
            return router
        }

        private func overrides(_ router: Router) throws -> [JSONValue] {
            try router.wire.get("/v1/overrides")["data"]?.array ?? []
        }

        /// What `waypost status` has against the router; none where it ends with 0.
        private func complaints(_ router: Router) throws -> [String] {
            let end = try waypost(router, ["status", "--json"])
            let report = try JSONValue(parsing: Array(end.output.utf8.dropLast()))
            let reasons = report["reasons"]?.array?.compactMap(\.string) ?? []
            #expect(end.status == (reasons.isEmpty ? 0 : 1) && end.complaints == "", "\(end)")
            #expect(report["status"] == (reasons.isEmpty ? "healthy" : "degraded"))
            return reasons
        }

        private func undo(_ router: Router) throws {
            for row in try overrides(router) {
                let id = row["id"]?.string ?? ""
                #expect(try json(waypost(router, ["emergency", "undo", id, "--json"])) == ["lifted": .string(id)])
                #expect(try waypost(router, ["emergency", "undo", id]).status == 1, "it is not there any more")
            }
        }

        @Test func `a dry run says what would be touched, and changes nothing`() throws {
            let router = try router()
            let procedures: [(name: String, more: [String], isTimeless: Bool)] = [
                ("stop-sending", [], false), ("resume", [], true), ("switch-to-backup", ["--channel", "email"], false),
                ("clear-queue", [], true), ("reset-rate-limits", [], true), ("open-breakers", [], false),
            ]
            for (name, more, isTimeless) in procedures {
                let words = ["emergency", name, "--reason", "what if", "--for", "10m", "--dry-run"] + more
                let answer = try json(waypost(router, words + ["--json"]))
                #expect(answer["procedure"]?.string == name && answer["reason"] == "what if", "\(answer)")
                #expect(answer["dry_run"] == true && answer["override"] == .null && answer["expires_at"] == .null)
                #expect(answer["notes"]?.array?.count == (isTimeless ? 1 : 0), "\(answer)")
                let shown = try waypost(router, words)
                #expect(shown.status == 0 && shown.complaints == "", "\(shown)")
                let lines = shown.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
                #expect(Array(lines.prefix(3)) == ["procedure \(name)", "dry_run yes", "reason what if"])
                #expect(shown.output.contains("for has no effect on \(name)") == isTimeless)
                #expect(!shown.output.contains("\u{1B}"))
            }
            #expect(try overrides(router).isEmpty && complaints(router).isEmpty)
            #expect(try router.wire.get("/v1/audit")["data"]?.array?.count == 1, "the start alone")
        }

        @Test func `one channel is stopped while the other sends, until it resumes`() throws {
            let router = try router()
            let wire = router.wire
            #expect(try complaints(router).isEmpty)
            let stopped = try json(emergency(router, "stop-sending", "--channel", "email", "--for", "1h", "--json"))
            let id = try #require(stopped["override"]?.string)
            #expect(stopped["expires_at"]?.string != nil && stopped["dry_run"] == false, "\(stopped)")
            #expect(stopped["touched"]?["channels"]?.array?.compactMap { $0["channel"]?.string } == ["email"])
            let email = try wire.send()
            // What was taken in after it on the other channel has left: so would this have.
            try wire.wait(for: try wire.send("sms"), toBe: "sent")
            #expect(try complaints(router) == ["in force: stop_sending * email"])
            let row = try overrides(router).first
            #expect(
                row?["id"]?.string == id && row?["reason"] == "drill" && row?["expires_at"] == stopped["expires_at"])
            #expect(try wire.status(of: email) == "queued" && router.sandbox.requests(for: email).isEmpty)
            let shown = try waypost(router, ["status"])
            #expect(shown.status == 1 && shown.output.contains("drill"), "\(shown)")

            let other = try json(emergency(router, "resume", "--channel", "sms", "--json"))
            #expect(other["lifted"] == [], "it was not stopped")
            #expect(try json(emergency(router, "resume", "--channel", "email", "--json"))["lifted"] == [.string(id)])
            try wire.wait(for: email, toBe: "sent")
            #expect(try complaints(router).isEmpty)
            try router.checkBooks()
        }

        @Test func `while all is stopped nothing leaves on any channel`() throws {
            let router = try router()
            let wire = router.wire
            let shown = try emergency(router, "stop-sending")
            #expect(shown.status == 0 && shown.complaints == "" && shown.output.contains("ovr_"), "\(shown)")
            #expect(shown.output.contains("touched.channels\n") && shown.output.contains("  email  "), "\(shown)")
            let ids = [try wire.send(), try wire.send("sms")]
            // A round of status takes far longer than a send does.
            #expect(try complaints(router) == ["in force: stop_sending *"])
            for id in ids {
                #expect(try wire.status(of: id) == "queued" && router.sandbox.requests(for: id).isEmpty)
            }
            let resumed = try emergency(router, "resume", "--for", "5m")
            #expect(resumed.status == 0 && resumed.output.contains("stop again with stop-sending"), "\(resumed)")
            for id in ids { try wire.wait(for: id, toBe: "sent") }
            #expect(try complaints(router).isEmpty && overrides(router).isEmpty)
            try router.checkBooks()
        }

        @Test func `a channel goes by its backup until that is undone`() throws {
            let router = try router()
            let wire = router.wire
            let switched = try json(
                emergency(router, "switch-to-backup", "--channel", "email", "--for", "30m", "--json"))
            #expect(switched["touched"]?["providers"] == ["sendgrid"] && switched["expires_at"]?.string != nil)
            #expect(try complaints(router) == ["in force: switch_to_backup sendgrid email"])
            let id = try wire.send()
            try wire.wait(for: id, toBe: "sent")
            #expect(try wire.message(id)["provider"] == "ses")
            try undo(router)
            let next = try wire.send()
            try wire.wait(for: next, toBe: "sent")
            #expect(try wire.message(next)["provider"] == "sendgrid" && complaints(router).isEmpty)
        }

        @Test func `a provider whose breakers are open gets nothing until that is undone`() throws {
            let router = try router()
            let wire = router.wire
            let opened = try json(
                emergency(router, "open-breakers", "--provider", "sendgrid", "--channel", "email", "--json"))
            #expect(
                opened["touched"]?["breakers"] == [
                    ["provider": "sendgrid", "channel": "email", "state": "closed"]
                ])
            // First of all, what health has against a channel that has lost its first provider.
            let found = try complaints(router)
            #expect(
                found.suffix(2) == [
                    "the breaker of sendgrid for email is open", "in force: open_breakers sendgrid email",
                ], "\(found)")
            let id = try wire.send()
            try wire.wait(for: id, toBe: "sent")
            #expect(try wire.message(id)["provider"] == "ses")
            try undo(router)
            #expect(try complaints(router).isEmpty)
            let next = try wire.send()
            try wire.wait(for: next, toBe: "sent")
            #expect(try wire.message(next)["provider"] == "sendgrid")
        }

        @Test func `a channel's queue becomes dead letters, and comes back by a replay`() throws {
            let router = try router()
            let wire = router.wire
            #expect(try emergency(router, "stop-sending").status == 0)
            let emails = try (0..<3).map { _ in try wire.send() }
            let sms = try wire.send("sms")
            #expect(
                try json(emergency(router, "clear-queue", "--dry-run", "--json"))["touched"]?["deliveries"] == 4)
            let cleared = try json(emergency(router, "clear-queue", "--channel", "email", "--for", "1m", "--json"))
            #expect(cleared["touched"]?["deliveries"] == 3 && cleared["override"] == .null, "\(cleared)")
            #expect(
                cleared["notes"] == [
                    "for has no effect on clear-queue: what was cleared stays a dead letter until it is replayed"
                ])
            let letters = try json(waypost(router, ["dead-letters", "list", "--json"]))["data"]?.array ?? []
            #expect(letters.compactMap { $0["id"]?.string } == emails.reversed())
            #expect(letters.allSatisfy { $0["status_reason"] == "cleared: drill" })
            #expect(try wire.status(of: sms) == "queued")
            #expect(try waypost(router, ["dead-letters", "replay", "--all"]).status == 0)
            #expect(try emergency(router, "resume").status == 0)
            for id in emails + [sms] { try wire.wait(for: id, toBe: "sent") }
            try router.checkBooks()
        }

        @Test func `a recipient who has had enough may be written to again`() throws {
            let router = try router { $0.sections["limits"] = "{recipient: {limit: 1, window: 60s}}" }
            let wire = router.wire
            let body = Letter.body(to: "jane@example.com")
            #expect(try wire.post("/v1/messages", body).status == 202)
            #expect(try wire.post("/v1/messages", body).status == 429)
            let words = ["--recipient", "jane@example.com", "--json"]
            let rehearsed = try json(emergency(router, "reset-rate-limits", words[0], words[1], words[2], "--dry-run"))
            #expect(rehearsed["touched"]?["windows"] == ["providers": 0, "recipients": 1], "\(rehearsed)")
            #expect(try wire.post("/v1/messages", body).status == 429)
            let reset = try json(emergency(router, "reset-rate-limits", words[0], words[1], words[2]))
            #expect(reset["touched"] == rehearsed["touched"] && reset["notes"] == [])
            #expect(try wire.post("/v1/messages", body).status == 202)
            #expect(try complaints(router).isEmpty, "nothing stands")
        }

        @Test func `what cannot be done is said on standard error, with the way out`() throws {
            let router = try router()
            let cases: [(words: [String], status: Int32, complaint: String)] = [
                (["stop-sending"], 64, "--reason"), (["stop-sending", "--reason", "x", "--channel", "fax"], 64, "fax"),
                (["switch-to-backup", "--reason", "x"], 64, "--channel"),
                (["resume", "--reason", "x", "--for", "soon"], 64, "soon"),
                (["stop-sending", "--reason", ""], 1, "/reason "),
                (["open-breakers", "--reason", "x", "--provider", "nobody"], 1, "/provider is not configured"),
                (["switch-to-backup", "--reason", "x", "--channel", "sms"], 1, "routes.sms.providers"),
                (["switch-to-backup", "--reason", "x", "--channel", "push"], 1, "routes.push.providers"),
                (["stop-sending", "--reason", "x", "--for", "0s"], 1, "/for "),
            ]
            for (words, status, complaint) in cases {
                let end = try waypost(router, ["emergency"] + words)
                #expect(end.status == status && end.output == "" && end.complaints.contains(complaint), "\(end)")
                if status == 1 { #expect(end.complaints.split(separator: "\n").count == 1, "\(end)") }
            }
            #expect(try overrides(router).isEmpty)
        }
    }
}
