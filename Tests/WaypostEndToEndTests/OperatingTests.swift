import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Steering by hand: dead letters, providers, breakers.
    @Suite struct Operating {
        /// Messages that used up their retries, or whose fate is unknown.
        private func letters(_ count: Int, _ router: Router, more: String = "", state: String) throws -> [String] {
            let ids = try (0..<count).map { _ in try router.wire.send(more: more) }
            for id in ids { try router.wire.wait(for: id, toBe: state) }
            return ids
        }

        @Test func `dead letters are listed, replayed under their own ids and purged`() throws {
            var setup = Setup.through("sendgrid")
            setup.sections["delivery"] = "{retry: {delays: [10ms], jitter: 0}}"
            let router = try Router(setup)
            let wire = router.wire
            try router.sandbox.setFault(Fault.sends(.sendgrid, .status(.init(503))))
            let ids = try letters(3, router, state: "dead")
            #expect(try wire.message(ids[0]).attempts == ["sendgrid unavailable", "sendgrid unavailable"])
            #expect(try wire.message(ids[0])["status_reason"]?.string?.contains("retries") == true)
            let listed = try wire.get("/v1/dead-letters")["data"]?.array?.compactMap { $0["id"]?.string }
            #expect(listed == ids.reversed())
            #expect(try wire.metrics()["waypost_dead_letters", ["channel": "email"]] == 3)

            router.sandbox.clearFaults()
            let rehearsal = try wire.post("/v1/dead-letters/replay", #"{"filter":{},"dry_run":true}"#)
            #expect(rehearsal["replayed"] == 3)
            #expect(try wire.status(of: ids[0]) == "dead")
            let replayed = try wire.post("/v1/dead-letters/replay", #"{"ids":["\#(ids[0])","\#(ids[1])"]}"#)
            #expect(replayed.status == 200 && replayed["replayed"] == 2, "\(replayed)")
            for id in ids[..<2] {
                try wire.wait(for: id, toBe: "sent")
                #expect(router.sandbox.copies(of: id) == 1)
            }
            #expect(try wire.post("/v1/dead-letters/purge", #"{"filter":{}}"#).status >= 400, "it needs a reason")
            let purged = try wire.post("/v1/dead-letters/purge", #"{"filter":{},"reason":"of no use"}"#)
            #expect(purged["purged"] == 1, "\(purged)")
            #expect(try wire.get("/v1/dead-letters")["data"]?.array?.isEmpty == true)
            #expect(try wire.status(of: ids[2]) == "failed")
            #expect(try wire.message(ids[2])["status_reason"]?.string == "purged: of no use")
            #expect(try wire.post("/v1/dead-letters/purge", #"{"ids":["\#(ids[2])"],"reason":"again"}"#)["purged"] == 0)
            let metrics = try wire.metrics()
            #expect(metrics["waypost_dead_letters", ["channel": "email"]] == 0)
            #expect(metrics.sum("messages_sent_total", ["status": "dead"]) == 3)
        }

        @Test func `where the store fails on the way, the answer says how many were purged, and the rest is after`()
            throws
        {
            let router = try Router(.through("sendgrid"))
            let wire = router.wire
            #expect(try wire.post("/v1/emergency/stop-sending", #"{"reason":"flood"}"#).status == 200)
            for count in [1000, 30] { _ = try wire.sendBatch((0..<count).map { _ in Letter.body() }) }
            #expect(
                try wire.post("/v1/emergency/clear-queue", #"{"reason":"flood"}"#)["touched"]?["deliveries"] == 1030)
            let (body, key) = (#"{"filter":{},"reason":"of no use"}"#, ["Idempotency-Key": "purge"])
            try router.failing(atMost: 1010, in: .failed) {
                let failed = try wire.post("/v1/dead-letters/purge", body, key)
                #expect(failed.status == 503 && failed["code"] == "store_unavailable", "\(failed)")
                let detail = failed["detail"]?.string ?? ""
                #expect(detail.contains("1000 deliveries were purged") && detail.contains("Ask again"), "\(detail)")
                #expect(try wire.metrics().sum("messages_sent_total", ["status": "failed"]) == 1000)
            }
            let rest = try wire.post("/v1/dead-letters/purge", body, key)
            #expect(rest.status == 200 && rest["deliveries"] == 30, "\(rest)")
            #expect(try wire.metrics().sum("messages_sent_total", ["status": "failed"]) == 1030)
            let rows = try wire.get("/v1/audit?action=dead_letters.purged")["data"]?.array ?? []
            #expect(rows.map { $0["data"]?["deliveries"] } == [30, 1000])
            try router.checkBooks()
        }

        @Test(arguments: [("sent", "sent", 0), ("failed", "failed", 0), ("resend", "sent", 1)])
        func `an operator resolves what is in doubt`(verdict: String, state: String, copies: Int) throws {
            let router = try Router(.through("sendgrid"))
            let wire = router.wire
            try router.sandbox.setFault(Fault.sends(.sendgrid, .close(.before), count: 1))
            let id = try letters(1, router, more: #","on_ambiguous":"hold""#, state: "in_doubt")[0]
            #expect(try wire.get("/v1/dead-letters")["data"]?[0]?["id"]?.string == id)
            let body = #"{"ids":["\#(id)"],"as":"\#(verdict)","reason":"asked them"}"#
            let resolved = try wire.post("/v1/dead-letters/resolve", body)
            #expect(resolved.status == 200 && resolved["resolved"] == 1, "\(resolved)")
            try wire.wait(for: id, toBe: state)
            #expect(router.sandbox.copies(of: id) == copies)
            #expect(try wire.metrics()["waypost_in_doubt", ["channel": "email"]] == 0)
            #expect(try wire.post("/v1/dead-letters/resolve", body)["resolved"] == 0, "it is settled")
        }

        @Test func `a disabled provider is passed over, by name and reason, until it is enabled`() throws {
            let router = try Router()
            let wire = router.wire
            let disabled = try wire.post("/v1/providers/sendgrid/disable", #"{"reason":"billing"}"#)
            #expect(disabled.status == 200 && disabled["enabled"] == false, "\(disabled)")
            let id = try wire.send()
            try wire.wait(for: id, toBe: "sent")
            #expect(try wire.message(id)["provider"] == "ses")
            let considered = try wire.get("/v1/messages/\(id)/explain")["rounds"]?[0]?["considered"]
            #expect(considered?[0]?["verdict"] == "disabled")
            #expect(considered?[0]?["detail"] == "billing")
            #expect(considered?[1]?["verdict"] == "taken")
            let override = try wire.get("/v1/overrides")["data"]?[0]
            #expect(override?["kind"] == "provider_disabled" || override?["target"] == "sendgrid")
            #expect(try wire.post("/v1/providers/sendgrid/enable")["enabled"] == true)
            let next = try wire.send()
            try wire.wait(for: next, toBe: "sent")
            #expect(try wire.message(next)["provider"] == "sendgrid")
            #expect(try wire.post("/v1/providers/nobody/disable").status == 404)
        }

        @Test func `a provider disabled for a time comes back by itself`() throws {
            let router = try Router(.through("sendgrid"))
            #expect(try router.wire.post("/v1/providers/sendgrid/disable", #"{"for":"2s"}"#).status == 200)
            let id = try router.wire.send()
            #expect(try router.wire.status(of: id) == "queued")
            #expect(router.sandbox.requests(for: id).isEmpty)
            try router.wire.wait(for: id, toBe: "sent")
            #expect(try router.wire.get("/v1/overrides")["data"]?.array?.isEmpty == true)
        }

        @Test func `a breaker held by hand holds over a restart, until it may decide by itself again`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            let first = try Router(in: folder, with: sandbox)
            let held = try first.wire.post("/v1/providers/sendgrid/breaker", #"{"state":"open","reason":"drill"}"#)
            #expect(held.status == 200, "\(held)")
            #expect(held["breakers"]?[0]?["state"] == "open")
            #expect(held["breakers"]?[0]?["held"] == true)
            first.stop()
            let second = try Router(in: folder, with: sandbox)
            defer { second.stop() }
            let id = try second.wire.send()
            try second.wire.wait(for: id, toBe: "sent")
            #expect(try second.wire.message(id)["provider"] == "ses")
            let labels = ["provider": "sendgrid", "channel": "email"]
            #expect(try second.wire.metrics()["waypost_breaker_state", labels] == 2)
            #expect(try second.wire.post("/v1/providers/sendgrid/breaker", #"{"state":"auto"}"#).status == 200)
            let next = try second.wire.send()
            try second.wire.wait(for: next, toBe: "sent")
            #expect(try second.wire.message(next)["provider"] == "sendgrid")
        }

        @Test func `a probe asks the provider now`() throws {
            let router = try Router()
            #expect(try router.wire.post("/v1/providers/sendgrid/probe")["status"] == "pass")
            try router.sandbox.setFault(Fault(.sendgrid, .refuse))
            let failed = try router.wire.post("/v1/providers/sendgrid/probe")
            #expect(failed["status"] == "fail")
            #expect(failed["output"]?.string?.contains("refused") == true)
        }
    }
}
