import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Topics at FCM, and which tokens are alive there.
    @Suite struct Topics {
        private func results(_ reply: Reply) -> [String] {
            (reply["results"]?.array ?? []).map {
                "\($0["token"]?.string ?? $0["device"]?.string ?? "?") \($0["status"]?.string ?? "?")"
            }
        }

        /// Jane has a living phone, and a tablet whose token at FCM is dead.
        private func router(_ tokens: (alive: String, dead: String)) throws -> Router {
            let router = try Router(.routing(["push": ["fcm", "apns"]]))
            try router.wire.report("phone", of: "jane", #""platform":"android","fcm_token":"\#(tokens.alive)""#)
            try router.wire.report(
                "tablet", of: "jane",
                #""platform":"ios","fcm_token":"\#(tokens.dead)","apns_token":"\#(Note.apnsToken())""#)
            return router
        }

        private func tokens() -> (alive: String, dead: String) {
            (Note.fcmToken(), "unregistered:\(Note.fcmToken())")
        }

        @Test func `users' devices follow a topic and leave it, and a dead token is removed`() throws {
            let tokens = tokens()
            let router = try router(tokens)
            let wire = router.wire
            let subscribed = try wire.post("/v1/topics/news/subscribe", #"{"users":["jane"]}"#)
            #expect(subscribed.status == 200, "\(subscribed)")
            #expect(Set(results(subscribed)) == ["phone subscribed", "tablet failed"], "\(subscribed)")
            #expect(subscribed["succeeded"]?.integer == 1 && subscribed["failed"]?.integer == 1)
            #expect(try wire.device("phone", of: "jane")["fcm_token"]?.string == tokens.alive)
            #expect(try wire.device("tablet", of: "jane")["fcm_token"] == .null)
            let again = try wire.post("/v1/topics/news/subscribe", #"{"tokens":["\#(tokens.alive)"]}"#)
            #expect(results(again) == ["\(tokens.alive) subscribed"], "one that follows already")
            for _ in 0..<2 {
                let left = try wire.post("/v1/topics/news/unsubscribe", #"{"tokens":["\#(tokens.alive)"]}"#)
                #expect(results(left) == ["\(tokens.alive) unsubscribed"], "\(left)")
            }
            try router.checkBooks()
        }

        @Test func `a dry run tells which tokens are alive, removes the dead and delivers nothing`() throws {
            let tokens = tokens()
            let router = try router(tokens)
            let body = #"{"tokens":["\#(tokens.alive)","\#(tokens.dead)"]}"#
            let reply = try router.wire.post("/v1/devices/validate", body)
            #expect(reply.status == 200, "\(reply)")
            #expect(results(reply) == ["\(tokens.alive) alive", "\(tokens.dead) dead"])
            #expect(try router.wire.device("tablet", of: "jane")["fcm_token"] == .null)
            #expect(router.sandbox.journal.summary.providers[.fcm]?.taken ?? 0 == 0)
            let id = try router.wire.send("push", to: #"{"user":"jane"}"#)
            try eventually("both devices have it") {
                Set(try router.wire.message(id).attempts) == ["fcm accepted", "apns accepted"]
            }
            try router.checkBooks()
        }

        @Test func `a thousand tokens in one call`() throws {
            let router = try Router(.routing(["push": ["fcm"]]))
            let tokens = (0..<1_000).map { _ in #""\#(Note.fcmToken())""# }.joined(separator: ",")
            let (reply, time) = try duration {
                try router.wire.post("/v1/topics/news/subscribe", #"{"tokens":[\#(tokens)]}"#)
            }
            print("fcm: 1000 tokens subscribed in \(time)")
            #expect(reply["succeeded"]?.integer == 1_000 && reply["failed"]?.integer == 0)
            #expect(router.sandbox.journal.summary.providers[.fcm]?.streamViolations == 0)
        }
    }
}
