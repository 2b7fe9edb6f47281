import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// What a telephone number says of a message's way: country, price, limits; and what its text is cut into.
    @Suite struct PhoneRouting {
        private func sent(_ phone: String, _ router: Router) throws -> JSONValue {
            let id = try router.wire.send("sms", to: #""\#(phone)""#)
            try router.wire.wait(for: id, toBe: "sent")
            return try router.wire.message(id)
        }

        @Test func `a rule for a country comes before the route, and the country has its price`() throws {
            var setup = Setup.routing(["sms": ["twilio", "messagebird"]])
            setup.sections["routes"] = """
                {sms: {providers: [twilio, messagebird], \
                rules: [{match: {country: [NL, BE]}, providers: [messagebird, twilio]}]}}
                """
            setup.set("twilio", "price", "{per_message: 5000, currency: USD, countries: {US: 7900}}")
            setup.set("messagebird", "price", "{per_message: 4000, currency: USD, countries: {NL: 65000}}")
            let router = try Router(setup)
            for (phone, provider, micros) in [
                ("+31612345678", "messagebird", 65_000), ("+32470123456", "messagebird", 4_000),
                ("+14155550100", "twilio", 7_900), ("+4915112345678", "twilio", 5_000),
            ] {
                let message = try sent(phone, router)
                #expect(message["provider"]?.string == provider, "\(message)")
                #expect(message["cost"]?["micros"]?.integer == Int64(micros), "\(message)")
                #expect(message["cost"]?["currency"] == "USD")
                let id = try #require(message["id"]?.string)
                let round = try router.wire.get("/v1/messages/\(id)/explain")["rounds"]?[0]
                #expect(round?["rule"] == (provider == "messagebird" ? 0 : .null), "\(phone)")
            }
            let metrics = try router.wire.metrics()
            #expect(metrics.sum("waypost_cost_micros_total", ["provider": "messagebird"]) == 69_000)
            #expect(metrics.sum("waypost_cost_micros_total", ["provider": "twilio"]) == 12_900)
            try router.checkBooks()
        }

        @Test func `least_cost goes by the price in the recipient's country`() throws {
            var setup = Setup.routing(["sms": ["twilio", "messagebird"]])
            setup.sections["routes"] = "{sms: {providers: [twilio, messagebird], strategy: least_cost}}"
            setup.set("twilio", "price", "{per_message: 5000, currency: USD, countries: {NL: 90000}}")
            setup.set("messagebird", "price", "{per_message: 6000, currency: USD}")
            let router = try Router(setup)
            #expect(try sent("+31612345678", router)["provider"] == "messagebird")
            #expect(try sent("+14155550100", router)["provider"] == "twilio")
        }

        @Test func `a number's spellings count together, on each channel by itself`() throws {
            var setup = Setup.routing(["sms": ["twilio"], "whatsapp": ["twilio"]])
            setup.sections["limits"] = "{recipient: {limit: 2, window: 60s}}"
            let router = try Router(setup)
            for (phone, status) in [("+31 6 1234 5678", 202), ("+31612345678", 202), ("+31-6-12345678", 429)] {
                let reply = try router.wire.post("/v1/messages", Note.body("sms", to: #""\#(phone)""#))
                #expect(reply.status == status, "\(reply)")
                if status == 429 {
                    #expect(reply["code"] == "recipient_limited" && reply.headers["retry-after"] != nil)
                }
            }
            let id = try router.wire.send("whatsapp", to: #"{"phone":"+31 6 12 34 56 78"}"#)
            #expect(try router.wire.message(id)["to"] == ["phone": "+31612345678"])
        }

        @Test(arguments: [
            ("It works.", "gsm-7", 1), (String(repeating: "a", count: 161), "gsm-7", 2),
            (String(repeating: "€", count: 80), "gsm-7", 1), (String(repeating: "ж", count: 71), "ucs-2", 2),
        ])
        func `a text is told into how many parts it is cut, before it is sent and after`(
            text: String, encoding: String, parts: Int
        ) throws {
            let router = try Router(.routing(["sms": ["messagebird"]]))
            let body = #"{"channel":"sms","to":"\#(Note.phone())","content":{"text":"\#(text)"}}"#
            let rehearsal = try router.wire.post("/v1/messages?dry_run=true", body)
            #expect(rehearsal.status == 200, "\(rehearsal)")
            let reply = try router.wire.post("/v1/messages", body)
            let id = try #require(reply["id"]?.string, "\(reply)")
            try router.wire.wait(for: id, toBe: "sent")
            for segments in [rehearsal["segments"], try router.wire.message(id)["segments"]] {
                #expect(segments?["encoding"]?.string == encoding)
                #expect(segments?["count"]?.integer == Int64(parts))
                #expect(segments?["characters"]?.integer == Int64(text.unicodeScalars.count))
            }
        }
    }
}
