import Testing
import WaypostCore
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Another provider takes over, and the first returns by itself.
    @Suite struct Failover {
        /// From the first attempt's beginning to the moment at which the sandbox had the message.
        private func lag(of id: String, _ router: Router) throws -> Int64 {
            let text = try #require(try router.wire.message(id)["attempts"]?[0]?["started_at"]?.string)
            let began = try #require(Timestamp(text)).milliseconds
            return try #require(router.sandbox.takes(of: id).first).wallMilliseconds - began
        }

        /// One that the machine's other work made late does not count.
        private func median(_ values: [Int64]) -> Int64 { values.sorted()[values.count / 2] }

        @Test func `with the primary refusing connections the backup has the message within 250 ms`() throws {
            let router = try Router()
            try router.sandbox.setFault(Fault(.sendgrid, .refuse))
            var lags: [Int64] = []
            for _ in 0..<5 {
                let id = try router.wire.send()
                try router.wire.wait(for: id, toBe: "sent")
                #expect(try router.wire.message(id).attempts == ["sendgrid unavailable", "ses accepted"])
                lags.append(try lag(of: id, router))
                #expect(router.sandbox.copies(of: id) == 1)
            }
            #expect(median(lags) <= 250, "\(lags)")
            let labels = ["channel": "email", "from": "sendgrid", "to": "ses", "reason": "unavailable"]
            #expect(try router.wire.metrics()["waypost_failovers_total", labels] == 5)
        }

        @Test func `with the primary hanging the backup has it within its timeout and 250 ms`() throws {
            var setup = Setup()
            setup.set("sendgrid", "timeout", "600ms")
            setup.set("sendgrid", "connect_timeout", "500ms")
            let router = try Router(setup)
            try router.sandbox.setFault(.sends(.sendgrid, .hang(.before)))
            var lags: [Int64] = []
            for _ in 0..<3 {
                let id = try router.wire.send()
                try router.wire.wait(for: id, toBe: "sent")
                #expect(try router.wire.message(id).attempts == ["sendgrid ambiguous", "ses accepted"])
                lags.append(try lag(of: id, router))
            }
            #expect((600...850).contains(median(lags)), "\(lags)")
            let labels = ["provider": "sendgrid", "policy": "resend", "resolution": "resent"]
            #expect(try router.wire.metrics()["waypost_ambiguous_total", labels] == 3)
        }

        @Test func `the breaker opens, and the primary returns by itself with real messages as probes`() throws {
            var setup = Setup()
            setup.common["breaker"] = "{failures: 3, recovery: 1500ms, half_open_successes: 2, recovery_backoff: 1}"
            let router = try Router(setup)
            let wire = router.wire
            try router.sandbox.setFault(.sends(.sendgrid, .status(.init(503))))
            for _ in 0..<3 { try wire.wait(for: try wire.send(), toBe: "sent") }
            #expect(try wire.breaker(of: "sendgrid") == "open")
            let passing = try wire.send()
            try wire.wait(for: passing, toBe: "sent")
            #expect(try wire.message(passing).attempts == ["ses accepted"])
            let explained = try wire.get("/v1/messages/\(passing)/explain")["rounds"]?[0]?["considered"]?[0]
            #expect(explained?["verdict"] == "breaker_open")
            #expect(explained?["until"] != nil)

            router.sandbox.clearFaults()
            var byPrimary: [String] = []
            try eventually("the primary is back") {
                let id = try wire.send()
                try wire.wait(for: id, toBe: "sent")
                if try wire.message(id)["provider"] == "sendgrid" { byPrimary.append(id) }
                return try wire.breaker(of: "sendgrid") == "closed"
            }
            #expect(byPrimary.count == 2)
            #expect(byPrimary.allSatisfy { router.sandbox.copies(of: $0) == 1 })
            let metrics = try wire.metrics()
            let labels = ["provider": "sendgrid", "channel": "email"]
            for (state, count) in [("open", 1.0), ("half_open", 1), ("closed", 1)] {
                let all = labels.merging(["to": state]) { $1 }
                #expect(metrics["waypost_breaker_transitions_total", all] == count, "to \(state)")
            }
            #expect(metrics["waypost_breaker_state", labels] == 0)
        }

        @Test func `a throttled provider rests as long as it asked, then returns`() throws {
            let router = try Router(.through("sendgrid", "ses"))
            let wire = router.wire
            var answer = Fault.Answer(429)
            answer.retryAfter = 4
            try router.sandbox.setFault(.sends(.sendgrid, .status(answer), count: 1))
            let first = try wire.send()
            try wire.wait(for: first, toBe: "sent")
            #expect(try wire.message(first).attempts == ["sendgrid throttled", "ses accepted"])
            let second = try wire.send()
            try wire.wait(for: second, toBe: "sent")
            #expect(try wire.message(second).attempts == ["ses accepted"])
            let verdict = try wire.get("/v1/messages/\(second)/explain")["rounds"]?[0]?["considered"]?[0]?["verdict"]
            #expect(verdict == "resting")
            #expect(try #require(try wire.metrics()["waypost_provider_resting_seconds", ["provider": "sendgrid"]]) > 0)
            #expect(try wire.breaker(of: "sendgrid") == "closed")
            try eventually("sendgrid is asked again") {
                let id = try wire.send()
                try wire.wait(for: id, toBe: "sent")
                return try wire.message(id)["provider"] == "sendgrid"
            }
            let asked = router.sandbox.journal.entries(of: .sendgrid).filter { $0.message != nil }
            #expect(asked.count == 2)
            #expect(asked[1].monotonicMilliseconds - asked[0].monotonicMilliseconds >= 3_900)
        }

        @Test func `waiting for the only provider's rest uses up no retry`() throws {
            var setup = Setup.through("ses")
            setup.sections["delivery"] = "{retry: {delays: [], jitter: 0}}"
            let router = try Router(setup)
            var answer = Fault.Answer(429)
            answer.retryAfter = 1
            try router.sandbox.setFault(.sends(.ses, .status(answer), count: 1))
            let id = try router.wire.send()
            try router.wire.wait(for: id, toBe: "sent")
            #expect(try router.wire.message(id).attempts == ["ses throttled", "ses accepted"])
        }

        @Test func `a provider's sliding window is never exceeded, and the message waits for its only provider`() throws
        {
            var setup = Setup.through("sendgrid")
            setup.set("sendgrid", "rate_limits", "[{limit: 3, window: 1s}]")
            let router = try Router(setup)
            let ids = try (0..<8).map { _ in try router.wire.send() }
            for id in ids { try router.wire.wait(for: id, toBe: "sent") }
            #expect(try ids.allSatisfy { try router.wire.message($0).attempts == ["sendgrid accepted"] })
            let times = router.sandbox.journal.entries(of: .sendgrid).filter(\.isTaken).map(\.monotonicMilliseconds)
            #expect(times.count == 8)
            // What the journal sees is the window and the way there, which takes some milliseconds more or less.
            for index in 3..<8 { #expect(times[index] - times[index - 3] >= 850) }
        }

        @Test func `what a window does not let through goes to the backup`() throws {
            var setup = Setup.through("sendgrid", "ses")
            setup.set("sendgrid", "rate_limits", "[{limit: 3, window: 60s}]")
            let router = try Router(setup)
            let ids = try (0..<5).map { _ in
                let id = try router.wire.send()
                try router.wire.wait(for: id, toBe: "sent")
                return id
            }
            let providers = try ids.map { try router.wire.message($0)["provider"]?.string }
            #expect(providers == ["sendgrid", "sendgrid", "sendgrid", "ses", "ses"])
            let explained = try router.wire.get("/v1/messages/\(ids[3])/explain")["rounds"]?[0]?["considered"]?[0]
            #expect(explained?["verdict"] == "rate_limited")
            let labels = ["provider": "sendgrid", "window": "1m"]
            #expect(try router.wire.metrics()["waypost_rate_limit_remaining", labels] == 0)
        }

        @Test(arguments: [
            ("sendgrid", StandIn.sendgrid, Fault.Effect.status(.init(401))),
            ("ses", .ses, .status(.init(403))),
            ("relay", .smtp, .status(.init(535))),
        ])
        func `a provider that refuses our key is left at once, and the next message does not ask it`(
            primary: String, standIn: StandIn, effect: Fault.Effect
        ) throws {
            let backup = primary == "sendgrid" ? "ses" : "sendgrid"
            var setup = Setup.through(primary, backup)
            setup.common["breaker"] = "{failures: 100, recovery: 60s}"
            let router = try Router(setup)
            var fault = Fault.sends(standIn, effect)
            if standIn == .smtp { fault.stage = .auth }
            try router.sandbox.setFault(fault)
            let first = try router.wire.send()
            try router.wire.wait(for: first, toBe: "sent")
            #expect(try router.wire.message(first).attempts == ["\(primary) misconfigured", "\(backup) accepted"])
            #expect(try router.wire.breaker(of: primary) == "open")
            let second = try router.wire.send()
            try router.wire.wait(for: second, toBe: "sent")
            #expect(try router.wire.message(second).attempts == ["\(backup) accepted"])
            #expect(try router.wire.get("/readyz").status == 200)
            let health = try router.wire.get("/healthz")
            #expect(health.status == 200 && health["status"] == "warn", "\(health)")
        }

        @Test(arguments: [
            ("sendgrid", StandIn.sendgrid, Fault.Answer(400)),
            ("ses", .ses, Fault.Answer(400)),
            ("relay", .smtp, Fault.Answer(554)),
        ])
        func `a message that is refused for good fails at once, and nobody else is bothered`(
            primary: String, standIn: StandIn, answer: Fault.Answer
        ) throws {
            let router = try Router(.through(primary, primary == "sendgrid" ? "ses" : "sendgrid"))
            try router.sandbox.setFault(.sends(standIn, .status(answer)))
            let id = try router.wire.send()
            try router.wire.wait(for: id, toBe: "failed")
            let message = try router.wire.message(id)
            #expect(message.attempts == ["\(primary) refused_message"])
            #expect(message.eventTypes == ["message.failed"])
            #expect(message["status_reason"]?.string?.isEmpty == false)
            #expect(router.sandbox.requests(for: id).allSatisfy { $0.provider == standIn })
            #expect(router.sandbox.copies(of: id) == 0)
            #expect(try router.wire.breaker(of: primary) == "closed")
        }

        @Test func `with everybody down messages wait, and leave when somebody returns`() throws {
            var setup = Setup()
            setup.common["breaker"] = "{failures: 1, recovery: 300ms, recovery_backoff: 1, half_open_successes: 1}"
            let delays = Array(repeating: "300ms", count: 60).joined(separator: ", ")
            setup.sections["delivery"] = "{retry: {delays: [\(delays)], jitter: 0}}"
            let router = try Router(setup)
            for provider in StandIn.allCases { try router.sandbox.setFault(Fault(provider, .refuse)) }
            let ids = try (0..<20).map { _ in try router.wire.send() }
            try eventually("all breakers are open") {
                try ["sendgrid", "ses", "relay"].allSatisfy { try router.wire.breaker(of: $0) != "closed" }
            }
            #expect(try router.wire.get("/healthz").status == 503)
            #expect(try router.wire.get("/readyz").status == 200, "an outage of providers is not the router's")
            let states = Set(try ids.map { try router.wire.status(of: $0) })
            #expect(states.isSubset(of: ["queued", "sending"]))
            router.sandbox.clearFaults(.ses)
            for id in ids {
                try router.wire.wait(for: id, toBe: "sent")
                #expect(router.sandbox.copies(of: id) == 1)
            }
            #expect(try router.wire.metrics().sum("messages_sent_total", ["status": "dead"]) == 0)
        }

        @Test func `what has lived too long expires, and is never sent late`() throws {
            let router = try Router(.through("sendgrid"))
            #expect(try router.wire.post("/v1/providers/sendgrid/disable").status == 200)
            let id = try router.wire.send(more: #","ttl":"1s""#)
            let (_, time) = try duration { try router.wire.wait(for: id, toBe: "expired") }
            #expect(time >= .milliseconds(500))
            #expect(try router.wire.message(id).eventTypes == ["message.expired"])
            #expect(try router.wire.post("/v1/providers/sendgrid/enable").status == 200)
            let next = try router.wire.send()
            try router.wire.wait(for: next, toBe: "sent")
            #expect(router.sandbox.requests(for: id).isEmpty)
            #expect(try router.wire.metrics().sum("messages_sent_total", ["status": "expired"]) == 1)
        }

        @Test func `urgent messages go first, and bulk ones still move`() throws {
            var setup = Setup.through("sendgrid")
            setup.set("sendgrid", "max_in_flight", "1")
            let router = try Router(setup)
            #expect(try router.wire.post("/v1/providers/sendgrid/disable").status == 200)
            var lanes: [String: String] = [:]
            for (priority, count) in [("bulk", 5), ("normal", 10), ("urgent", 40)] {
                for _ in 0..<count { lanes[try router.wire.send(more: #","priority":"\#(priority)""#)] = priority }
            }
            #expect(try router.wire.post("/v1/providers/sendgrid/enable").status == 200)
            for id in lanes.keys { try router.wire.wait(for: id, toBe: "sent") }
            let order = router.sandbox.journal.entries().filter(\.isTaken).compactMap { lanes[$0.message ?? ""] }
            #expect(order.count == 55)
            #expect(order.prefix(10).allSatisfy { $0 == "urgent" })
            let lastUrgent = try #require(order.lastIndex(of: "urgent"))
            #expect(order[..<lastUrgent].contains("normal") && order[..<lastUrgent].contains("bulk"))
            #expect(order.count { $0 == "bulk" } == 5)
            #expect(order.last == "bulk")
        }
    }
}
