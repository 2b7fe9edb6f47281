import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// `kill -9` under load, again and again on the same store. The sandbox's journal is the judge, not Waypost's own word.
    @Suite struct Crash {
        /// Where in a message's life the crash is forced.
        enum Point: CaseIterable {
            /// Requests are being answered: some are committed, some are not.
            case underLoad
            /// Begun in the store, and the provider's connection has not come up.
            case beforeTheFirstByte
            /// The provider has the head and reads no further.
            case midBody
            /// The provider has taken the message, and its answer is not known.
            case beforeTheOutcome

            var faults: [Fault] {
                switch self {
                case .underLoad: return []
                case .beforeTheFirstByte:
                    var fault = Fault.sends(.smtp, .hang(.before))
                    fault.stage = .greeting
                    return [fault]
                case .midBody: return [.sends(.sendgrid, .hang(.before)), .sends(.ses, .hang(.before))]
                case .beforeTheOutcome: return StandIn.mail.map { .sends($0, .hang(.after)) }
                }
            }
        }

        private static let maxInFlight = 4
        private static let crashes = 20
        private static let connections = 8
        /// Messages for each crash.
        private static let batch = 40
        /// More than the sockets between router and provider hold.
        private static let large = String(repeating: "QUJD", count: 1_300_000)

        /// The first of those that are to be caught in mid-body are large.
        private static func body(_ number: Int, _ policy: String) -> String {
            let point = Point.allCases[number / batch % Point.allCases.count]
            let isLarge = point == .midBody && number % batch < connections / 2
            let attachment = """
                ,"attachments":[{"filename":"a.bin","content_type":"application/octet-stream","content":"\(large)"}]
                """
            return """
                {"channel":"email","to":"crash-\(number)@example.com","on_ambiguous":"\(policy)",
                 "content":{"subject":"Hello","text":"It works."\(isLarge ? attachment : "")}}
                """
        }

        @Test func `after twenty crashes every 202 is accounted for, and doubles are those the policy chose`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            var setup = Setup()
            setup.sections["routes"] = "{email: {providers: [sendgrid, ses, relay], strategy: round_robin}}"
            setup.sections["log"] = "{level: notice}"
            setup.common["max_in_flight"] = "\(Self.maxInFlight)"
            setup.common["timeout"] = "60s"
            try folder.configure(setup, for: sandbox)

            let shop = Shop(connections: Self.connections) { Self.body($0, $1) }
            var (resent, held) = (0.0, 0.0)
            for crash in 0...Self.crashes {
                let point = crash < Self.crashes ? Point.allCases[crash % Point.allCases.count] : nil
                sandbox.clearFaults()
                if let point, point != .midBody { try point.faults.forEach { _ = try sandbox.setFault($0) } }
                let daemon = try Daemon(in: folder, name: "serve-\(crash)")
                let doubts = try doubts(in: daemon)
                #expect(doubts.resent + doubts.held <= Double(3 * Self.maxInFlight), "crash \(crash)")
                resent += doubts.resent
                held += doubts.held
                shop.goes(to: daemon.port)
                guard let point else {
                    try settle(shop, daemon, sandbox, resent: resent, held: held)
                    daemon.child.signal(15)
                    #expect(daemon.child.end().status == 0)
                    break
                }
                if point == .midBody {
                    // Nothing else waits before the large ones.
                    try drain(shop, daemon)
                    try point.faults.forEach { _ = try sandbox.setFault($0) }
                }
                let served = shop.account.orders.count
                shop.order(Self.batch)
                try reach(point, daemon, sandbox, shop, served: served)
                daemon.crash()
                shop.goes(to: nil)
                let fsck = try Daemon.fsck(folder)
                #expect(fsck.status == 0, "crash \(crash), \(point): \(fsck.output) \(fsck.complaints)")
            }
            #expect(try Daemon.fsck(folder).status == 0)
        }

        /// What the crash before left in doubt, as the restarted process counted it.
        private func doubts(in daemon: Daemon) throws -> (resent: Double, held: Double) {
            let metrics = try daemon.wire.metrics()
            #expect(metrics["waypost_ledger_imbalance"] == 0)
            return (
                metrics.sum("waypost_ambiguous_total", ["resolution": "resent"]),
                metrics.sum("waypost_ambiguous_total", ["resolution": "held"])
            )
        }

        /// Waits for the moment to crash.
        private func reach(
            _ point: Point, _ daemon: Daemon, _ sandbox: Sandbox, _ shop: Shop, served: Int
        ) throws {
            func inFlight(_ provider: String) throws -> Double {
                try daemon.wire.metrics()["waypost_provider_in_flight", ["provider": provider]] ?? 0
            }
            switch point {
            case .underLoad:
                let enough = served + Int.random(in: 5...30)
                try eventually("some are answered") { shop.account.orders.count >= enough }
            case .beforeTheFirstByte:
                try eventually("attempts wait for the greeting") { try inFlight("relay") >= 2 }
            case .midBody:
                try eventually("attempts wait in mid-body") {
                    try inFlight("sendgrid") + inFlight("ses") >= Double(2 * Self.maxInFlight - 2)
                }
            case .beforeTheOutcome:
                try eventually("attempts wait for their answers") {
                    try StandIn.mail.allSatisfy { try inFlight($0 == .smtp ? "relay" : $0.rawValue) >= 1 }
                        && sandbox.journal.entries(after: 0, limit: 1_000_000).suffix(50).contains {
                            $0.isTaken && $0.answer == nil
                        }
                }
            }
        }

        private func drain(_ shop: Shop, _ daemon: Daemon) throws {
            try eventually("all is answered", within: .seconds(60)) { shop.isServed }
            try eventually("nothing waits", within: .seconds(60)) {
                try daemon.wire.metrics().sum("waypost_queue_depth") == 0
            }
        }

        /// Lets everything come to its end, then counts.
        private func settle(
            _ shop: Shop, _ daemon: Daemon, _ sandbox: Sandbox, resent: Double, held: Double
        ) throws {
            try drain(shop, daemon)
            try shop.close()
            let account = shop.account

            var copies: [String: Int] = [:]
            for entry in sandbox.journal.entries(limit: 1_000_000) where entry.isTaken {
                copies[entry.message ?? "", default: 0] += 1
            }
            var (doubled, inDoubt, unaccounted) = (0, 0, 0)
            for order in account.orders {
                let count = copies[order.id] ?? 0
                let status = try daemon.wire.status(of: order.id)
                if status == "in_doubt" { inDoubt += 1 }
                if status != "in_doubt", status != "sent" || count == 0 { unaccounted += 1 }
                if order.policy == "hold" { #expect(count <= 1, "\(order.id) is held, and was sent \(count) times") }
                doubled += max(0, count - 1)
            }
            #expect(unaccounted == 0)
            #expect(Double(doubled) <= resent, "each double was counted as a risk that was taken")
            #expect(Double(inDoubt) == held, "each message in doubt was counted")
            #expect(Set(account.orders.map(\.id)).count == account.orders.count, "a key never made a second message")
            #expect(
                Set(copies.keys).subtracting(account.orders.map(\.id)).isEmpty, "nothing was sent that nobody asked")
            // The crashes struck where they should.
            #expect(account.lostUnanswered > 0, "none came before a commit")
            #expect(resent > 0 && held > 0 && doubled > 0, "none came between a provider's taking and our knowing")
            #expect(account.others.isEmpty, "\(account.others.prefix(3))")
            #expect(try daemon.wire.metrics()["waypost_ledger_imbalance"] == 0)
            print(
                "crashes: \(account.orders.count) accepted, \(copies.count) sent, \(doubled) doubled of \(Int(resent))"
                    + " resent, \(inDoubt) in doubt; unanswered: \(account.keptUnanswered) kept,"
                    + " \(account.lostUnanswered) not")
        }
    }
}
