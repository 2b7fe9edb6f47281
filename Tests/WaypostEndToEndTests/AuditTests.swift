import Glibc
import Testing
import WaypostJSON
import WaypostSandbox
import WaypostStore

extension EndToEnd {
    /// The audit trail: what operators, providers and signals do, as it stands in it.
    @Suite struct Audit {
        /// One thing that an operator does, and the row that tells of it.
        private struct Deed: CustomStringConvertible {
            enum Target {
                case exactly(String)
                /// A hash in place of the address.
                case person(String)
                case any
            }

            var method: String
            var path: String
            var body: String?
            var action: AuditEntry.Action
            var target: Target
            var reason: String
            /// What the row's data holds, among others.
            var data: [String: JSONValue]

            init(
                _ method: String, _ path: String, _ body: String? = nil, _ action: AuditEntry.Action, _ target: Target,
                reason: String = "", data: [String: JSONValue] = [:]
            ) {
                self.method = method
                self.path = path
                self.body = body
                self.action = action
                self.target = target
                self.reason = reason
                self.data = data
            }

            var description: String { "\(method) \(path)" }
        }

        private static let token = "ops-token-of-a-test"
        private static let phone = "+14155550123"

        private func setup(telling receiver: Receiver) -> Setup {
            var setup = Setup.routing(["email": ["sendgrid"], "sms": ["twilio", "messagebird"]])
            setup.sections["auth"] = "{keys: [{name: ops, token: \(Self.token), scopes: [admin]}]}"
            setup.sections["events"] = "{endpoints: [\(receiver.entry())]}"
            setup.sections["delivery"] = "{retry: {delays: [10ms], jitter: 0}}"
            return setup
        }

        private static let lists: [Deed] = [
            .init(
                "PUT", "/v1/suppressions/email/Jane.Roe@Example.com", #"{"reason":"manual","detail":"Jane asked"}"#,
                .suppressionPut, .person("email"), reason: "manual"),
            .init("DELETE", "/v1/suppressions/email/jane.roe@example.com", nil, .suppressionDeleted, .person("email")),
            .init(
                "POST", "/v1/suppressions/import?channel=sms",
                #"{"suppressions":[{"address":"+14155550123"},{"address":"+14155550124"}]}"#, .suppressionsImported,
                .exactly(""), data: ["rows": 2, "portion": 1, "of": 1]),
            .init(
                "PUT", "/v1/consents/sms/\(phone)",
                #"{"state":"denied","purpose":"marketing","source":"letter","proof":"+14155550123 wrote"}"#,
                .consentPut, .person("sms"), data: ["state": "denied", "purpose": "marketing"]),
            .init(
                "DELETE", "/v1/consents/sms/\(phone)?purpose=marketing", nil, .consentWithdrawn, .person("sms"),
                data: ["purpose": "marketing"]),
            .init("DELETE", "/v1/users/jane.roe@example.com", nil, .userDeleted, .person("realtime")),
        ]

        private static func letters(dead: [String], doubtful: String) -> [Deed] {
            [
                .init(
                    "POST", "/v1/dead-letters/replay", #"{"ids":["\#(dead[0])"]}"#, .lettersReplayed, .exactly(""),
                    data: ["messages": 1, "deliveries": 1, "into": "queued", "ids": [.string(dead[0])]]),
                .init(
                    "POST", "/v1/dead-letters/purge", #"{"filter":{"status":"dead"},"reason":"of no use"}"#,
                    .lettersPurged, .exactly(""), reason: "of no use",
                    data: ["messages": 1, "deliveries": 1, "into": "failed", "ids": [.string(dead[1])]]),
                .init(
                    "POST", "/v1/dead-letters/resolve", #"{"ids":["\#(doubtful)"],"as":"sent","reason":"asked them"}"#,
                    .lettersResolved, .exactly(""), reason: "asked them",
                    data: ["messages": 1, "deliveries": 1, "into": "sent", "ids": [.string(doubtful)]]),
            ]
        }

        private static let why = #"{"reason":"drill"}"#

        private static func steering(lifting override: String) -> [Deed] {
            [
                .init("POST", "/v1/endpoints/shop/disable", why, .endpointDisabled, .exactly("shop"), reason: "drill"),
                .init("POST", "/v1/endpoints/shop/enable", nil, .endpointEnabled, .exactly("shop")),
                .init(
                    "POST", "/v1/providers/twilio/disable", why, .providerDisabled, .exactly("twilio"), reason: "drill",
                    data: ["state": "disabled"]),
                .init("POST", "/v1/providers/twilio/enable", nil, .providerEnabled, .exactly("twilio")),
                .init(
                    "POST", "/v1/providers/twilio/breaker", #"{"state":"open","channel":"sms","reason":"drill"}"#,
                    .breakerHeld, .exactly("twilio"), reason: "drill", data: ["state": "open", "channel": "sms"]),
                .init(
                    "POST", "/v1/providers/twilio/breaker", #"{"state":"auto"}"#, .breakerReleased, .exactly("twilio")),
                .init(
                    "DELETE", "/v1/overrides/\(override)", nil, .overrideLifted, .exactly(override),
                    data: ["kind": "switch_to_backup", "of": "twilio", "channel": "sms"]),
                .init("POST", "/v1/reload", nil, .configurationReloaded, .any),
                .init("GET", "/v1/configuration", nil, .configurationRead, .exactly("")),
            ]
        }

        private static let emergencies: [Deed] = [
            .init(
                "POST", "/v1/emergency/stop-sending", #"{"reason":"drill","channel":"sms"}"#, .sendingStopped,
                .exactly("sms"), reason: "drill", data: ["providers": ["messagebird", "twilio"]]),
            .init("POST", "/v1/emergency/clear-queue", why, .queueCleared, .exactly("*"), reason: "drill"),
            .init("POST", "/v1/emergency/resume", why, .sendingResumed, .exactly("*"), reason: "drill"),
            .init(
                "POST", "/v1/emergency/switch-to-backup", #"{"reason":"drill","channel":"sms"}"#, .switchedToBackup,
                .exactly("sms"), reason: "drill", data: ["providers": ["twilio"]]),
            .init(
                "POST", "/v1/emergency/open-breakers", #"{"reason":"drill","provider":"twilio"}"#, .breakersOpened,
                .exactly("twilio"), reason: "drill"),
            .init(
                "POST", "/v1/emergency/reset-rate-limits", #"{"reason":"drill","recipient":"jane.roe@example.com"}"#,
                .limitsReset, .exactly(""), reason: "drill"),
        ]

        /// Does it, and finds its row at the front of the trail.
        private func check(_ deed: Deed, _ wire: Wire) throws {
            let before = try wire.get("/v1/audit?limit=1")["data"]?[0]?["seq"]?.integer ?? 0
            let reply = try wire.ask(deed.method, deed.path, deed.body)
            #expect((200..<300).contains(reply.status), "\(deed): \(reply)")
            let row = try wire.get("/v1/audit?limit=1")["data"]?[0]
            #expect(row?["seq"]?.integer == before + 1, "\(deed): one row, at once")
            #expect(
                row?["actor"] == "ops" && row?["action"]?.string == deed.action.rawValue, "\(deed): \(row ?? .null)")
            #expect(row?["reason"]?.string == deed.reason, "\(deed): \(row ?? .null)")
            for (name, value) in deed.data { #expect(row?["data"]?[name] == value, "\(deed): \(row ?? .null)") }
            let target = row?["target"]?.string ?? ""
            switch deed.target {
            case .exactly(let text): #expect(target == text, "\(deed)")
            case .person(let channel):
                let hash = target.split(separator: "/").last ?? ""
                #expect(
                    target == "\(channel)/\(hash)" && hash.wholeMatch(of: /[0-9a-f]{16}/) != nil, "\(deed): \(target)")
            case .any: #expect(!target.isEmpty, "\(deed)")
            }
        }

        @Test func `whatever an operator does is one row with name and reason, and no address`() throws {
            let receiver = try Receiver()
            let router = try Router(setup(telling: receiver))
            let wire = router.connection(token: Self.token)
            try router.waitForHealth(asking: wire)
            try router.sandbox.setFault(Fault.sends(.sendgrid, .status(.init(503))))
            let dead = try (0..<2).map { _ in try wire.send(to: "jane.roe@example.com") }
            for id in dead { try wire.wait(for: id, toBe: "dead") }
            router.sandbox.clearFaults()
            try router.sandbox.setFault(Fault.sends(.sendgrid, .close(.before), count: 1))
            let doubtful = try wire.send(to: "jane.roe@example.com", more: #","on_ambiguous":"hold""#)
            try wire.wait(for: doubtful, toBe: "in_doubt")
            #expect(try wire.ask("PUT", "/v1/users/jane.roe@example.com", #"{"phone":"\#(Self.phone)"}"#).status == 201)

            var deeds = Self.lists + Self.letters(dead: dead, doubtful: doubtful) + Self.emergencies
            for deed in deeds { try check(deed, wire) }
            let overrides = try wire.get("/v1/overrides")["data"]?.array ?? []
            let switched = overrides.first { $0["kind"] == "switch_to_backup" }?["id"]?.string
            let steering = Self.steering(lifting: try #require(switched))
            for deed in steering { try check(deed, wire) }
            deeds += steering

            // A file that cannot be applied is refused, and that stands there as well.
            try router.folder.write("server: {lissen: x}\n", to: "waypost.yaml")
            #expect(try wire.post("/v1/reload").status == 422)
            let refused = try wire.get("/v1/audit?limit=1")["data"]?[0]
            #expect(refused?["action"] == "configuration.refused" && refused?["actor"] == "ops")
            #expect(refused?["reason"]?.string?.contains("server.lissen") == true, "\(refused ?? .null)")

            // Those that the router does by itself are held against it elsewhere: nothing else is left out here.
            let all = Set(deeds.map(\.action)).union([.configurationRefused])
            #expect(
                Set(AuditEntry.Action.allCases).subtracting(all) == [.routerStarted, .routerStopped, .overrideExpired])
            let trail = try wire.get("/v1/audit?limit=500").text.lowercased()
            for trace in ["jane", "roe@", "14155550123", "wrote", Self.token] {
                #expect(!trail.contains(trace), "\(trace)")
            }
            #expect(try AuditCheck.of(path: router.folder.file("store/waypost.db")).flaw == nil)
        }

        @Test func `what changes nothing is no row`() throws {
            let receiver = try Receiver()
            let router = try Router(setup(telling: receiver))
            let wire = router.connection(token: Self.token)
            let id = "msg_" + String(repeating: "0", count: 26)
            let nothings: [(method: String, path: String, body: String?)] = [
                ("DELETE", "/v1/suppressions/email/jane.roe@example.com", nil),
                ("DELETE", "/v1/consents/sms/\(Self.phone)", nil), ("DELETE", "/v1/users/nobody", nil),
                ("PUT", "/v1/suppressions/email/nobody", nil),
                ("PUT", "/v1/consents/sms/\(Self.phone)", #"{"state":"perhaps"}"#),
                ("POST", "/v1/dead-letters/replay", #"{"filter":{}}"#),
                ("POST", "/v1/dead-letters/purge", #"{"filter":{},"reason":"x","dry_run":true}"#),
                ("POST", "/v1/dead-letters/resolve", #"{"ids":["\#(id)"],"as":"sent","reason":"x"}"#),
                ("POST", "/v1/endpoints/nobody/enable", nil), ("POST", "/v1/providers/twilio/enable", nil),
                ("DELETE", "/v1/overrides/ovr_none", nil), ("GET", "/v1/audit", nil),
            ]
            for (method, path, body) in nothings { _ = try wire.ask(method, path, body) }
            let actions = try wire.get("/v1/audit")["data"]?.array?.compactMap { $0["action"]?.string }
            #expect(actions == ["router.started"])
        }

        // MARK: From outside

        /// The rows of a provider, oldest first, like `consent.put sms STOP denied`.
        private func rows(of provider: String, _ router: Router) throws -> [String] {
            let rows = try router.wire.get("/v1/audit?actor=provider:\(provider)&limit=500")["data"]?.array ?? []
            return rows.reversed().map { row in
                let kind = row["target"]?.string?.split(separator: "/").first.map(String.init)
                let words = [row["action"]?.string, kind, row["reason"]?.string, row["data"]?["state"]?.string]
                return words.compactMap(\.self).joined(separator: " ")
            }
        }

        @Test func `what people tell a provider stands in the trail, once for each change`() throws {
            var setup = Setup.routing(["email": ["sendgrid"], "sms": ["twilio"]])
            setup.isToldOf = true
            let router = try Router(setup)
            try router.waitForHealth()
            let (wire, sandbox) = (router.wire, router.sandbox)
            func say(_ word: String, entries: Int) throws {
                try #require(sandbox.receive(Inbound(.twilio, from: Self.phone, to: "+15550100", body: word)))
                try eventually("\(word) is in the ledger") {
                    try wire.get("/v1/consents/sms/\(Self.phone)")["history"]?.array?.count == entries
                }
            }
            try say("STOP", entries: 1)
            var expected = ["consent.put sms STOP denied", "suppression.put sms opt_out"]
            #expect(try rows(of: "twilio", router) == expected)
            try say("Stop", entries: 2)
            #expect(try rows(of: "twilio", router) == expected, "said again")
            try say("START", entries: 3)
            expected += ["consent.put sms START granted", "suppression.deleted sms START"]
            #expect(try rows(of: "twilio", router) == expected)

            // In an answer rather than by a callback: Twilio knows that the number has unsubscribed.
            var answer = Fault.Answer(400)
            answer.error = "21610"
            try sandbox.setFault(.sends(.twilio, .status(answer), count: 1))
            let refused = try wire.send("sms", to: #""+14155550199""#)
            try wire.wait(for: refused, toBe: "failed")
            #expect(try rows(of: "twilio", router) == expected + ["suppression.put sms opt_out"])

            for (address, outcome) in [("bob@example.net", CallbackOutcome.bounce), ("eve@example.net", .complaint)] {
                try sandbox.setOutcome(OutcomeRule(.sendgrid, outcome, recipient: address))
                _ = try wire.send(to: address)
                try eventually("\(address) is on the list") {
                    try wire.get("/v1/suppressions/email/\(address)").status == 200
                }
            }
            #expect(
                try rows(of: "sendgrid", router) == [
                    "suppression.put email hard_bounce", "suppression.put email complaint",
                ])
            let trail = try wire.get("/v1/audit?limit=500").text
            for trace in ["4155550", "bob@", "eve@"] { #expect(!trail.contains(trace), "\(trace)") }
            let verified = try Child.run(
                Child.program("waypost"), ["audit", "verify", "--config", router.folder.file("waypost.yaml")],
                in: router.folder, name: "verify")
            #expect(verified.status == 0 && verified.output == "8 rows: the chain holds\n", "\(verified)")
            try router.checkBooks()
        }

        @Test func `a reload by signal is told apart from one by a client, and the end is the last row`() throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let first = try Daemon(in: folder)
            #expect(try first.wire.post("/v1/reload").status == 200)
            first.child.signal(SIGHUP)
            func rows(_ wire: Wire) throws -> [String] {
                let rows = try wire.get("/v1/audit")["data"]?.array ?? []
                return rows.reversed().map { "\($0["action"]?.string ?? "?") \($0["actor"]?.string ?? "?")" }
            }
            let before = [
                "router.started waypost", "configuration.reloaded local", "configuration.reloaded signal:SIGHUP",
            ]
            try eventually("it reloads") { try rows(first.wire) == before }
            first.wire.hangUp()
            first.child.signal(SIGTERM)
            #expect(first.child.end().status == 0, "\(first.child.complained)")
            let second = try Daemon(in: folder, name: "second")
            defer { second.crash() }
            #expect(try rows(second.wire) == before + ["router.stopped waypost", "router.started waypost"])
            let check = try AuditCheck.of(path: folder.file("store/waypost.db"))
            #expect(check.rows == 5 && check.flaw == nil)
        }
    }
}
