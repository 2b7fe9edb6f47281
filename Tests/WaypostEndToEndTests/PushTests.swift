import Testing
import WaypostCore
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Devices, their tokens at two services, and what is known of each.
    @Suite struct Pushes {
        private func router(_ providers: String..., settings: Sandbox.Settings = .init()) throws -> Router {
            let router = try Router(.routing(["push": providers]), settings: settings)
            try router.waitForHealth()
            return router
        }

        /// What each provider took of that message.
        private func takes(of id: String, _ router: Router) -> [StandIn: Int] {
            router.sandbox.takes(of: id).reduce(into: [:]) { $0[$1.provider, default: 0] += 1 }
        }

        @Test(arguments: ["fcm", "apns"])
        func `a user's devices are a delivery each, by a provider that has a token for it`(first: String) throws {
            let router = try router(first, first == "fcm" ? "apns" : "fcm")
            let wire = router.wire
            let (fcm, apns) = (Note.fcmToken(), Note.apnsToken())
            try wire.report("phone", of: "jane", #""platform":"ios","fcm_token":"\#(fcm)","apns_token":"\#(apns)""#)
            try wire.report("tablet", of: "jane", #""platform":"android","fcm_token":"\#(Note.fcmToken())""#)
            try wire.report("watch", of: "jane", #""platform":"ios","apns_token":"\#(Note.apnsToken())""#)
            let id = try wire.send("push", to: #"{"user":"jane"}"#)
            // The message is sent with its first delivery.
            try eventually("all three are sent") {
                try wire.message(id)["deliveries"]?["by_state"]?["sent"]?.integer == 3
            }
            let message = try wire.message(id)
            #expect(message["recipients"]?.array?.count == 3)
            #expect(message.attempts.count == 3 && message.attempts.allSatisfy { $0.hasSuffix(" accepted") })
            #expect(takes(of: id, router) == (first == "fcm" ? [.fcm: 2, .apns: 1] : [.fcm: 1, .apns: 2]))
            let reasons = Set(try wire.reasons(for: id))
            #expect(reasons == ["the device has no APNs token", "the device has no FCM token"])
            try router.checkBooks()
        }

        @Test func `a user without a device has no route`() throws {
            let router = try router("fcm", "apns")
            #expect(try router.wire.ask("PUT", "/v1/users/joe", "{}").status == 201)
            for user in ["joe", "nobody"] {
                let reply = try router.wire.post("/v1/messages", Note.body("push", to: #"{"user":"\#(user)"}"#))
                #expect(reply.status == 422 && reply["code"] == "no_route", "\(reply)")
                #expect(reply["errors"]?[0]?["pointer"] == "/to/user", "\(reply)")
            }
            #expect(try router.wire.get("/v1/messages")["data"] == [])
        }

        @Test func `topics and conditions go by FCM alone`() throws {
            let router = try router("apns", "fcm")
            for target in [#"{"topic":"news"}"#, #"{"condition":"'news' in topics && !('sport' in topics)"}"#] {
                let id = try router.wire.send("push", to: target)
                try router.wire.wait(for: id, toBe: "sent")
                #expect(try router.wire.message(id).attempts == ["fcm accepted"])
                #expect(try router.wire.verdicts(on: id) == ["apns unable", "fcm taken"])
                #expect(takes(of: id, router) == [.fcm: 1])
            }
        }

        @Test func `a device both of whose tokens are dead is lost, and the next message has no route`() throws {
            let router = try router("fcm", "apns")
            let wire = router.wire
            let tokens = (fcm: "unregistered:\(Note.fcmToken())", apns: Note.apnsToken(beginning: "dead"))
            try wire.report(
                "phone", of: "jane", #""platform":"ios","fcm_token":"\#(tokens.fcm)","apns_token":"\#(tokens.apns)""#)
            let id = try wire.send("push", to: #"{"user":"jane"}"#)
            try wire.wait(for: id, toBe: "failed")
            #expect(try wire.message(id).attempts == ["fcm refused_recipient", "apns refused_recipient"])
            let next = try wire.post("/v1/messages", Note.body("push", to: #"{"user":"jane"}"#))
            #expect(next.status == 422 && next["code"] == "no_route", "\(next)")
            let metrics = try wire.metrics()
            for provider in ["fcm", "apns"] {
                let labels = ["provider": provider, "result": "removed"]
                #expect(metrics["waypost_dead_tokens_total", labels] == 1, "\(provider)")
                let trail = try wire.get("/v1/audit?actor=provider:\(provider)")
                #expect(trail["data"]?.array?.compactMap { $0["reason"]?.string } == ["dead_token"], "\(trail)")
                #expect(!trail.text.contains(tokens.fcm) && !trail.text.contains(tokens.apns))
            }
            try router.checkBooks()
        }

        @Test func `a device that has had too many from Apple waits, and nobody else does`() throws {
            let router = try router("apns")
            let wire = router.wire
            var answer = Fault.Answer(429)
            answer.error = "TooManyRequests"
            try router.sandbox.setFault(.sends(.apns, .status(answer), count: 1))
            let id = try wire.send("push")
            let other = try wire.send("push")
            for id in [id, other] { try wire.wait(for: id, toBe: "sent") }
            #expect(try wire.message(id).attempts == ["apns throttled", "apns accepted"])
            #expect(try wire.message(other).attempts == ["apns accepted"])
            try router.checkBooks()
        }

        // MARK: Access tokens

        private func fetches(_ router: Router) -> Int {
            router.sandbox.journal.entries(of: .fcm, limit: 100_000).count { $0.operation == "token" }
        }

        @Test func `one access token serves two hundred pushes at once, and one more follows when it is revoked`()
            throws
        {
            let router = try Router(.routing(["push": ["fcm"]]))
            let wire = router.wire
            let bodies = (0..<200).map { _ in Note.body("push", more: #","on_ambiguous":"hold""#) }
            #expect(try wire.ends(of: wire.sendBatch(bodies)).allSatisfy { $0["status"] == "sent" })
            #expect(fetches(router) == 1)
            router.sandbox.revokeAccessTokens()
            let later = try wire.sendBatch((0..<200).map { _ in Note.body("push", more: #","on_ambiguous":"hold""#) })
            #expect(try wire.ends(of: later).allSatisfy { $0.attempts == ["fcm accepted"] })
            #expect(fetches(router) == 2)
            #expect(router.sandbox.journal.takes(of: .fcm).count == 400)
            try router.checkBooks()
        }

        @Test(arguments: [("https://127.0.0.1:9/token", "unavailable"), ("nowhere", "misconfigured")])
        func `without an access token the other provider carries`(url: String, outcome: String) throws {
            var setup = Setup.routing(["push": ["fcm", "apns"]])
            setup.common["breaker"] = "{failures: 2, recovery: 60s}"
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            setup.set("fcm", "token_url", url == "nowhere" ? "\(sandbox.fcmURL)/nowhere" : url)
            let router = try Router(setup, in: Folder(), with: sandbox)
            defer { router.stop() }
            let id = try router.wire.send("push")
            try router.wire.wait(for: id, toBe: "sent")
            #expect(try router.wire.message(id).attempts == ["fcm \(outcome)", "apns accepted"])
            let next = try router.wire.send("push")
            try router.wire.wait(for: next, toBe: "sent")
            #expect(
                try router.wire.message(next).attempts
                    == (outcome == "unavailable" ? ["fcm unavailable"] : []) + ["apns accepted"])
            #expect(try router.wire.breaker(of: "fcm") == "open")
            #expect(router.sandbox.requests(for: id).count == 1, "nothing leaves for FCM without one")
            try router.checkBooks()
        }
    }
}
