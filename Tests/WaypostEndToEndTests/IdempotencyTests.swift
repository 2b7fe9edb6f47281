import Testing
import WaypostCore
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// What a client or an operator may ask for twice, beside sending.
    @Suite struct Idempotency {
        private func expect(
            _ reply: Reply, repeats first: Reply, sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(reply.status == first.status, "\(reply)", sourceLocation: sourceLocation)
            #expect(reply.text == first.text, sourceLocation: sourceLocation)
            #expect(reply.headers["idempotent-replayed"] == "true", sourceLocation: sourceLocation)
            #expect(first.headers["idempotent-replayed"] == nil, "\(first)", sourceLocation: sourceLocation)
        }

        /// A message that does not leave for a long time.
        private func waiting(_ wire: Wire) throws -> String {
            let now = SystemTime().wallNow
            return try wire.send(more: #","send_at":"\#(Timestamp(milliseconds: now.milliseconds + 3_600_000))""#)
        }

        @Test func `canceling again under the same key gives the first answer, for another message a mismatch`() throws
        {
            let router = try Router()
            let wire = router.wire
            let (id, other) = (try waiting(wire), try waiting(wire))
            let key = ["Idempotency-Key": "cancel-1"]
            let canceled = try wire.post("/v1/messages/\(id)/cancel", nil, key)
            #expect(canceled.status == 200 && canceled["status"] == "canceled", "\(canceled)")
            #expect(canceled.json == (try wire.message(id)), "what is kept is what is read")
            expect(try wire.post("/v1/messages/\(id)/cancel", nil, key), repeats: canceled)
            #expect(try wire.post("/v1/messages/\(id)/cancel")["code"] == "too_late")
            let mismatch = try wire.post("/v1/messages/\(other)/cancel", nil, key)
            #expect(mismatch.status == 422 && mismatch["code"] == "idempotency_mismatch", "\(mismatch)")
            #expect(try wire.status(of: other) == "scheduled")
            #expect(try wire.metrics().sum("waypost_idempotent_replays_total") == 1)
        }

        @Test func `a refusal is not kept, so that its key may be used again`() throws {
            let router = try Router()
            let wire = router.wire
            let id = try waiting(wire)
            let key = ["Idempotency-Key": "cancel-2"]
            #expect(try wire.post("/v1/messages/msg_00000000000000000000000000/cancel", nil, key).status == 404)
            #expect(try wire.post("/v1/messages/\(id)/cancel", nil, key).status == 200)
        }

        @Test func `replaying dead letters again under the same key leaves them as they are`() throws {
            var setup = Setup.through("sendgrid")
            setup.sections["delivery"] = "{retry: {delays: [], jitter: 0}}"
            let router = try Router(setup)
            let wire = router.wire
            try router.sandbox.setFault(Fault.sends(.sendgrid, .status(.init(503))))
            let id = try wire.send()
            try wire.wait(for: id, toBe: "dead")
            let key = ["Idempotency-Key": "replay-1"]
            let rehearsal = try wire.post("/v1/dead-letters/replay", #"{"filter":{},"dry_run":true}"#, key)
            #expect(rehearsal.status == 200 && rehearsal["replayed"] == 1, "\(rehearsal)")
            let body = #"{"filter":{}}"#
            let replayed = try wire.post("/v1/dead-letters/replay", body, key)
            #expect(
                replayed["replayed"] == 1 && replayed["deliveries"] == 1, "a rehearsal keeps no answer: \(replayed)")
            try eventually("it is dead once more") {
                let message = try wire.message(id)
                return message.attempts.count == 2 && message["status"] == "dead"
            }
            expect(try wire.post("/v1/dead-letters/replay", body, key), repeats: replayed)
            #expect(try wire.status(of: id) == "dead")
            let mismatch = try wire.post("/v1/dead-letters/purge", #"{"filter":{},"reason":"of no use"}"#, key)
            #expect(mismatch["code"] == "idempotency_mismatch", "\(mismatch)")

            let purge = #"{"ids":["\#(id)"],"reason":"of no use"}"#
            let purged = try wire.post("/v1/dead-letters/purge", purge, ["Idempotency-Key": "purge-1"])
            #expect(purged["purged"] == 1, "\(purged)")
            // There is nothing left to purge; the answer is the first one all the same.
            expect(try wire.post("/v1/dead-letters/purge", purge, ["Idempotency-Key": "purge-1"]), repeats: purged)
            #expect(try wire.post("/v1/dead-letters/purge", purge)["purged"] == 0)
        }

        @Test func `what was sent again under a key is not sent a third time, whatever became of the first`() throws {
            var setup = Setup.through("sendgrid")
            setup.sections["delivery"] = "{retry: {delays: [], jitter: 0}}"
            let router = try Router(setup)
            let wire = router.wire
            try router.sandbox.setFault(Fault.sends(.sendgrid, .status(.init(503)), count: 1))
            let id = try wire.send()
            try wire.wait(for: id, toBe: "dead")
            let key = ["Idempotency-Key": "resend-1"]
            let resent = try wire.post("/v1/messages/\(id)/resend", nil, key)
            #expect(resent.status == 202, "\(resent)")
            #expect(try wire.post("/v1/dead-letters/purge", #"{"filter":{},"reason":"x"}"#)["purged"] == 1)
            expect(try wire.post("/v1/messages/\(id)/resend", nil, key), repeats: resent)
            #expect(try wire.get("/v1/messages")["data"]?.array?.count == 2)
            #expect(try wire.metrics().sum("messages_sent_total", ["status": "failed"]) == 1, "the purged one")
        }

        @Test func `what is in doubt is resolved once under a key`() throws {
            let router = try Router(.through("sendgrid"))
            let wire = router.wire
            try router.sandbox.setFault(Fault.sends(.sendgrid, .close(.before), count: 2))
            let id = try wire.send(more: #","on_ambiguous":"hold""#)
            try wire.wait(for: id, toBe: "in_doubt")
            let body = #"{"ids":["\#(id)"],"as":"resend","reason":"asked them"}"#
            let key = ["Idempotency-Key": "resolve-1"]
            let resolved = try wire.post("/v1/dead-letters/resolve", body, key)
            #expect(resolved["resolved"] == 1, "\(resolved)")
            try eventually("it is in doubt once more") {
                let message = try wire.message(id)
                return message.attempts.count == 2 && message["status"] == "in_doubt"
            }
            expect(try wire.post("/v1/dead-letters/resolve", body, key), repeats: resolved)
            #expect(try wire.status(of: id) == "in_doubt")
        }

        @Test func `a provider that was enabled meanwhile is not disabled by the same request again`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            let first = try Router(in: folder, with: sandbox)
            try eventually("its health, which is part of the answer, is known") {
                try first.wire.provider("sendgrid")?["health"]?["status"] != nil
            }
            let key = ["Idempotency-Key": "billing"]
            let body = #"{"reason":"billing"}"#
            let disabled = try first.wire.post("/v1/providers/sendgrid/disable", body, key)
            #expect(disabled.status == 200 && disabled["enabled"] == false, "\(disabled)")
            #expect(disabled["disabled_reason"] == "billing")
            #expect(try first.wire.provider("sendgrid") == disabled.json, "what is kept is what is read")
            #expect(try first.wire.post("/v1/providers/sendgrid/enable")["enabled"] == true)
            expect(try first.wire.post("/v1/providers/sendgrid/disable", body, key), repeats: disabled)
            #expect(try first.wire.provider("sendgrid")?["enabled"] == true)
            #expect(try first.wire.get("/v1/overrides")["data"]?.array?.isEmpty == true)
            for (path, body) in [("sendgrid/disable", #"{"reason":"another"}"#), ("ses/disable", body)] {
                let mismatch = try first.wire.post("/v1/providers/\(path)", body, key)
                #expect(mismatch.status == 422 && mismatch["code"] == "idempotency_mismatch", "\(mismatch)")
            }
            #expect(try first.wire.provider("ses")?["enabled"] == true)
            first.stop()

            let second = try Router(in: folder, with: sandbox)
            defer { second.stop() }
            expect(try second.wire.post("/v1/providers/sendgrid/disable", body, key), repeats: disabled)
            #expect(try second.wire.provider("sendgrid")?["enabled"] == true)
        }

        @Test func `a breaker is held once under a key; letting go of nothing is not kept`() throws {
            let router = try Router()
            try router.waitForHealth()
            let wire = router.wire
            let auto = ["Idempotency-Key": "auto"]
            #expect(try wire.post("/v1/providers/sendgrid/breaker", #"{"state":"auto"}"#, auto).status == 200)
            let key = ["Idempotency-Key": "drill"]
            let held = try wire.post("/v1/providers/sendgrid/breaker", #"{"state":"open"}"#, key)
            #expect(held["breakers"]?[0]?["held"] == true, "\(held)")
            #expect(try wire.provider("sendgrid") == held.json, "what is kept is what is read")
            let released = try wire.post("/v1/providers/sendgrid/breaker", #"{"state":"auto"}"#, auto)
            #expect(released["breakers"]?[0]?["held"] == false, "\(released)")
            #expect(released.headers["idempotent-replayed"] == nil)
            expect(try wire.post("/v1/providers/sendgrid/breaker", #"{"state":"auto"}"#, auto), repeats: released)
            expect(try wire.post("/v1/providers/sendgrid/breaker", #"{"state":"open"}"#, key), repeats: held)
            #expect(try wire.provider("sendgrid")?["breakers"]?[0]?["held"] == false)
        }

        @Test func `a key is its client's own`() throws {
            let router = try Router(.withClients)
            let (ann, bob) = (router.connection(token: "ann-token"), router.connection(token: "bob-token"))
            let key = ["Idempotency-Key": "mine"]
            #expect(try ann.post("/v1/providers/ses/disable", nil, key)["enabled"] == false)
            #expect(try ann.post("/v1/providers/ses/enable")["enabled"] == true)
            let disabled = try bob.post("/v1/providers/ses/disable", nil, key)
            #expect(disabled.headers["idempotent-replayed"] == nil)
            #expect(try bob.provider("ses")?["enabled"] == false)
            #expect(try ann.post("/v1/providers/ses/enable", nil, key)["code"] == "idempotency_mismatch")
        }

        @Test(arguments: [
            ("/v1/providers/sendgrid/probe", ""), ("/v1/routes/explain", Letter.body()), ("/v1/reload", ""),
            ("/v1/messages?dry_run=true", Letter.body()), ("/v1/dead-letters/replay", #"{"filter":{},"dry_run":true}"#),
        ])
        func `what commits nothing looks at the form of a key alone`(target: String, body: String) throws {
            let router = try Router()
            let body = body.isEmpty ? nil : body
            for _ in 1...2 {
                let reply = try router.wire.post(target, body, ["Idempotency-Key": "again"])
                #expect(reply.status == 200, "\(reply)")
                #expect(reply.headers["idempotent-replayed"] == nil)
            }
            let wrong = try router.wire.post(target, body, ["Idempotency-Key": String(repeating: "k", count: 256)])
            #expect(wrong.status == 400 && wrong["code"] == "malformed", "\(wrong)")
        }
    }

    /// Who may see what.
    @Suite struct Scopes {
        @Test(arguments: ["ann-token", "boss-token"])
        func `an operator sees every client's messages, events and dead letters`(token: String) throws {
            var setup = Setup.withClients
            setup.sections["delivery"] = "{retry: {delays: [], jitter: 0}}"
            let router = try Router(setup)
            try router.sandbox.setFault(Fault.sends(.sendgrid, .status(.init(503))))
            let shop = router.connection(token: "shop-token")
            let operators = router.connection(token: token)
            let id = try shop.send()
            try operators.wait(for: id, toBe: "dead")
            #expect(try operators.get("/v1/messages/\(id)")["client"] == "shop")
            #expect(try operators.get("/v1/messages")["data"]?[0]?["id"]?.string == id)
            #expect(try operators.get("/v1/dead-letters")["data"]?[0]?["id"]?.string == id)
            #expect(try operators.get("/v1/events")["data"]?[0]?["message_id"]?.string == id)
            #expect(try operators.get("/v1/messages/\(id)/explain").status == 200)
            #expect(try shop.get("/v1/messages/\(id)").status == 403, "it may only send")
        }
    }
}

extension Setup {
    /// Two operators, one who may do all, and a shop.
    fileprivate static var withClients: Setup {
        var setup = Setup.through("sendgrid")
        setup.sections["auth"] = """
            {keys: [{name: ann, token: ann-token, scopes: [operate]}, {name: bob, token: bob-token, scopes: [operate]}, \
            {name: boss, token: boss-token, scopes: [admin]}, {name: shop, token: shop-token, scopes: [send]}]}
            """
        return setup
    }
}
