import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Many emails that say the same leave in few requests, and each comes to its own end.
    @Suite struct Bundles {
        private func setup() -> Setup {
            var setup = Setup.routing(["email": ["sendgrid"]])
            setup.sections["templates"] = "{news: {email: {sendgrid: d-0123456789abcdef}}}"
            return setup
        }

        /// Sends to all of them, with variables of their own, and returns the messages' ids.
        private func send(to addresses: [String], _ router: Router) throws -> [String] {
            let recipients = addresses.enumerated().map {
                #"{"to":{"email":\#(String(decoding: JSONValue.string($1).bytes, as: UTF8.self))},"variables":{"number":\#($0)}}"#
            }
            let reply = try router.wire.post(
                "/v1/messages/batch",
                """
                {"channel":"email","on_ambiguous":"hold","template":{"id":"news"},
                 "recipients":[\(recipients.joined(separator: ","))]}
                """)
            #expect(reply.status == 202 && reply["accepted"]?.integer == Int64(addresses.count), "\(reply)")
            return (reply["results"]?.array ?? []).compactMap { $0["id"]?.string }
        }

        /// How many requests brought these messages.
        private func requests(_ router: Router) -> Int {
            let sends = router.sandbox.journal.entries(of: .sendgrid, limit: 100_000).filter { $0.message != nil }
            return Set(sends.map(\.request)).count
        }

        @Test(arguments: [(64, 100), (500, 4)])
        func `five hundred recipients of a template are few requests`(maxInFlight: Int, requestsAtMost: Int) throws {
            var setup = setup()
            setup.set("sendgrid", "max_in_flight", "\(maxInFlight)")
            let router = try Router(setup)
            let (messages, time) = try duration {
                try router.wire.ends(of: send(to: (0..<500).map { _ in Letter.address() }, router))
            }
            print("sendgrid: 500 messages, \(maxInFlight) in flight, in \(requests(router)) requests, \(time)")
            #expect(messages.count == 500)
            #expect(requests(router) <= requestsAtMost)
            for message in messages {
                #expect(message.attempts == ["sendgrid accepted"])
                #expect(message["provider_message_id"]?.string != nil)
            }
            #expect(router.sandbox.journal.takes(of: .sendgrid).count == 500)
            try router.checkBooks()
        }

        @Test func `one address that SendGrid refuses fails alone`() throws {
            let router = try Router(setup())
            var addresses = (0..<40).map { _ in Letter.address() }
            // Good by RFC 5321, and beyond what SendGrid takes.
            addresses[17] = #""jane doe"@example.com"#
            let ids = try send(to: addresses, router)
            for (place, id) in ids.enumerated() {
                try router.wire.wait(for: id, toBe: place == 17 ? "failed" : "sent")
                #expect(try router.wire.message(id)["attempts"]?.array?.count == 1)
                #expect(router.sandbox.copies(of: id) == (place == 17 ? 0 : 1))
            }
            let status = try router.wire.message(ids[17])
            #expect(status["status_reason"]?.string?.contains("personalizations.0.to.0.email") == true, "\(status)")
            try router.checkBooks()
        }

        @Test func `what many share is in doubt for all of them, each as its policy says`() throws {
            let router = try Router(setup())
            try router.waitForHealth()
            try router.sandbox.setFault(.sends(.sendgrid, .close(.after), count: 1))
            let ids = try send(to: (0..<30).map { _ in Letter.address() }, router)
            let states = try router.wire.ends(of: ids).compactMap { $0["status"]?.string }
            #expect(states.contains("in_doubt") && Set(states).isSubset(of: ["in_doubt", "sent"]))
            #expect(ids.allSatisfy { router.sandbox.copies(of: $0) == 1 })
            try router.checkBooks()
        }
    }
}
