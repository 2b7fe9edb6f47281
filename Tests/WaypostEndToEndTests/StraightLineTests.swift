import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// One message's way, and all that can be asked about it.
    @Suite struct StraightLine {
        @Test func `an email is kept, sent by SendGrid, read back and explained`() throws {
            let router = try Router()
            let wire = router.wire
            let accepted = try wire.post(
                "/v1/messages",
                """
                {"channel":"email","type":"notification","to":[{"email":"a@example.com","name":"Ada"},"b@example.com"],
                 "content":{"subject":"Grüße","text":"It works.","html":"<p>It works.</p>","cc":["c@example.com"],
                 "bcc":["d@example.com"],"headers":{"X-Order":"7"},
                 "attachments":[{"filename":"a.txt","content_type":"text/plain","content":"aGVsbG8="}]},
                 "metadata":{"order":"7"},"tags":["shop"]}
                """)
            #expect(accepted.status == 202)
            let id = try #require(accepted["id"]?.string)
            #expect(accepted["status"] == "queued")
            #expect(accepted["channel"] == "email")
            #expect(accepted.headers["location"] == "/v1/messages/\(id)")
            try wire.wait(for: id, toBe: "sent")

            let message = try wire.message(id)
            let take = try #require(router.sandbox.takes(of: id).first)
            #expect(message["provider"] == "sendgrid")
            #expect(message["provider_message_id"]?.string == take.reference)
            #expect(message.attempts == ["sendgrid accepted"])
            #expect(message["attempts"]?[0]?["id"]?.string == take.attempt)
            #expect(message["attempts"]?[0]?["http_status"] == 202)
            #expect(message.eventTypes == Array(repeating: "message.sent", count: 4))
            #expect(message["deliveries"]?["total"] == 4)
            #expect(message["deliveries"]?["by_state"]?["sent"] == 4)
            #expect(message["content"]?["subject"] == "Grüße")
            #expect(message["metadata"]?["order"] == "7")
            #expect(message["to"]?[0]?["name"] == "Ada")
            #expect(take.recipients == 4)
            #expect(router.sandbox.copies(of: id) == 1)

            let explained = try wire.get("/v1/messages/\(id)/explain")
            #expect(explained["rounds"]?[0]?["considered"]?[0]?["provider"] == "sendgrid")
            #expect(explained["rounds"]?[0]?["considered"]?[0]?["verdict"] == "taken")
            #expect(explained["rounds"]?[0]?["strategy"] == "priority")

            let metrics = try wire.metrics()
            let sent = ["channel": "email", "type": "notification", "status": "sent"]
            #expect(metrics["messages_sent_total", sent] == 4)
            #expect(metrics["waypost_ledger_imbalance"] == 0)
            for secret in ["a@example.com", "It works", "Grüße", "SG.sandbox"] {
                #expect(!router.log.text.contains(secret))
            }
            #expect(router.log.text.contains(id))
        }

        @Test(arguments: [("ses", "ses accepted"), ("relay", "relay accepted")])
        func `the other providers carry the same email`(provider: String, attempt: String) throws {
            let router = try Router(.through(provider))
            let id = try router.wire.send(more: #","tags":["shop"]"#)
            try router.wire.wait(for: id, toBe: "sent")
            let message = try router.wire.message(id)
            let take = try #require(router.sandbox.takes(of: id).first)
            #expect(message.attempts == [attempt])
            #expect(take.attempt == message["attempts"]?[0]?["id"]?.string)
            #expect(take.reference == message["provider_message_id"]?.string)
        }

        @Test func `the events of all messages come in the order of their commits, and the cursor goes on`() throws {
            let router = try Router()
            let ids = try (0..<3).map { _ in
                let id = try router.wire.send()
                try router.wire.wait(for: id, toBe: "sent")
                return id
            }
            let first = try router.wire.get("/v1/events?limit=2")
            #expect(first["data"]?.array?.compactMap { $0["message_id"]?.string } == Array(ids[..<2]))
            let cursor = try #require(first["next"]?.string)
            let rest = try router.wire.get("/v1/events?after=\(cursor)")
            #expect(rest["data"]?.array?.compactMap { $0["message_id"]?.string } == [ids[2]])
            let end = try #require(rest["next"]?.string)
            #expect(try router.wire.get("/v1/events?after=\(end)")["data"]?.array?.isEmpty == true)
        }

        @Test func `Prefer wait holds the answer until the first attempt is over`() throws {
            let router = try Router(.through("sendgrid"))
            let done = try router.wire.post("/v1/messages", Letter.body(), ["Prefer": "wait=10"])
            #expect(done.status == 200)
            #expect(done["status"] == "sent")
            #expect(done.json.attempts == ["sendgrid accepted"])

            try router.sandbox.setFault(Fault.sends(.sendgrid, .hang(.before)))
            let (late, time) = try duration {
                try router.wire.post("/v1/messages", Letter.body(), ["Prefer": "wait=1"])
            }
            #expect(late.status == 202)
            #expect(late["status"] == "queued")
            #expect(time >= .seconds(1) && time < .seconds(4))
        }

        @Test func `every answer carries a request id, and the trace goes on to the provider`() throws {
            let router = try Router()
            let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let reply = try router.wire.post(
                "/v1/messages", Letter.body(), ["X-Request-Id": "mine-1", "traceparent": trace])
            #expect(reply.headers["x-request-id"] == "mine-1")
            let id = try #require(reply["id"]?.string)
            let kept = try router.wire.message(id)["traceparent"]?.string
            #expect(kept?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)

            let made = try router.wire.ask("GET", "/v1/messages", nil, ["X-Request-Id": "not one: has blanks"])
            #expect(made.headers["x-request-id"]?.hasPrefix("req_") == true)
            let begun = try router.wire.message(try router.wire.send())["traceparent"]?.string
            #expect(begun?.count == 55)
            #expect(begun?.contains("0af7651916cd43dd8448eb211c80319c") == false)
        }

        @Test func `what cannot be right is answered with every fault at once, as problem+json`() throws {
            let router = try Router()
            let reply = try router.wire.post(
                "/v1/messages",
                #"{"channel":"email","to":"nobody","content":{"subject":"a","text":"b"},"ttl":"soon","colour":"red"}"#)
            #expect(reply.status == 400 || reply.status == 422)
            #expect(reply.headers["content-type"] == "application/problem+json")
            #expect(reply["status"]?.integer == Int64(reply.status))
            #expect(reply["retryable"] == false)
            #expect(reply["request_id"]?.string == reply.headers["x-request-id"])
            let pointers = Set(reply["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? [])
            #expect(pointers.isSuperset(of: ["/ttl", "/colour"]), "\(reply)")
            #expect(pointers.contains { $0.hasPrefix("/to") }, "\(reply)")
            #expect(try router.wire.post("/v1/messages", "{not json")["code"] == "malformed")
            #expect(try router.wire.get("/v1/messages/msg_01ARZ3NDEKTSV4RRFFQ69G5FAV")["code"] == "not_found")
            #expect(try router.wire.get("/v1/messages?colour=red").status == 400)
            #expect(try router.wire.ask("DELETE", "/v1/messages").status == 405)
            #expect(try router.wire.metrics().sum("messages_sent_total") == 0)
        }

        @Test func `keys hold scopes, clients see their own messages, and a limited one is told`() throws {
            var setup = Setup()
            setup.sections["auth"] = """
                {keys: [{name: shop, token: shop-token-0123456789abcdef, scopes: [send, read]}, \
                {name: desk, token: desk-token-0123456789abcdef, scopes: [operate]}, \
                {name: few, token: few-token-0123456789abcdef, scopes: [send, read], \
                rate_limit: {limit: 2, window: 60s}}]}
                """
            let router = try Router(setup)
            let shop = router.connection(token: "shop-token-0123456789abcdef")
            let few = router.connection(token: "few-token-0123456789abcdef")
            #expect(try router.wire.post("/v1/messages", Letter.body()).status == 401)
            #expect(try router.wire.get("/v1/messages").headers["www-authenticate"] == "Bearer")
            #expect(try shop.post("/v1/providers/ses/disable").status == 403)
            let id = try shop.send()
            try shop.wait(for: id, toBe: "sent")
            let foreign = try few.get("/v1/messages/\(id)")
            #expect(foreign.status == 404)
            #expect(foreign.headers["ratelimit-policy"] == #""client";q=2;w=60"#)
            #expect(try few.post("/v1/messages", Letter.body()).headers["ratelimit"]?.contains("r=0") == true)
            let refused = try few.post("/v1/messages", Letter.body())
            #expect(refused.status == 429)
            #expect(refused["code"] == "client_limited")
            #expect(refused.headers["retry-after"] != nil)
            let desk = router.connection(token: "desk-token-0123456789abcdef")
            #expect(try desk.post("/v1/providers/ses/disable").status == 200)
            #expect(try desk.post("/v1/messages", Letter.body()).status == 403)
        }
    }
}
