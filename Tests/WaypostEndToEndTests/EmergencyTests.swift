import Glibc
import Testing
import WaypostCore
import WaypostJSON
import WaypostSandbox
import WaypostStore

extension EndToEnd {
    /// The emergency procedures, on messages that wait.
    @Suite struct Emergency {
        private func kinds(_ wire: Wire) throws -> [String] {
            try wire.get("/v1/overrides")["data"]?.array?.compactMap { $0["kind"]?.string } ?? []
        }

        private func requests(_ router: Router) -> Int {
            router.sandbox.journal.entries(limit: 1_000_000).count { $0.message != nil }
        }

        /// Looks every few milliseconds.
        private func watch(for span: Duration, _ look: () -> Void) {
            let end = ContinuousClock.now + span
            while ContinuousClock.now < end {
                look()
                usleep(4_000)
            }
        }

        /// The requests that had arrived 100 ms after a procedure was answered: by then it has taken effect.
        private func settled(_ router: Router) -> Int {
            watch(for: .milliseconds(100)) {}
            return requests(router)
        }

        /// A router whose messages wait in memory: one attempt at a time, each slow.
        private func slow() throws -> Router {
            var setup = Setup.through("sendgrid")
            setup.set("sendgrid", "max_in_flight", "1")
            let router = try Router(setup)
            try router.sandbox.setFault(Fault.sends(.sendgrid, .delay, delay: .milliseconds(20)))
            return router
        }

        @Test func `nothing leaves once sending is stopped, and all of it once it resumes`() throws {
            let router = try slow()
            let wire = router.wire
            let ids = try (0..<40).map { _ in try wire.send() }
            let stopped = try wire.post("/v1/emergency/stop-sending", #"{"reason":"leak","channel":"email"}"#)
            #expect(stopped.status == 200 && stopped["override"]?.string?.hasPrefix("ovr_") == true, "\(stopped)")
            #expect(stopped["touched"]?["channels"]?[0]?["channel"] == "email")
            let before = settled(router)
            #expect(before < 40)
            let late = try wire.send()
            var isQuiet = true
            watch(for: .milliseconds(500)) { isQuiet = isQuiet && requests(router) == before }
            #expect(isQuiet)
            #expect(try wire.status(of: late) == "queued")
            #expect(try wire.verdicts(on: late).isEmpty || wire.verdicts(on: late) == ["sendgrid overridden"])
            #expect(try wire.metrics()["waypost_override_active", ["kind": "stop_sending"]] == 1)
            #expect(try wire.metrics()["waypost_override_active", ["kind": "open_breakers"]] == 0)
            let resumed = try wire.post("/v1/emergency/resume", #"{"reason":"mended"}"#)
            #expect(resumed["lifted"]?.array?.count == 1, "\(resumed)")
            for id in ids + [late] { try wire.wait(for: id, toBe: "sent") }
            try router.checkBooks()
            let actions = try wire.get("/v1/audit")["data"]?.array?.compactMap { $0["action"]?.string } ?? []
            #expect(actions == ["emergency.resume", "emergency.stop_sending", "router.started"])
            #expect(try AuditCheck.of(path: router.folder.file("store/waypost.db")).flaw == nil)
        }

        /// Takes in more mails for a provider that is held open than memory holds: 50 of them are 40 MiB.
        private func flood(_ wire: Wire) throws {
            #expect(try wire.post("/v1/providers/sendgrid/breaker", #"{"state":"open"}"#).status == 200)
            let text = String(repeating: "x", count: 800_000)
            for _ in 0..<50 {
                let body =
                    #"{"channel":"email","to":"\#(Letter.address())","content":{"subject":"Long","text":"\#(text)"}}"#
                #expect(try wire.post("/v1/messages", body).status == 202)
            }
        }

        @Test func `however much waits for one provider, what others carry goes on, also by what it has to wait for`()
            throws
        {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            var setup = Setup()
            setup.set("ses", "rate_limits", "[{limit: 2, window: 1s}]")
            setup.sections["routes"] =
                "{email: {providers: [sendgrid], rules: [{match: {tag: [vip]}, providers: [ses]}]}}"
            let first = try Router(setup, in: folder, with: sandbox)
            try flood(first.wire)
            func sendVIPs(_ router: Router) throws {
                let vips = try (0..<5).map { _ in try router.wire.send(more: #","tags":["vip"]"#) }
                for id in vips { try router.wire.wait(for: id, toBe: "sent") }
            }
            try sendVIPs(first)
            first.stop()
            // All is in the store now, and is looked for there.
            let second = try Router(setup, in: folder, with: sandbox)
            defer { second.stop() }
            try sendVIPs(second)
            #expect(try second.wire.metrics().sum("waypost_queue_depth", ["channel": "email"]) == 50)
            #expect(try second.wire.post("/v1/providers/sendgrid/breaker", #"{"state":"auto"}"#).status == 200)
            try eventually("the others leave") {
                try second.wire.metrics().sum("waypost_queue_depth", ["channel": "email"]) == 0
            }
            try second.checkBooks()
        }

        @Test func `however much waits on one channel, another goes on, also by what it has to wait for`() throws {
            var setup = Setup.routing(["email": ["sendgrid"], "sms": ["twilio"]])
            setup.set("twilio", "rate_limits", "[{limit: 2, window: 1s}]")
            let router = try Router(setup)
            let wire = router.wire
            try flood(wire)
            let texts = try (0..<5).map { number in
                let body = #"{"channel":"sms","to":"+1415555010\#(number)","content":{"text":"Hello"}}"#
                return try wire.post("/v1/messages", body)["id"]?.string ?? ""
            }
            for id in texts { try wire.wait(for: id, toBe: "sent") }
            #expect(try wire.metrics().sum("waypost_queue_depth", ["channel": "email"]) == 50)
        }

        @Test func `of all channels that are stopped, one can resume alone`() throws {
            let router = try Router()
            let wire = router.wire
            #expect(try wire.post("/v1/emergency/stop-sending", #"{"reason":"leak","for":"1h"}"#).status == 200)
            let id = try wire.send()
            let other = try wire.post("/v1/emergency/resume", #"{"reason":"mended","channel":"sms"}"#)
            #expect(other["lifted"]?.array?.count == 1, "\(other)")
            let left = try wire.get("/v1/overrides")["data"]?.array ?? []
            #expect(left.count == 5 && !left.contains { $0["channel"] == "sms" || $0["expires_at"] == .null })
            #expect(try wire.status(of: id) == "queued")
            #expect(try wire.post("/v1/emergency/resume", #"{"reason":"mended","channel":"email"}"#).status == 200)
            try wire.wait(for: id, toBe: "sent")
            #expect(try wire.get("/v1/overrides")["data"]?.array?.count == 4)
        }

        @Test func `a stop survives a restart, and one for a time lifts itself`() throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            let first = try Router(in: folder, with: sandbox)
            #expect(try first.wire.post("/v1/emergency/stop-sending", #"{"reason":"leak","for":"3s"}"#).status == 200)
            let id = try first.wire.send()
            first.stop()
            let second = try Router(in: folder, with: sandbox)
            defer { second.stop() }
            #expect(try kinds(second.wire) == ["stop_sending"])
            #expect(try second.wire.status(of: id) == "queued")
            #expect(sandbox.requests(for: id).isEmpty)
            try second.wire.wait(for: id, toBe: "sent")
            #expect(try kinds(second.wire).isEmpty)
            let rows = try second.wire.get("/v1/audit?action=override.expired")["data"]?.array
            #expect(rows?.first?["actor"] == "waypost" && rows?.first?["reason"] == "its time was up")
        }

        @Test(arguments: [
            ("stop-sending", "{}"), ("switch-to-backup", #"{"channel":"email"}"#), ("clear-queue", "{}"),
            ("reset-rate-limits", "{}"), ("open-breakers", "{}"), ("resume", "{}"),
        ])
        func `a dry run changes nothing`(procedure: String, fields: String) throws {
            let router = try Router()
            let wire = router.wire
            let more = fields == "{}" ? "" : "," + fields.dropFirst().dropLast()
            let body = "{\"reason\":\"what if\",\"dry_run\":true\(more)}"
            let answer = try wire.post("/v1/emergency/\(procedure)", body)
            #expect(answer.status == 200 && answer["dry_run"] == true && answer["override"] == .null, "\(answer)")
            #expect(try kinds(wire).isEmpty)
            #expect(try wire.get("/v1/audit")["data"]?.array?.count == 1, "the start alone")
            let id = try wire.send()
            try wire.wait(for: id, toBe: "sent")
            #expect(try wire.message(id)["provider"] == "sendgrid")
            #expect(try wire.post("/v1/emergency/\(procedure)", "{\"dry_run\":true\(more)}").status == 422)
        }

        @Test func `a cleared queue can be replayed`() throws {
            let router = try slow()
            let wire = router.wire
            #expect(try wire.post("/v1/emergency/stop-sending", #"{"reason":"flood"}"#).status == 200)
            let ids = try (0..<20).map { _ in try wire.send() }
            let rehearsal = try wire.post("/v1/emergency/clear-queue", #"{"reason":"flood","dry_run":true}"#)
            #expect(rehearsal["touched"]?["deliveries"] == 20, "\(rehearsal)")
            let cleared = try wire.post(
                "/v1/emergency/clear-queue", #"{"reason":"flood","channel":"email"}"#, ["Idempotency-Key": "k"])
            #expect(cleared["touched"]?["deliveries"] == 20, "\(cleared)")
            #expect(try wire.message(ids[0])["status_reason"]?.string == "cleared: flood")
            #expect(try wire.metrics()["waypost_dead_letters", ["channel": "email"]] == 20)
            #expect(try wire.metrics().sum("messages_sent_total", ["status": "dead"]) == 20)
            let again = try wire.post(
                "/v1/emergency/clear-queue", #"{"reason":"flood","channel":"email"}"#, ["Idempotency-Key": "k"])
            #expect(again.headers["idempotent-replayed"] == "true")
            #expect(try wire.post("/v1/emergency/resume", #"{"reason":"over"}"#).status == 200)
            #expect(try wire.post("/v1/dead-letters/replay", #"{"filter":{}}"#)["replayed"] == 20)
            for id in ids { try wire.wait(for: id, toBe: "sent") }
            try router.checkBooks()
        }

        @Test func `where the store fails on the way, the answer says how far it came, and the rest is cleared after`()
            throws
        {
            let router = try Router(.through("sendgrid"))
            let wire = router.wire
            #expect(try wire.post("/v1/emergency/stop-sending", #"{"reason":"flood"}"#).status == 200)
            _ = try wire.sendBatch((0..<620).map { _ in Letter.body() })
            let (body, key) = (#"{"reason":"flood"}"#, ["Idempotency-Key": "clear"])
            try router.failing(atMost: 510, in: .dead) {
                let failed = try wire.post("/v1/emergency/clear-queue", body, key)
                #expect(failed.status == 503 && failed["code"] == "store_unavailable", "\(failed)")
                #expect(failed["retryable"] == true && failed.headers["retry-after"] != nil)
                let detail = failed["detail"]?.string ?? ""
                #expect(detail.contains("500 deliveries of 500 messages were cleared") && detail.contains("Ask again"))
                #expect(try wire.metrics()["waypost_dead_letters", ["channel": "email"]] == 500)
                #expect(try wire.metrics().sum("messages_sent_total", ["status": "dead"]) == 500)
            }
            let rest = try wire.post("/v1/emergency/clear-queue", body, key)
            #expect(rest.status == 200 && rest["touched"]?["deliveries"] == 120, "\(rest)")
            #expect(try wire.metrics().sum("messages_sent_total", ["status": "dead"]) == 620)
            let rows = try wire.get("/v1/audit?action=emergency.clear_queue")["data"]?.array ?? []
            #expect(rows.map { $0["data"]?["deliveries"] } == [120, 500])
            #expect(try AuditCheck.of(path: router.folder.file("store/waypost.db")).flaw == nil)
            try router.checkBooks()
        }

        @Test func `what waits in memory is cleared with the rest`() throws {
            let router = try slow()
            let wire = router.wire
            let ids = try (0..<30).map { _ in try wire.send() }
            let cleared = try wire.post("/v1/emergency/clear-queue", #"{"reason":"flood"}"#)
            let moved = try #require(cleared["touched"]?["deliveries"]).json
            let states = try ids.map { try wire.status(of: $0) ?? "" }
            #expect(String(states.count { $0 == "dead" }) == moved, "\(states)")
            #expect(moved != "0")
            let next = try wire.send()
            try wire.wait(for: next, toBe: "sent")
            for id in ids where try wire.status(of: id) == "dead" { #expect(router.sandbox.copies(of: id) == 0) }
            try router.checkBooks()
        }

        @Test func `a channel switches to its backup and back`() throws {
            let router = try Router()
            let wire = router.wire
            let switched = try wire.post(
                "/v1/emergency/switch-to-backup", #"{"reason":"slow","channel":"email"}"#)
            #expect(switched["touched"]?["providers"] == ["sendgrid"], "\(switched)")
            let id = try wire.send()
            try wire.wait(for: id, toBe: "sent")
            #expect(try wire.message(id)["provider"] == "ses")
            #expect(try wire.verdicts(on: id) == ["sendgrid overridden", "ses taken"])
            let override = try #require(switched["override"]?.string)
            #expect(try wire.ask("DELETE", "/v1/overrides/\(override)").status == 204)
            let next = try wire.send()
            try wire.wait(for: next, toBe: "sent")
            #expect(try wire.message(next)["provider"] == "sendgrid")
        }

        @Test func `without a second provider there is nothing to switch to`() throws {
            let router = try Router(.through("sendgrid"))
            let refused = try router.wire.post(
                "/v1/emergency/switch-to-backup", #"{"reason":"slow","channel":"email"}"#)
            #expect(refused.status == 422 && refused["errors"]?[0]?["pointer"] == "/channel", "\(refused)")
            #expect(refused.text.contains("routes.email.providers"))
            let unrouted = try router.wire.post(
                "/v1/emergency/switch-to-backup", #"{"reason":"slow","channel":"sms"}"#)
            #expect(unrouted.status == 422)
        }

        @Test func `breakers are opened, of one provider or of all`() throws {
            let router = try Router()
            let wire = router.wire
            let one = try wire.post("/v1/emergency/open-breakers", #"{"reason":"drill","provider":"sendgrid"}"#)
            #expect(one["touched"]?["breakers"]?.array?.count == 1, "\(one)")
            #expect(try wire.breaker(of: "sendgrid") == "open" && wire.breaker(of: "ses") == "closed")
            #expect(try wire.post("/v1/emergency/open-breakers", #"{"reason":"drill"}"#).status == 200)
            #expect(try wire.breaker(of: "ses") == "open")
            #expect(try wire.post("/v1/emergency/open-breakers", #"{"reason":"x","provider":"no"}"#).status == 422)
            for row in try wire.get("/v1/overrides")["data"]?.array ?? [] {
                #expect(try wire.ask("DELETE", "/v1/overrides/\(row["id"]?.string ?? "")").status == 204)
            }
            #expect(try wire.breaker(of: "ses") == "closed" && wire.breaker(of: "sendgrid") == "closed")
        }

        @Test func `a recipient's window is shown, and emptied`() throws {
            var setup = Setup()
            setup.sections["limits"] = "{recipient: {limit: 1, window: 60s}}"
            let router = try Router(setup)
            let wire = router.wire
            let id = try wire.send(to: "jane@example.com")
            try wire.wait(for: id, toBe: "sent")
            let full = try wire.get("/v1/limits?key=recipient&value=jane@example.com&channel=email")["data"]?[0]
            #expect(full?["limit"] == 1 && full?["used"] == 1 && full?["remaining"] == 0, "\(String(describing: full))")
            #expect(full?["free_at"]?.string != nil)
            let body = Letter.body(to: "jane@example.com")
            #expect(try wire.post("/v1/messages", body).status == 429)
            let reset = try wire.post(
                "/v1/emergency/reset-rate-limits", #"{"reason":"test","recipient":"Jane@EXAMPLE.com"}"#)
            #expect(reset["touched"]?["windows"]?["recipients"] == 1, "\(reset)")
            #expect(try wire.post("/v1/messages", body).status == 202)
            let row = try wire.get("/v1/audit?action=emergency.reset_rate_limits")
            #expect(row["data"]?.array?.count == 1 && !row.text.lowercased().contains("jane"), "\(row)")
            #expect(try wire.get("/v1/limits").status == 400)
        }
    }
}

extension JSONValue {
    /// As text.
    fileprivate var json: String { String(decoding: bytes, as: UTF8.self) }
}
