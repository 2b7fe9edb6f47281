import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// `kill -9` with pushes under way on one connection.
    @Suite struct PushCrash {
        private static let maxInFlight = 20

        @Test(arguments: [StandIn.fcm, .apns])
        func `pushes that were under way are in doubt, all others go on as if nothing had happened`(
            first: StandIn
        ) throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            let backup = first == .fcm ? StandIn.apns : .fcm
            var setup = Setup.routing(["push": ["\(first)", "\(backup)"]])
            setup.sections["log"] = "{level: notice}"
            setup.set("\(first)", "max_in_flight", "\(Self.maxInFlight)")
            try folder.configure(setup, for: sandbox)

            let before = try Daemon(in: folder, name: "before")
            // APNs has one stream until it has taken something.
            let warming = try before.wire.send("push")
            try before.wire.wait(for: warming, toBe: "sent")
            try sandbox.setFault(.sends(first, .hang(.after)))
            let policies = (0..<60).map { $0 % 2 == 0 ? "hold" : "resend" }
            let ids = try before.wire.sendBatch(
                policies.map { Note.body("push", more: #","on_ambiguous":"\#($0)""#) })
            try eventually("as many as may be are under way") {
                ids.count { sandbox.copies(of: $0) > 0 } == Self.maxInFlight
            }
            let underWay = Set(ids.filter { sandbox.copies(of: $0) > 0 })
            before.crash()
            let fsck = try Daemon.fsck(folder)
            #expect(fsck.status == 0, "\(fsck.output) \(fsck.complaints)")

            sandbox.clearFaults()
            let after = try Daemon(in: folder, name: "after")
            for (id, policy) in zip(ids, policies) {
                let isHeld = underWay.contains(id) && policy == "hold"
                try after.wire.wait(for: id, toBe: isHeld ? "in_doubt" : "sent")
                #expect(sandbox.copies(of: id) == (underWay.contains(id) && policy == "resend" ? 2 : 1))
            }
            let metrics = try after.wire.metrics()
            let doubts = metrics.sum("waypost_ambiguous_total")
            #expect(doubts == Double(Self.maxInFlight))
            #expect(metrics["waypost_ledger_imbalance"] == 0)
            after.child.signal(15)
            #expect(after.child.end().status == 0)
            #expect(try Daemon.fsck(folder).status == 0)
        }
    }
}
