import Testing
import WaypostJSON
import WaypostSandbox
import WaypostStore

extension EndToEnd {
    /// Each fault × each provider × each policy, on fresh and on reused connections; the sandbox's journal is the judge.
    @Suite struct FaultMatrix {
        @Test(arguments: FaultCase.all, ["resend", "hold", "reconcile"])
        func `each fault ends as the table says, under each policy`(fault: FaultCase, policy: String) throws {
            for isReused in fault.canReuse ? [false, true] : [false] {
                try run(fault, policy, isReused: isReused)
            }
        }

        private func run(_ fault: FaultCase, _ policy: String, isReused: Bool) throws {
            let backup = fault.provider == .ses ? "sendgrid" : "ses"
            var setup = Setup.through(fault.name, backup)
            if fault.hangs {
                setup.set(fault.name, "timeout", "700ms")
                setup.set(fault.name, "connect_timeout", "700ms")
            }
            if case .later = fault.ending {  // looked at before the next round comes
                setup.sections["delivery"] = "{retry: {delays: [60s], jitter: 0}}"
            }
            let router = try Router(setup)
            let (wire, sandbox) = (router.wire, router.sandbox)
            var warmed: Int?
            if isReused {
                let first = try wire.send()
                try wire.wait(for: first, toBe: "sent")
                warmed = sandbox.takes(of: first).first?.connection
            }
            sandbox.journal.clear()
            try sandbox.setFault(fault.fault)
            let id = try wire.send(more: #","on_ambiguous":"\#(policy)""#)
            try wire.wait(for: id, toBe: fault.ending.state(under: policy))

            let note: Comment = "\(fault) under \(policy), \(isReused ? "reused" : "fresh") connection"
            let copies = fault.ending.copies(under: policy)
            let attempts = fault.ending.attempts(fault.name, backup, under: policy)
            try eventually("the stand-in has read it all: \(note)") {
                sandbox.takes(of: id).count { $0.provider == fault.provider } >= copies.primary
            }
            var made: [String] = []
            // What waits for its next round may have been queued before its first, too.
            try eventually("its attempts are over: \(note)") {
                made = try wire.message(id).attempts
                return made.count >= attempts.count && !made.contains { $0.hasSuffix(" under way") }
            }
            #expect(made == attempts, note)
            #expect(sandbox.takes(of: id).count { $0.provider == fault.provider } == copies.primary, note)
            #expect(sandbox.takes(of: id).count { $0.provider != fault.provider } == copies.backup, note)
            // Reading a request at all makes an entry, so this also sees what libcurl might send again by itself.
            let sends = ["mail.send", "SendEmail", "mail"]
            let asked = sandbox.journal.entries(of: fault.provider).filter { sends.contains($0.operation) }
            // Before DATA nothing of a mail has left: a kept connection that breaks there is replaced once.
            let isReplaceable = isReused && fault.provider == .smtp && !fault.ending.isAmbiguous
            #expect(asked.count <= (isReplaceable ? 2 : 1), note)
            if let warmed, let connection = asked.first?.connection { #expect(connection == warmed, note) }
            let metrics = try wire.metrics()
            let resolution = ["provider": fault.name, "policy": policy]
            #expect(metrics.sum("waypost_ambiguous_total", resolution) == (fault.ending.isAmbiguous ? 1 : 0), note)
            #expect(metrics["waypost_ledger_imbalance"] == 0)
            #expect(try Inspection.of(path: router.folder.file("store/waypost.db")).findings == [])
        }

        @Test(arguments: ["sendgrid", "ses", "relay"])
        func `after an idle connection was closed the next message goes on a new one, once`(provider: String) throws {
            let router = try Router(.through(provider))
            let standIn = try #require(StandIn(rawValue: provider == "relay" ? "smtp" : provider))
            try router.sandbox.setFault(.sends(standIn, .closeIdle))
            for _ in 0..<5 {
                let id = try router.wire.send(more: #","on_ambiguous":"hold""#)
                try router.wire.wait(for: id, toBe: "sent")
                #expect(router.sandbox.copies(of: id) == 1)
            }
        }

        @Test(arguments: ["resend", "hold"])
        func `what a provider stopped reading in mid-body has not arrived: the backup has it`(policy: String) throws {
            var setup = Setup.through("sendgrid", "ses")
            setup.set("sendgrid", "timeout", "2s")
            setup.set("sendgrid", "connect_timeout", "1s")
            let router = try Router(setup)
            try router.sandbox.setFault(.sends(.sendgrid, .hang(.before)))
            // More than the sockets between the two hold.
            let bytes = String(repeating: "QUJD", count: 1_300_000)
            let reply = try router.wire.post(
                "/v1/messages",
                """
                {"channel":"email","to":"a@example.com","on_ambiguous":"\(policy)","content":{"subject":"a","text":"b",
                 "attachments":[{"filename":"a.bin","content_type":"application/octet-stream","content":"\(bytes)"}]}}
                """)
            let id = try #require(reply["id"]?.string, "\(reply)")
            try router.wire.wait(for: id, toBe: "sent")
            #expect(try router.wire.message(id).attempts == ["sendgrid unavailable", "ses accepted"])
            #expect(router.sandbox.copies(of: id) == 1)
        }

        @Test(arguments: [("resend", "sent", 2), ("hold", "in_doubt", 1)])
        func `the provider that reads everything and closes, many at once on reused connections`(
            policy: String, state: String, copies: Int
        ) throws {
            let router = try Router(.through("sendgrid", "ses"))
            let port = router.port
            func send(_ count: Int) throws -> [String] {
                try Load.together(4) { _ in
                    let wire = Wire(port: port)
                    return try (0..<count).map { _ in try wire.send(more: #","on_ambiguous":"\#(policy)""#) }
                }.flatMap(\.self)
            }
            for id in try send(5) { try router.wire.wait(for: id, toBe: "sent") }
            try router.sandbox.setFault(.sends(.sendgrid, .close(.after)))
            let ids = try send(10)
            for id in ids { try router.wire.wait(for: id, toBe: state) }
            for id in ids {
                #expect(router.sandbox.copies(of: id) == copies)
                #expect(router.sandbox.takes(of: id).count { $0.provider == .sendgrid } == 1)
            }
            #expect(try Inspection.of(path: router.folder.file("store/waypost.db")).findings == [])
        }
    }
}

/// A fault at one provider, and how a message to it ends.
struct FaultCase: Sendable, CustomTestStringConvertible {
    var provider: StandIn
    var word: String
    var fault: Fault
    var ending: Ending

    /// Its name in the configuration.
    var name: String { provider == .smtp ? "relay" : provider.rawValue }
    var hangs: Bool { if case .hang = fault.effect { true } else { false } }
    /// A reused connection has its greeting behind it; and silence is the same on any connection.
    var canReuse: Bool { !hangs && (provider != .smtp || ![.greeting, .ehlo, .auth].contains(fault.stage)) }
    var testDescription: String { "\(name): \(word)" }

    enum Ending: Sendable {
        case accepted
        /// The backup has it at once; our word for the attempt.
        case onward(String)
        /// No other provider is asked; our word for the attempt.
        case refused(String)
        /// It waits for this provider.
        case later
        /// Nobody can know, and this is whether the provider took it.
        case ambiguous(isTaken: Bool)

        var isAmbiguous: Bool { if case .ambiguous = self { true } else { false } }

        func state(under policy: String) -> String {
            switch self {
            case .accepted, .onward: "sent"
            case .refused: "failed"
            case .later: "queued"
            case .ambiguous: policy == "resend" ? "sent" : "in_doubt"
            }
        }

        func copies(under policy: String) -> (primary: Int, backup: Int) {
            switch self {
            case .accepted: (1, 0)
            case .onward: (0, 1)
            case .refused, .later: (0, 0)
            case .ambiguous(let isTaken): (isTaken ? 1 : 0, policy == "resend" ? 1 : 0)
            }
        }

        func attempts(_ primary: String, _ backup: String, under policy: String) -> [String] {
            switch self {
            case .accepted: ["\(primary) accepted"]
            case .onward(let word): ["\(primary) \(word)", "\(backup) accepted"]
            case .refused(let word): ["\(primary) \(word)"]
            case .later: ["\(primary) throttled"]
            case .ambiguous:
                ["\(primary) ambiguous"] + (policy == "resend" ? ["\(backup) accepted"] : [])
            }
        }
    }

    static let all = [StandIn.sendgrid, .ses].flatMap(web) + mail

    private static func web(_ provider: StandIn) -> [FaultCase] {
        let table: [(String, Fault.Effect, Ending)] = [
            ("delay", .delay, .accepted),
            ("refuse", .refuse, .onward("unavailable")),
            ("redirect", .redirect(to: nil), .onward("unavailable")),
            ("503", .status(.init(503)), .onward("unavailable")),
            ("429", .status(.init(429)), .onward("throttled")),
            ("403", .status(.init(403)), .onward("misconfigured")),
            ("400", .status(.init(400)), .refused("refused_message")),
            ("500", .status(.init(500)), .ambiguous(isTaken: false)),
            ("502", .status(.init(502)), .ambiguous(isTaken: false)),
            ("504", .status(.init(504)), .ambiguous(isTaken: false)),
            ("hang before", .hang(.before), .ambiguous(isTaken: false)),
            ("hang after", .hang(.after), .ambiguous(isTaken: true)),
            ("reset before", .reset(.before), .ambiguous(isTaken: false)),
            ("reset after", .reset(.after), .ambiguous(isTaken: true)),
            ("close before", .close(.before), .ambiguous(isTaken: false)),
            ("close after", .close(.after), .ambiguous(isTaken: true)),
            ("garbage truncated", .garbage(.truncated), .ambiguous(isTaken: true)),
            ("garbage text", .garbage(.text), .ambiguous(isTaken: true)),
            ("garbage bytes", .garbage(.bytes), .ambiguous(isTaken: true)),
        ]
        return table.map { word, effect, ending in
            FaultCase(provider: provider, word: word, fault: fault(provider, effect), ending: ending)
        }
    }

    private static let mail: [FaultCase] = {
        let unavailable = Ending.onward("unavailable")
        let table: [(Fault.Stage, String, Fault.Effect, Ending)] = [
            (.dot, "delay", .delay, .accepted),
            (.dot, "refuse", .refuse, unavailable),
            (.greeting, "421", .status(.init(421)), unavailable),
            (.greeting, "hang", .hang(.before), unavailable),
            (.greeting, "close", .close(.before), unavailable),
            (.ehlo, "reset", .reset(.before), unavailable),
            (.auth, "535", .status(.init(535)), .onward("misconfigured")),
            (.auth, "close", .close(.before), unavailable),
            (.mail, "451", .status(.init(451)), .onward("throttled")),
            (.mail, "hang", .hang(.before), unavailable),
            (.mail, "reset", .reset(.before), unavailable),
            (.mail, "close", .close(.before), unavailable),
            (.rcpt, "550 5.1.1", .status(answer(550, "5.1.1 no such user")), .refused("refused_recipient")),
            (.rcpt, "451", .status(.init(451)), .later),
            (.rcpt, "close", .close(.before), unavailable),
            (.data, "451", .status(.init(451)), .onward("throttled")),
            (.data, "554", .status(.init(554)), .refused("refused_message")),
            (.data, "hang", .hang(.before), unavailable),
            (.data, "reset", .reset(.before), unavailable),
            (.dot, "421", .status(.init(421)), unavailable),
            (.dot, "451", .status(.init(451)), .onward("throttled")),
            (.dot, "554", .status(.init(554)), .refused("refused_message")),
            (.dot, "hang before", .hang(.before), .ambiguous(isTaken: false)),
            (.dot, "hang after", .hang(.after), .ambiguous(isTaken: true)),
            (.dot, "reset before", .reset(.before), .ambiguous(isTaken: false)),
            (.dot, "reset after", .reset(.after), .ambiguous(isTaken: true)),
            (.dot, "close before", .close(.before), .ambiguous(isTaken: false)),
            (.dot, "close after", .close(.after), .ambiguous(isTaken: true)),
            (.dot, "garbage truncated", .garbage(.truncated), .ambiguous(isTaken: true)),
            (.dot, "garbage text", .garbage(.text), .ambiguous(isTaken: true)),
            (.dot, "garbage bytes", .garbage(.bytes), .ambiguous(isTaken: true)),
        ]
        return table.map { stage, word, effect, ending in
            var fault = fault(.smtp, effect)
            fault.stage = stage
            return FaultCase(provider: .smtp, word: "\(stage.rawValue) \(word)", fault: fault, ending: ending)
        }
    }()

    private static func fault(_ provider: StandIn, _ effect: Fault.Effect) -> Fault {
        switch effect {
        case .refuse: Fault(provider, effect)  // a refused connection cannot tell what it was for
        case .delay: .sends(provider, effect, delay: .milliseconds(50))
        default: .sends(provider, effect)
        }
    }

    private static func answer(_ status: Int, _ text: String) -> Fault.Answer {
        var answer = Fault.Answer(status)
        answer.body = text
        return answer
    }
}
