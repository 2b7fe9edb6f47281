import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// What providers tell by themselves, from their stand-ins' genuine callbacks to what the router makes of them.
    @Suite struct Callbacks {
        /// Providers that tell, each beside one that can stand in for it.
        private static let pairs =
            Pair.phones + [Pair.all[0], .init(channel: "email", primary: .ses, backup: .sendgrid)]

        private func router(_ pair: Pair, _ change: (inout Setup) -> Void = { _ in }) throws -> Router {
            var setup = pair.setup
            setup.isToldOf = true
            change(&setup)
            let router = try pair.router(setup)
            if pair.primary == .ses || pair.backup == .ses {
                try eventually("SNS knows that the topic is ours") { router.sandbox.isSubscriptionConfirmed }
            }
            return router
        }

        private func types(of id: String, _ router: Router) throws -> [String] {
            (try router.wire.message(id)["events"]?.array ?? []).compactMap { $0["type"]?.string }
        }

        /// Waits until nothing more is on its way.
        private func settle(_ router: Router) throws {
            try eventually("all has been told", within: .seconds(30)) { router.sandbox.callbacksUnderWay == 0 }
        }

        @Test(arguments: pairs) func `what a provider delivered is delivered, and counts in the rate`(pair: Pair) throws
        {
            let router = try router(pair)
            let ids = try (0..<3).map { _ in try router.wire.send(pair.channel) }
            for id in ids {
                try router.wire.wait(for: id, toBe: "delivered")
                #expect(try types(of: id, router) == ["message.sent", "message.delivered"])
                #expect(try router.wire.message(id)["provider"] == .string("\(pair.primary)"))
            }
            try eventually("the rate is 100 %") {
                try router.wire.metrics()[
                    "message_delivery_rate", ["channel": pair.channel, "time_window": "1h"]] == 100
            }
            let metrics = try router.wire.metrics()
            let counted = metrics["waypost_webhooks_total", ["provider": "\(pair.primary)", "result": "accepted"]]
            #expect(counted ?? 0 >= 3)
            #expect(metrics["waypost_webhooks_total", ["provider": "\(pair.primary)", "result": "refused"]] == 0)
            let told = metrics[
                "webhook_processing_duration_seconds_count", ["provider": "\(pair.primary)", "event_type": "delivered"]]
            #expect(told == 3)
            #expect(
                metrics[
                    "messages_sent_total", ["channel": pair.channel, "type": "transactional", "status": "delivered"]]
                    == 3)
            try router.checkBooks()
        }

        @Test(arguments: pairs) func `who opted out at one provider gets nothing by another`(pair: Pair) throws {
            let router = try router(pair)
            let address = pair.channel == "email" ? Letter.address() : Note.phone()
            let first = try router.wire.send(pair.channel, to: "\"\(address)\"")
            try router.wire.wait(for: first, toBe: "delivered")
            try router.sandbox.setOutcome(
                OutcomeRule(pair.primary, pair.channel == "email" ? .complaint : .unsubscribe, recipient: address))
            if pair.channel == "voice" || pair.channel == "whatsapp" && pair.primary == .messagebird {
                // Nobody answers a call with STOP, and the stand-in knows no such answer to a chat: the provider refuses.
                try router.sandbox.setFault(.sends(pair.primary, pair.refusalOfRecipient, count: 1))
                let refused = try router.wire.send(pair.channel, to: "\"\(address)\"")
                try router.wire.wait(for: refused, toBe: "failed")
            } else {
                let second = try router.wire.send(pair.channel, to: "\"\(address)\"")
                try router.wire.wait(for: second, toBe: "delivered")
            }
            try eventually("it is on the list") {
                try router.wire.get("/v1/suppressions/\(pair.channel)/\(address)").status == 200
            }
            // The first is out: whoever is asked must not carry it all the same.
            try router.sandbox.setFault(Fault(pair.primary, .refuse))
            let third = try router.wire.post("/v1/messages", Note.body(pair.channel, to: "\"\(address)\""))
            #expect(third.status == 202 && third["status"] == "suppressed", "\(third)")
            let other = try router.wire.send(pair.channel)
            try router.wire.wait(for: other, toBe: "delivered")
            #expect(router.sandbox.requests(for: try #require(third["id"]?.string)).isEmpty)
            #expect(router.sandbox.takes(of: other).map(\.provider) == [pair.backup])
            try router.checkBooks()
        }

        @Test(arguments: [StandIn.twilio, .messagebird]) func `START lifts what STOP began`(provider: StandIn) throws {
            let pair = try #require(Pair.phones.first { $0.channel == "sms" && $0.primary == provider })
            let router = try router(pair)
            let phone = Note.phone()
            func say(_ word: String) throws {
                try #require(router.sandbox.receive(Inbound(provider, from: phone, to: "+15550100", body: word)))
            }
            func isListed() throws -> Bool {
                try router.wire.get("/v1/suppressions/sms/\(phone)").status == 200
            }
            try say("Stop")
            try eventually("STOP is heard") { try isListed() }
            #expect(
                try router.wire.get("/v1/consents/sms/\(phone)")["consents"]?[0]?["state"] == "denied")
            try say("START")
            try eventually("START is heard") { try !isListed() }
            let id = try router.wire.send("sms", to: "\"\(phone)\"")
            try router.wire.wait(for: id, toBe: "delivered")
            let events = try router.wire.get("/v1/events?limit=500")["data"]?.array ?? []
            let words = events.filter { $0["type"] == "message.inbound" }.compactMap { $0["data"]?["text"]?.string }
            #expect(words == ["Stop", "START"])
        }

        @Test(arguments: Pair.phones) func `what a carrier would not deliver goes on by the other provider`(pair: Pair)
            throws
        {
            let router = try router(pair)
            let outcome: CallbackOutcome = pair.channel == "voice" ? .failed : .undelivered
            // Switched off, and a failure of the network.
            let code = pair.primary == .twilio ? "30003" : "34"
            try router.sandbox.setOutcome(OutcomeRule(pair.primary, outcome, detail: code))
            let id = try router.wire.send(pair.channel)
            try router.wire.wait(for: id, toBe: "delivered")
            let message = try router.wire.message(id)
            #expect(message["provider"] == .string("\(pair.backup)"), "\(message)")
            #expect(message.attempts == ["\(pair.primary) accepted", "\(pair.backup) accepted"])
            #expect(
                try types(of: id, router) == [
                    "message.sent", "message.undelivered", "message.sent", "message.delivered",
                ])
            // Two have taken it, as they should; only the books are to be right.
            #expect(try router.wire.metrics()["waypost_ledger_imbalance"] == 0)
        }

        @Test(arguments: [StandIn.sendgrid, .ses]) func `a mail that bounces for good has come to its end`(
            first: StandIn
        ) throws {
            let pair = try #require(Self.pairs.first { $0.channel == "email" && $0.primary == first })
            let router = try router(pair)
            try router.sandbox.setOutcome(OutcomeRule(first, .bounce))
            let address = Letter.address()
            let id = try router.wire.send("email", to: "\"\(address)\"")
            try router.wire.wait(for: id, toBe: "undelivered")
            #expect(try types(of: id, router).last == "message.bounced")
            let listed = try router.wire.get("/v1/suppressions/email/\(address)")
            #expect(listed["reason"] == "hard_bounce", "\(listed)")
            #expect(listed["source"] == .string("\(first)"))
            try router.checkBooks()
        }

        @Test(arguments: pairs)
        func `a storm of repeated, late and forged events changes nothing that it must not`(pair: Pair) throws {
            let router = try router(pair)
            var storm = CallbackTransport()
            storm.delay = .milliseconds(1) ... .milliseconds(80)
            storm.duplicate = 1
            storm.again = 0.5
            storm.reorder = 0.5
            storm.reorderDelay = .milliseconds(150)
            storm.forge = 0.5
            try router.sandbox.setTransport(storm)
            let ids = try router.wire.sendBatch((0..<40).map { _ in Note.body(pair.channel) })
            for id in ids { try router.wire.wait(for: id, toBe: "delivered") }
            try settle(router)
            for id in ids {
                let told = try types(of: id, router)
                #expect(told.count { $0 == "message.delivered" } == 1, "\(told)")
                #expect(try router.wire.status(of: id) == "delivered")
                #expect(router.sandbox.takes(of: id).count == 1)
            }
            let counts = try #require(router.sandbox.callbackCounts[pair.primary])
            #expect(counts.duplicated > 0 && counts.forged > 0)
            #expect(counts.forgedAccepted == 0)
            let metrics = try router.wire.metrics()
            let duplicates = metrics["waypost_webhooks_total", ["provider": "\(pair.primary)", "result": "duplicate"]]
            #expect(duplicates ?? 0 > 0)
            #expect(
                metrics["waypost_webhooks_total", ["provider": "\(pair.primary)", "result": "refused"]]
                    == Double(counts.forged))
            #expect(
                metrics[
                    "messages_sent_total", ["channel": pair.channel, "type": "transactional", "status": "delivered"]]
                    == 40)
            try router.checkBooks()
        }

        @Test func `rates are the same after a restart`() throws {
            var setup = Setup.routing(["sms": ["twilio"]])
            setup.isToldOf = true
            let (folder, sandbox) = (try Folder(), try Sandbox.start())
            defer { sandbox.stop() }
            try sandbox.setOutcome(OutcomeRule(.twilio, .undelivered, detail: "30005", recipient: "*0"))
            var before: JSONValue?
            for run in 0..<2 {
                let router = try Router(setup, in: folder, with: sandbox)
                defer { router.stop() }
                if run == 0 {
                    for end in 0..<4 {
                        let id = try router.wire.send("sms", to: "\"+1415555777\(end)\"")
                        try router.wire.wait(for: id, toBe: end == 0 ? "undelivered" : "delivered")
                    }
                }
                try eventually("three of four") {
                    try router.wire.metrics()["message_delivery_rate", ["channel": "sms", "time_window": "24h"]] == 75
                }
                let rates = try router.wire.get("/v1/delivery-rates").json["data"]
                if let before { #expect(rates == before) }
                before = rates
            }
        }
    }
}
