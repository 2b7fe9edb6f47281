import Dispatch
import Synchronization
import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// That what is counted is what happened, once.
    @Suite struct Counting {
        private func failovers(_ wire: Wire, _ reason: String) throws -> Double? {
            try wire.metrics()[
                "waypost_failovers_total", ["channel": "email", "from": "sendgrid", "to": "ses", "reason": reason]]
        }

        @Test func `whom a message is kept from is counted at the door as in the queue, from 0 on`() throws {
            var setup = Setup()
            setup.set("sendgrid", "rate_limits", "[{limit: 1, window: 60s}]")
            let router = try Router(setup)
            let wire = router.wire
            for reason in ["disabled", "breaker_open", "rate_limited", "unavailable", "ambiguous"] {
                #expect(try failovers(wire, reason) == 0, "\(reason)")
            }
            for _ in 1...3 { try wire.wait(for: try wire.send(), toBe: "sent") }
            #expect(try failovers(wire, "rate_limited") == 2)
            #expect(try wire.metrics()["waypost_rate_limit_rejections_total", ["limit": "provider"]] == 2)
            #expect(try wire.post("/v1/providers/sendgrid/disable", "{}").status == 200)
            try wire.wait(for: try wire.send(), toBe: "sent")
            #expect(try failovers(wire, "disabled") == 1)
            #expect(try wire.post("/v1/providers/sendgrid/enable", "{}").status == 200)
            let held = try wire.post("/v1/emergency/switch-to-backup", #"{"reason":"drill","channel":"email"}"#)
            #expect(held.status == 200)
            try wire.wait(for: try wire.send(), toBe: "sent")
            #expect(try failovers(wire, "overridden") == 1)
            #expect(router.sandbox.journal.summary.providers[.ses]?.taken == 4)
        }

        @Test func `what lives too short to see the end of a stop expires meanwhile`() throws {
            let router = try Router()
            let wire = router.wire
            #expect(try wire.post("/v1/emergency/stop-sending", #"{"reason":"leak"}"#).status == 200)
            let short = try wire.send(more: #","ttl":"1s""#)
            let long = try wire.send()
            try wire.wait(for: short, toBe: "expired")
            #expect(try wire.status(of: long) == "queued")
            #expect(try wire.message(short)["status_reason"]?.string == "its time to live is over")
            #expect(try wire.metrics().sum("messages_sent_total", ["status": "expired"]) == 1)
            #expect(try wire.post("/v1/emergency/resume", #"{"reason":"mended"}"#).status == 200)
            try wire.wait(for: long, toBe: "sent")
            #expect(router.sandbox.requests(for: short).isEmpty)
            try router.checkBooks()
        }

        @Test func `of two operators who purge the same dead letters each is told what became of it by them`() throws {
            var setup = Setup.through("sendgrid")
            setup.sections["delivery"] = "{retry: {delays: [10ms], jitter: 0}}"
            let router = try Router(setup)
            let wire = router.wire
            try router.sandbox.setFault(Fault.sends(.sendgrid, .status(.init(503))))
            let ids = try (0..<40).map { _ in try wire.send() }
            for id in ids { try wire.wait(for: id, toBe: "dead") }
            // At once, on connections of their own: who comes first is nobody's business, what each is told is.
            let answers = Mutex<[Reply]>([])
            let port = router.port
            DispatchQueue.concurrentPerform(iterations: 2) { number in
                let list = (number == 0 ? ids[..<25] : ids[10...]).map { "\"\($0)\"" }.joined(separator: ",")
                let answer = try? Wire(port: port, token: nil).post(
                    "/v1/dead-letters/purge", "{\"ids\":[\(list)],\"reason\":\"old\"}")
                answers.withLock { answers in if let answer { answers.append(answer) } }
            }
            let told = answers.withLock { $0 }
            #expect(told.reduce(0) { $0 + ($1["purged"]?.integer ?? -1) } == 40, "\(told)")
            #expect(told.allSatisfy { $0["ids"]?.array?.count == $0["purged"]?.integer.map(Int.init) })
            #expect(try wire.metrics().sum("messages_sent_total", ["status": "failed"]) == 40)
        }
    }
}
