import Testing
import WaypostCore
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Each channel's providers stand in for each other: what each kind of trouble at the first means for a message. The
    /// sandbox's journal is the judge of who got what.
    @Suite struct ChannelPairs {
        /// Sends one and waits for its end.
        private func send(
            _ pair: Pair, _ router: Router, to: String? = nil, more: String = "", toBe state: String = "sent"
        ) throws -> (id: String, attempts: [String]) {
            let id = try router.wire.send(pair.channel, to: to, more: more)
            try router.wire.wait(for: id, toBe: state)
            return (id, try router.wire.message(id).attempts)
        }

        /// How often each of the two took the message.
        private func takes(of id: String, _ pair: Pair, _ router: Router) -> [Int] {
            [pair.primary, pair.backup].map { provider in
                router.sandbox.takes(of: id).count { $0.provider == provider }
            }
        }

        private func fail(_ pair: Pair, _ effect: Fault.Effect, count: Int? = nil, _ router: Router) throws {
            let isOutage = if case .refuse = effect { true } else { false }
            try router.sandbox.setFault(
                isOutage ? Fault(pair.primary, effect) : .sends(pair.primary, effect, count: count))
        }

        @Test(arguments: Pair.all, [Fault.Effect.refuse, .status(.init(503))])
        func `while the first is out the second has every message at once, and soon alone`(
            pair: Pair, effect: Fault.Effect
        ) throws {
            var setup = pair.setup
            setup.common["breaker"] = "{failures: 3, recovery: 60s}"
            let router = try pair.router(setup)
            try fail(pair, effect, router)
            var lags: [Int64] = []
            for _ in 0..<3 {
                let one = try send(pair, router)
                #expect(one.attempts == [pair.first("unavailable"), pair.carried])
                #expect(takes(of: one.id, pair, router) == [0, 1])
                let start = try router.wire.message(one.id)["attempts"]?[0]?["started_at"]?.string
                let began = try #require(start.flatMap { Timestamp($0) })
                let take = try #require(router.sandbox.takes(of: one.id).first)
                lags.append(take.wallMilliseconds - began.milliseconds)
            }
            // One that the machine's other work made late does not count.
            #expect(lags.sorted()[1] <= 250, "\(lags)")
            #expect(try router.wire.breaker(of: "\(pair.primary)", on: pair.channel) == "open")
            let next = try send(pair, router)
            #expect(next.attempts == [pair.carried])
            #expect(try router.wire.verdicts(on: next.id) == [pair.first("breaker_open"), "\(pair.backup) taken"])
            #expect(try router.wire.breaker(of: "\(pair.backup)", on: pair.channel) == "closed")
            try router.checkBooks()
        }

        @Test(arguments: Pair.all)
        func `while the first asks to be left alone it is, and the second carries`(pair: Pair) throws {
            let router = try pair.router()
            try fail(pair, pair.throttle, count: 1, router)
            let one = try send(pair, router)
            #expect(one.attempts == [pair.first("throttled"), pair.carried])
            let next = try send(pair, router)
            #expect(next.attempts == [pair.carried])
            #expect(try router.wire.verdicts(on: next.id) == [pair.first("resting"), "\(pair.backup) taken"])
            #expect(try router.wire.breaker(of: "\(pair.primary)", on: pair.channel) == "closed")
            #expect(takes(of: one.id, pair, router) == [0, 1] && takes(of: next.id, pair, router) == [0, 1])
            try router.checkBooks()
        }

        @Test(arguments: Pair.all)
        func `when the first refuses our credentials it is left at once`(pair: Pair) throws {
            var setup = pair.setup
            setup.common["breaker"] = "{failures: 100, recovery: 60s}"
            let router = try pair.router(setup)
            try fail(pair, pair.rejection, router)
            let one = try send(pair, router)
            #expect(one.attempts == [pair.first("misconfigured"), pair.carried])
            #expect(try router.wire.breaker(of: "\(pair.primary)", on: pair.channel) == "open")
            let asked = router.sandbox.requests(for: one.id).count { $0.provider == pair.primary }
            // A token of Google's may merely have ended: a fresh one is tried once.
            #expect(asked == (pair.primary == .fcm ? 2 : 1))
            let next = try send(pair, router)
            #expect(next.attempts == [pair.carried])
            #expect(takes(of: next.id, pair, router) == [0, 1])
            try router.checkBooks()
        }

        @Test(arguments: Pair.all, Pair.Doubt.allCases)
        func `what the first may have is sent again or held, as the policy says`(pair: Pair, doubt: Pair.Doubt) throws {
            var setup = pair.setup
            if doubt == .silence {
                setup.set("\(pair.primary)", "timeout", "1s")
                setup.set("\(pair.primary)", "connect_timeout", "1s")
            }
            let router = try pair.router(setup)
            let wire = router.wire
            let (effect, isTaken) = pair.effect(doubt)
            try fail(pair, effect, router)
            let resent = try wire.send(pair.channel, more: #","on_ambiguous":"resend""#)
            // A reset strikes the whole connection, and on a silent one that both share the second has not left: it comes later
            // then.
            if doubt != .silence || pair.channel == "push" { try wire.wait(for: resent, toBe: "sent") }
            let held = try wire.send(pair.channel, more: #","on_ambiguous":"hold""#)
            try wire.wait(for: resent, toBe: "sent")
            try wire.wait(for: held, toBe: "in_doubt")
            #expect(try wire.message(resent).attempts == [pair.first("ambiguous"), pair.carried])
            #expect(try wire.message(held).attempts == [pair.first("ambiguous")])
            #expect(takes(of: resent, pair, router) == [isTaken ? 1 : 0, 1])
            #expect(takes(of: held, pair, router) == [isTaken ? 1 : 0, 0])
            let letters = try wire.get("/v1/dead-letters")["data"]?.array ?? []
            #expect(letters.compactMap { $0["id"]?.string } == [held])
            let metrics = try wire.metrics()
            for (policy, resolution) in [("resend", "resent"), ("hold", "held")] {
                let labels = ["provider": "\(pair.primary)", "policy": policy, "resolution": resolution]
                #expect(metrics["waypost_ambiguous_total", labels] == 1, "\(policy)")
            }
            #expect(metrics["waypost_ledger_imbalance"] == 0)
            // A telephone or mailbox may have what was resent twice; that is what the policy chose.
            let isDouble = isTaken && pair.channel != "push"
            #expect(router.sandbox.journal.summary.duplicateIDs == (isDouble ? [resent] : []))
        }

        @Test(arguments: Pair.all)
        func `what the first refuses for good fails at once, and the second is not bothered`(pair: Pair) throws {
            var setup = pair.setup
            setup.common["breaker"] = "{failures: 1, recovery: 60s}"
            let router = try pair.router(setup)
            try fail(pair, pair.refusal, router)
            let one = try send(pair, router, toBe: "failed")
            #expect(one.attempts == [pair.first("refused_message")])
            let message = try router.wire.message(one.id)
            #expect(message.eventTypes == ["message.failed"])
            #expect(message["status_reason"]?.string?.hasPrefix("\(pair.primary): refused_message") == true)
            #expect(router.sandbox.requests(for: one.id).allSatisfy { $0.provider == pair.primary })
            #expect(try router.wire.breaker(of: "\(pair.primary)", on: pair.channel) == "closed")
            router.sandbox.clearFaults()
            #expect(try send(pair, router).attempts == [pair.first("accepted")])
            try router.checkBooks()
        }

        @Test(arguments: Pair.phones)
        func `a number that is refused is not written to again, by nobody`(pair: Pair) throws {
            var setup = pair.setup
            setup.common["breaker"] = "{failures: 1, recovery: 60s}"
            let router = try pair.router(setup)
            try fail(pair, pair.refusalOfRecipient, count: 1, router)
            let phone = Note.phone()
            let one = try send(pair, router, to: #""\#(phone)""#, toBe: "failed")
            #expect(one.attempts == [pair.first("refused_recipient")])
            #expect(router.sandbox.requests(for: one.id).allSatisfy { $0.provider == pair.primary })
            let body = Note.body(pair.channel, to: #"{"phone":"\#(phone)"}"#)
            let next = try router.wire.post("/v1/messages", body)
            #expect(next.status == 202 && next["status"] == "suppressed", "\(next)")
            let id = try #require(next["id"]?.string)
            #expect(try router.wire.message(id).attempts == [])
            #expect(router.sandbox.requests(for: id).isEmpty)
            #expect(try send(pair, router).attempts == [pair.first("accepted")], "nobody else is concerned")
            #expect(try router.wire.breaker(of: "\(pair.primary)", on: pair.channel) == "closed")
            try router.checkBooks()
        }

        @Test(arguments: Pair.push, ["dead", "long dead"])
        func `a device's dead token is removed, and its other one is tried`(pair: Pair, death: String) throws {
            // Only Apple says since when; before the app's last report it does not count.
            if pair.primary == .fcm, death != "dead" { return }
            let router = try pair.router()
            let wire = router.wire
            let isKept = death != "dead"
            let fcm = pair.primary == .fcm ? "unregistered:\(Note.fcmToken())" : Note.fcmToken()
            let apns =
                pair.primary == .apns
                ? Note.apnsToken(beginning: isKept ? "0410" : "dead") : Note.apnsToken()
            try wire.report("phone", of: "jane", #""platform":"ios","fcm_token":"\#(fcm)","apns_token":"\#(apns)""#)
            let one = try send(pair, router, to: #"{"user":"jane"}"#)
            #expect(one.attempts == [pair.first(isKept ? "unavailable" : "refused_recipient"), pair.carried])
            #expect(takes(of: one.id, pair, router) == [0, 1])
            let device = try wire.device("phone", of: "jane")
            let gone = pair.primary == .fcm ? "fcm_token" : "apns_token"
            #expect(device[gone] == (isKept ? .string(apns) : .null), "\(device)")
            #expect(try wire.reasons(for: one.id) == (isKept ? [] : ["the token that it knows the device by is dead"]))
            guard !isKept else { return try router.checkBooks() }
            let next = try send(pair, router, to: #"{"user":"jane"}"#)
            #expect(next.attempts == [pair.carried])
            let service = pair.primary == .fcm ? "FCM" : "APNs"
            #expect(try wire.reasons(for: next.id) == ["the device has no \(service) token"])
            #expect(try wire.breaker(of: "\(pair.primary)", on: "push") == "closed")
            try router.checkBooks()
        }
    }
}
