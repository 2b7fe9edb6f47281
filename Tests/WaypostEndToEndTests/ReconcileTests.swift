import Testing
import WaypostJSON
import WaypostPolicy
import WaypostSandbox
import WaypostStore

extension EndToEnd {
    /// Attempts whose answers were lost, under `reconcile`: the provider is asked whether it has the message. The sandbox's
    /// journal is the judge.
    @Suite struct Reconcile {
        /// As the real one, in fractions of a second.
        private static let quick: ReconcileSchedule = {
            var schedule = ReconcileSchedule()
            schedule.firstLook = .milliseconds(100)
            schedule.apart = .milliseconds(300)
            schedule.settling = .milliseconds(600)
            schedule.patience = .seconds(2)
            schedule.longestPause = .milliseconds(300)
            schedule.listening = .milliseconds(500)
            return schedule
        }()
        private static let policy = #","on_ambiguous":"reconcile""#

        private func router(_ route: [String], on channel: String = "sms") throws -> Router {
            try Router(.routing([channel: route]), reconciling: Self.quick)
        }

        private func check(
            _ router: Router, _ primary: String, _ resolutions: [String: Double],
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            try router.checkBooks(sourceLocation: sourceLocation)
            let metrics = try router.wire.metrics()
            for resolution in ["confirmed", "resent", "held"] {
                let value = metrics[
                    "waypost_ambiguous_total",
                    ["provider": primary, "policy": "reconcile", "resolution": resolution]]
                #expect(value == resolutions[resolution] ?? 0, "\(resolution)", sourceLocation: sourceLocation)
            }
        }

        @Test(arguments: [
            ("twilio", "messagebird", "sms"), ("messagebird", "twilio", "sms"), ("twilio", "messagebird", "whatsapp"),
            ("twilio", "messagebird", "voice"),
        ])
        func `what was taken and whose answer was lost is sent, once`(
            primary: String, backup: String, channel: String
        ) throws {
            let router = try router([primary, backup], on: channel)
            let standIn = try #require(StandIn(rawValue: primary))
            try router.sandbox.setFault(.sends(standIn, .reset(.after), count: 1))
            let id = try router.wire.send(channel, more: Self.policy)
            try router.wire.wait(for: id, toBe: "sent")
            let message = try router.wire.message(id)
            #expect(message.attempts == ["\(primary) ambiguous"])
            let takes = router.sandbox.takes(of: id)
            #expect(takes.map(\.provider) == [standIn])
            #expect(message["provider_message_id"]?.string == takes.first?.reference, "\(message)")
            #expect(message["status_reason"]?.string?.contains("\(primary) has it") == true, "\(message)")
            #expect(message.eventTypes.suffix(1) == ["message.sent"])
            try check(router, primary, ["confirmed": 1])
        }

        @Test(arguments: [("twilio", "messagebird"), ("messagebird", "twilio")])
        func `what was not taken goes to the next provider after two empty looks`(
            primary: String, backup: String
        ) throws {
            let router = try router([primary, backup])
            let standIn = try #require(StandIn(rawValue: primary))
            try router.sandbox.setFault(.sends(standIn, .close(.before), count: 1))
            let (id, took) = try duration {
                let id = try router.wire.send("sms", more: Self.policy)
                try eventually("it says whom it asks") {
                    try router.wire.message(id)["status_reason"]?.string == "asking \(primary) whether it has it"
                }
                #expect(try router.wire.status(of: id) == "sending")
                try router.wire.wait(for: id, toBe: "sent")
                return id
            }
            #expect(took >= Self.quick.settling)
            #expect(try router.wire.message(id).attempts == ["\(primary) ambiguous", "\(backup) accepted"])
            #expect(router.sandbox.takes(of: id).map(\.provider.rawValue) == [backup])
            let looks = router.sandbox.journal.entries(of: standIn).count { $0.operation.hasSuffix(".list") }
            #expect((2...6).contains(looks), "\(looks)")
            try check(router, primary, ["resent": 1])
        }

        @Test func `a message that another of ours owns is not taken for the one that was lost`() throws {
            let router = try router(["twilio", "messagebird"])
            let phone = "\"\(Note.phone())\""
            let first = try router.wire.send("sms", to: phone, more: Self.policy)
            try router.wire.wait(for: first, toBe: "sent")
            try router.sandbox.setFault(.sends(.twilio, .close(.before), count: 1))
            let second = try router.wire.send("sms", to: phone, more: Self.policy)
            try router.wire.wait(for: second, toBe: "sent")
            #expect(router.sandbox.takes(of: second).map(\.provider) == [.messagebird])
            #expect(router.sandbox.takes(of: first).map(\.provider) == [.twilio])
        }

        @Test func `of two alike whose answers were lost, each is its own`() throws {
            let router = try router(["twilio"])
            let phone = "\"\(Note.phone())\""
            try router.sandbox.setFault(.sends(.twilio, .reset(.after), count: 2))
            let ids = try (0..<2).map { _ in try router.wire.send("sms", to: phone, more: Self.policy) }
            let references = try router.wire.ends(of: ids).map { message in
                #expect(message["status"] == "sent", "\(message)")
                return message["provider_message_id"]?.string ?? ""
            }
            #expect(Set(references) == Set(router.sandbox.journal.entries(of: .twilio).compactMap(\.reference)))
            #expect(Set(references).count == 2)
            for id in ids { #expect(router.sandbox.copies(of: id) == 1) }
            try check(router, "twilio", ["confirmed": 2])
        }

        @Test func `a provider that cannot be asked leaves it in doubt`() throws {
            let router = try router(["twilio", "messagebird"])
            try router.sandbox.setFault(Fault(.twilio, .reset(.after)))
            let id = try router.wire.send("sms", more: Self.policy)
            try router.wire.wait(for: id, toBe: "in_doubt")
            let message = try router.wire.message(id)
            #expect(message["status_reason"]?.string?.contains("could not be asked") == true, "\(message)")
            #expect(message.attempts == ["twilio ambiguous"])
            try check(router, "twilio", ["held": 1])
        }

        @Test func `nobody can ask a mail server: it is in doubt at once`() throws {
            let router = try router(["relay"], on: "email")
            try router.sandbox.setFault(.sends(.smtp, .reset(.after), count: 1))
            let id = try router.wire.send(more: Self.policy)
            try router.wire.wait(for: id, toBe: "in_doubt")
            #expect(
                try router.wire.metrics().sum("waypost_ambiguous_total", ["provider": "relay", "resolution": "held"])
                    == 1)
        }

        @Test func `a provider that a reload takes away cannot be asked any more`() throws {
            let router = try router(["twilio", "messagebird"])
            try router.sandbox.setFault(Fault(.twilio, .reset(.after)))
            let id = try router.wire.send("sms", more: Self.policy)
            try eventually("it is asked") { try router.wire.message(id)["status_reason"]?.string != nil }
            try router.folder.configure(.routing(["sms": ["messagebird"]]), for: router.sandbox)
            #expect(router.app.reload() == [])
            try router.wire.wait(for: id, toBe: "in_doubt")
            #expect(
                try router.wire.message(id)["status_reason"]?.string
                    == "twilio: ambiguous: twilio is not configured any more")
        }

        /// Where the crash comes.
        enum Crash: CaseIterable { case beforeTheOutcome, whileAsking }

        @Test(arguments: Crash.allCases)
        func `what was in doubt at a crash is found out after the restart`(crash: Crash) throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            var setup = Setup.routing(["sms": ["twilio", "messagebird"]])
            if crash == .whileAsking { (setup.common["timeout"], setup.common["connect_timeout"]) = ("1s", "1s") }
            try folder.configure(setup, for: sandbox)
            // Nothing is answered, questions neither.
            _ = try sandbox.setFault(Fault(.twilio, .hang(.after)))
            var daemon = try Daemon(in: folder, name: "first")
            let id = try daemon.wire.send("sms", more: Self.policy)
            try eventually("twilio has it") { sandbox.copies(of: id) == 1 }
            if crash == .whileAsking {
                try eventually("twilio is asked") {
                    sandbox.journal.entries(of: .twilio).contains { $0.operation == "Messages.list" }
                }
                #expect(
                    try daemon.wire.message(id)["status_reason"]?.string == "asking twilio whether it has it")
            }
            daemon.crash()
            #expect(try Daemon.fsck(folder).status == 0)
            sandbox.clearFaults()
            daemon = try Daemon(in: folder, name: "second")
            try daemon.wire.wait(for: id, toBe: "sent")
            #expect(sandbox.copies(of: id) == 1)
            #expect(try daemon.wire.message(id).attempts == ["twilio ambiguous"])
            let metrics = try daemon.wire.metrics()
            #expect(metrics.sum("waypost_ambiguous_total") == 1)
            #expect(metrics.sum("waypost_ambiguous_total", ["resolution": "confirmed"]) == 1)
            #expect(metrics["waypost_ledger_imbalance"] == 0)
            daemon.child.signal(15)
            #expect(daemon.child.end().status == 0)
            #expect(try Daemon.fsck(folder).status == 0)
        }
    }
}
