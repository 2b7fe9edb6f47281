import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// The ledger of consent over HTTP, and what it asks at the door.
    @Suite struct Consents {
        private func body(_ to: String, type: String = "marketing", more: String = "") -> String {
            #"{"channel":"email","type":"\#(type)","to":\#(to),"content":{"subject":"a","text":"b"}\#(more)}"#
        }

        private func strict() throws -> Router {
            var setup = Setup()
            setup.sections["policy"] = "{require_consent: {types: [marketing]}}"
            return try Router(setup)
        }

        @Test func `what a person said is entered, read and withdrawn; the history stays`() throws {
            let router = try Router()
            let wire = router.wire
            let jane = "/v1/consents/email/Jane@example.com"
            #expect(try wire.get(jane).status == 404)
            #expect(try wire.ask("DELETE", jane).status == 404)
            let granted = try wire.ask(
                "PUT", jane,
                #"{"state":"granted","purpose":"marketing","source":"signup","proof":"form-1","at":"2026-01-01T00:00:00Z"}"#
            )
            #expect(granted.status == 201 && granted["address"] == "jane@example.com", "\(granted)")
            #expect(granted["at"] == "2026-01-01T00:00:00.000Z" && granted["proof"] == "form-1")
            let denied = try wire.ask("PUT", jane, #"{"state":"denied","purpose":"marketing","source":"letter"}"#)
            #expect(denied.status == 200, "\(denied)")
            let record = try wire.get(jane)
            #expect(record["consents"]?.array?.count == 1 && record["consents"]?[0]?["state"] == "denied", "\(record)")
            #expect(record["history"]?.array?.compactMap { $0["state"]?.string } == ["denied", "granted"])
            #expect(record["next"] == .null)
            let page = try wire.get(jane + "?limit=1")
            let next = try #require(page["next"]?.string)
            #expect(try wire.get(jane + "?limit=1&after=\(next)")["history"]?[0]?["state"] == "granted")
            #expect(try wire.ask("DELETE", jane).status == 204)
            let after = try wire.get(jane)
            #expect(after["consents"]?[0]?["state"] == "withdrawn" && after["history"]?.array?.count == 3, "\(after)")
            #expect(try wire.ask("PUT", jane, #"{"state":"perhaps"}"#).status == 422)
            #expect(try wire.ask("PUT", "/v1/consents/sms/nobody", #"{"state":"granted"}"#).status == 422)
        }

        @Test func `a type that needs consent is refused without, and goes out with it`() throws {
            let router = try strict()
            let wire = router.wire
            let refused = try wire.post("/v1/messages", body(#""jane@example.com""#))
            #expect(refused.status == 422 && refused["code"] == "consent_required", "\(refused)")
            #expect(refused["retryable"] == false && refused["errors"]?[0]?["pointer"] == "/to")
            let several = try wire.post("/v1/messages", body(#"["joe@example.com",{"email":"jane@example.com"}]"#))
            #expect(several["errors"]?.array?.compactMap { $0["pointer"]?.string } == ["/to/0", "/to/1"], "\(several)")
            let dry = try wire.post("/v1/messages?dry_run=true", body(#""jane@example.com""#))
            #expect(dry.status == 422 && dry["code"] == "consent_required", "\(dry)")
            try wire.wait(
                for: try #require(
                    try wire.post("/v1/messages", body(#""jane@example.com""#, type: "transactional"))["id"]?.string),
                toBe: "sent")
            let grant = #"{"state":"granted","purpose":"marketing","source":"form"}"#
            #expect(try wire.ask("PUT", "/v1/consents/email/JANE@example.com", grant).status == 201)
            let taken = try wire.post("/v1/messages", body(#""jane@example.com""#))
            #expect(taken.status == 202, "\(taken)")
            try wire.wait(for: try #require(taken["id"]?.string), toBe: "sent")
            #expect(try wire.post("/v1/messages?dry_run=true", body(#""jane@example.com""#)).status == 200)
            #expect(try wire.ask("DELETE", "/v1/consents/email/jane@example.com").status == 204)
            #expect(try wire.post("/v1/messages", body(#""jane@example.com""#))["code"] == "consent_required")
            #expect(try wire.get("/v1/messages")["data"]?.array?.count == 2, "nothing of a refused message is kept")
            #expect(try wire.provider("sendgrid")?["in_flight"]?.integer ?? 0 == 0)
            try router.checkBooks()
        }

        @Test func `a recorded denial blocks, though nothing is required`() throws {
            let router = try Router()
            let wire = router.wire
            #expect(try wire.ask("PUT", "/v1/consents/email/jane@example.com", #"{"state":"denied"}"#).status == 201)
            for type in ["transactional", "notification", "marketing"] {
                let reply = try wire.post("/v1/messages", body(#""jane@example.com""#, type: type))
                #expect(reply.status == 422 && reply["code"] == "consent_required", "\(reply)")
            }
            let one = #"{"state":"denied","purpose":"marketing"}"#
            #expect(try wire.ask("PUT", "/v1/consents/email/joe@example.com", one).status == 201)
            #expect(try wire.post("/v1/messages", body(#""joe@example.com""#)).status == 422)
            #expect(try wire.post("/v1/messages", body(#""joe@example.com""#, type: "notification")).status == 202)
        }

        @Test(arguments: Pair.all)
        func `a denial holds on its channel, whichever provider would carry the message`(pair: Pair) throws {
            let router = try pair.router()
            let wire = router.wire
            let address =
                switch pair.channel {
                case "email": Letter.address()
                case "push": Note.fcmToken()
                default: Note.phone()
                }
            let target = pair.channel == "push" ? #"{"token":"\#(address)","service":"fcm"}"# : #""\#(address)""#
            #expect(
                try wire.ask("PUT", "/v1/consents/\(pair.channel)/\(address)", #"{"state":"denied"}"#).status == 201)
            let reply = try wire.post("/v1/messages", Note.body(pair.channel, to: target))
            #expect(reply.status == 422 && reply["code"] == "consent_required", "\(reply)")
            let grant = try wire.ask("PUT", "/v1/consents/\(pair.channel)/\(address)", #"{"state":"granted"}"#)
            #expect(grant.status == 200, "\(grant)")
            try wire.wait(for: try wire.send(pair.channel, to: target), toBe: "sent")
            try router.checkBooks()
        }

        @Test func `one of a batch is refused by itself`() throws {
            let router = try strict()
            let wire = router.wire
            let grant = #"{"state":"granted"}"#
            #expect(try wire.ask("PUT", "/v1/consents/email/b@example.com", grant).status == 201)
            let messages =
                ["a", "b"].map { body(#"["\#($0)@example.com"]"#) } + [body(#""c@example.com""#, type: "notification")]
            let whole = #"{"messages":[\#(messages.joined(separator: ","))]}"#
            let dry = try wire.post("/v1/messages/batch?dry_run=true", whole)
            #expect(dry["accepted"] == 2 && dry["rejected"] == 1, "\(dry)")
            let key = ["Idempotency-Key": "batch-1"]
            let reply = try wire.post("/v1/messages/batch", whole, key)
            #expect(reply.status == 202 && reply["accepted"] == 2 && reply["rejected"] == 1, "\(reply)")
            #expect(reply["results"]?[0]?["error"]?["code"] == "consent_required")
            #expect(reply["results"]?[0]?["error"]?["errors"]?[0]?["pointer"] == "/messages/0/to/0")
            let again = try wire.post("/v1/messages/batch", whole, key)
            #expect(again.json == reply.json && again.headers["idempotent-replayed"] == "true")
            let shared = """
                {"channel":"email","type":"marketing","content":{"subject":"a","text":"b"},
                "recipients":[{"to":"b@example.com"},{"to":"d@example.com"}]}
                """
            let second = try wire.post("/v1/messages/batch", shared)
            #expect(second["accepted"] == 1, "\(second)")
            #expect(second["results"]?[1]?["error"]?["errors"]?[0]?["pointer"] == "/recipients/1/to")
            for number in 0..<2 {
                let id = try #require(reply["results"]?[number + 1]?["id"]?.string)
                try wire.wait(for: id, toBe: "sent")
            }
            try router.checkBooks()
        }

        @Test func `suppression comes before consent, and consent before limits and routes`() throws {
            var setup = Setup()
            setup.sections["policy"] = "{require_consent: {types: [marketing], channels: [email, sms]}}"
            setup.sections["limits"] = "{recipient: {limit: 1, window: 60s}}"
            let router = try Router(setup)
            let wire = router.wire
            #expect(try wire.ask("PUT", "/v1/suppressions/email/s@example.com").status == 201)
            let kept = try wire.post("/v1/messages", body(#""s@example.com""#))
            #expect(kept.status == 202 && kept["status"] == "suppressed", "\(kept)")
            let mixed = try wire.post("/v1/messages", body(#"["s@example.com","j@example.com"]"#))
            #expect(mixed.status == 422 && mixed["errors"]?.array?.count == 1, "\(mixed)")
            #expect(mixed["errors"]?[0]?["pointer"] == "/to/1")
            for _ in 0..<3 {  // a refused message takes nothing of the window
                #expect(try wire.post("/v1/messages", body(#""j@example.com""#))["code"] == "consent_required")
            }
            #expect(try wire.post("/v1/messages", body(#""j@example.com""#, type: "transactional")).status == 202)
            let both = try wire.post("/v1/messages", body(#""j@example.com""#))
            #expect(both.status == 422 && both["code"] == "consent_required", "\(both)")
            #expect(both["errors"]?.array?.count == 2)
            let sms = try wire.post(
                "/v1/messages", Note.body("sms", more: #","type":"marketing""#))
            #expect(sms["code"] == "consent_required" && sms["errors"]?.array?.count == 2, "\(sms)")
        }
    }
}
