import Testing
import WaypostCore
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Many pushes on one connection, and what HTTP/2 can do to them. Each message holds where it is in doubt, so that
    /// whatever was lost or risked would show.
    @Suite struct PushConnections {
        private func bodies(_ count: Int) -> [String] {
            (0..<count).map { _ in Note.body("push", more: #","on_ambiguous":"hold""#) }
        }

        private func router(_ provider: StandIn) throws -> Router {
            let router = try Router(.routing(["push": [provider.rawValue]]))
            try router.waitForHealth()
            router.sandbox.journal.clear()
            return router
        }

        private func counts(_ provider: StandIn, _ router: Router) throws -> Journal.Counts {
            try #require(router.sandbox.journal.summary.providers[provider])
        }

        private func taken(_ provider: StandIn, _ router: Router) -> Int {
            router.sandbox.journal.summary.providers[provider]?.taken ?? 0
        }

        @Test(arguments: [StandIn.apns, .fcm])
        func `a thousand pushes go out within moments, and no connection has more streams than it allows`(
            provider: StandIn
        ) throws {
            let router = try router(provider)
            let (ids, time) = try duration {
                let ids = try router.wire.sendBatch(bodies(1_000))
                try eventually("all have arrived") { taken(provider, router) >= 1_000 }
                return ids
            }
            let counts = try counts(provider, router)
            print(
                "\(provider): 1000 pushes in \(time) on \(counts.connections), at most \(counts.maximumStreams) at once"
            )
            #expect(time < .seconds(3))
            #expect(counts.taken == 1_000)
            #expect(counts.streamViolations == 0 && counts.refusedStreams == 0)
            #expect(counts.maximumStreams > 10)
            if provider == .apns { #expect(counts.connections == 1) }
            #expect(try router.wire.ends(of: ids).allSatisfy { $0["status"] == "sent" })
            try router.checkBooks()
        }

        @Test(
            arguments: [StandIn.apns, .fcm],
            [Fault.Effect.goAway(reason: "Shutdown"), .refuseStream, .limitStreams(5), .shutdown])
        func `whatever was not looked at is sent again, once`(provider: StandIn, effect: Fault.Effect) throws {
            let router = try router(provider)
            var fault = Fault.sends(provider, effect, count: effect == .refuseStream ? 40 : 2)
            fault.after = 50
            try router.sandbox.setFault(fault)
            let messages = try router.wire.ends(of: router.wire.sendBatch(bodies(300)))
            #expect(messages.count == 300)
            // FCM says nothing of going down: its 503 counts, and the message comes again with the next round.
            let isCounted = provider == .fcm && effect == .shutdown
            let others = messages.filter { $0.attempts != ["\(provider) accepted"] }
            #expect(others.count == (isCounted ? 2 : 0), "\(others.map { $0["attempts"] ?? .null })")
            #expect(router.sandbox.journal.takes(of: provider).count == 300)
            #expect(taken(provider, router) == 300)
            #expect(try counts(provider, router).streamViolations == 0)
            try router.checkBooks()
        }

        @Test(arguments: [StandIn.apns, .fcm])
        func `a stream that is reset leaves its message in doubt, and no other`(provider: StandIn) throws {
            let router = try router(provider)
            var fault = Fault.sends(provider, .resetStream(.after), count: 1)
            fault.after = 20
            try router.sandbox.setFault(fault)
            let messages = try router.wire.ends(of: router.wire.sendBatch(bodies(100)))
            #expect(messages.count { $0["status"] == "in_doubt" } == 1)
            #expect(messages.count { $0["status"] == "sent" } == 99)
            #expect(taken(provider, router) == 100)
            try router.checkBooks()
        }
    }
}
