import Testing
import WaypostCore
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Many pushes on one connection, and what HTTP/2 can do to them. Nothing is lost and nothing is doubled.
    @Suite struct PushConnections {
        private func bodies(_ count: Int, _ policy: String = "hold") -> [String] {
            (0..<count).map { _ in Note.body("push", more: #","on_ambiguous":"\#(policy)""#) }
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
            var times: [Duration] = []
            // One that the machine's other work made late does not count.
            while times.count < 3, times.allSatisfy({ $0 >= .seconds(10) }) {
                let total = (times.count + 1) * 1_000
                let (_, time) = try duration {
                    #expect(try router.wire.sendBatch(bodies(1_000)).count == 1_000)
                    try eventually("all have arrived", within: .seconds(60)) { taken(provider, router) >= total }
                }
                times.append(time)
            }
            let total = times.count * 1_000
            let counts = try counts(provider, router)
            print(
                "\(provider): 1000 pushes in \(times) on \(counts.connections), at most \(counts.maximumStreams) at once"
            )
            #expect(times.contains { $0 < .seconds(10) }, "\(times)")
            #expect(counts.streamViolations == 0 && counts.refusedStreams == 0)
            #expect(counts.maximumStreams > 1)
            if provider == .apns { #expect(counts.connections == 1) }
            try eventually("all are known to be sent") {
                try router.wire.metrics().sum("messages_sent_total", ["status": "sent"]) == Double(total)
            }
            #expect(taken(provider, router) == total)
            #expect(router.sandbox.journal.takes(of: provider).count == total)
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
            let messages = try router.wire.ends(of: router.wire.sendBatch(bodies(150)))
            #expect(messages.allSatisfy { $0["status"] == "sent" })
            #expect(messages.allSatisfy { $0.attempts.last == "\(provider) accepted" })
            #expect(router.sandbox.journal.takes(of: provider).count == 150)
            #expect(taken(provider, router) == 150)
            #expect(try counts(provider, router).streamViolations == 0)
            try router.checkBooks()
        }

        @Test(arguments: [StandIn.apns, .fcm])
        func `a GOAWAY leaves nothing in doubt`(provider: StandIn) throws {
            let router = try router(provider)
            var fault = Fault.sends(provider, .goAway(reason: "Shutdown"), count: 1)
            fault.after = 10
            try router.sandbox.setFault(fault)
            // One after another, so that nobody is refused for being one too many on the next connection.
            for _ in 0..<20 {
                let id = try router.wire.send("push", more: #","on_ambiguous":"hold""#)
                try router.wire.wait(for: id, toBe: "sent")
                #expect(try router.wire.message(id).attempts == ["\(provider) accepted"])
            }
            #expect(taken(provider, router) == 20)
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
