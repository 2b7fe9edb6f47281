import Testing
import WaypostCore
import WaypostJSON
import WaypostProviders
import WaypostSandbox

extension EndToEnd {
    /// `events.endpoints`, over real sockets.
    @Suite struct EventsOut {
        @Test func `what happens to a message is told, signed, and says what the feed says`() throws {
            let receiver = try Receiver()
            let others = try Receiver()
            let router = try Router(
                .telling(receiver.entry(), others.entry("quiet", more: ", types: [endpoint.*]")))
            let id = try router.wire.send(more: #","metadata":{"order":"7"}"#)
            try router.wire.wait(for: id, toBe: "sent")
            try eventually("it is told") { receiver.told.contains { $0.type == "message.sent" } }
            let told = try #require(receiver.told.first { $0.type == "message.sent" })
            let feed = try #require(
                try router.wire.get("/v1/events")["data"]?.array?.first { $0["type"] == "message.sent" })
            #expect(told.path.hasPrefix("POST /hooks HTTP/1.1"))
            #expect(told.message == id && told.id == feed["id"]?.string)
            #expect(told.json["timestamp"] == feed["at"])
            #expect(told.json["data"]?["metadata"] == ["order": "7"])
            #expect(told.json["data"]?["provider"] == "sendgrid" && told.json["data"]?["channel"] == "email")
            #expect(told.headers["user-agent"]?.hasPrefix("Waypost/") == true)
            #expect(told.headers["content-type"] == "application/json")
            let seconds = try #require(told.headers["webhook-timestamp"].flatMap { Int64($0) })
            let key = try #require(StandardWebhooks.Key(Receiver.secret))
            let signature = StandardWebhooks.sign(
                id: told.id ?? "", timestamp: Timestamp(milliseconds: seconds * 1000), body: told.body, secrets: [key])
            #expect(told.headers["webhook-signature"] == signature)
            #expect(others.told.isEmpty)
            let metrics = try router.wire.metrics()
            let name = "waypost_event_deliveries_total"
            try eventually("it is counted") {
                try (router.wire.metrics()[name, ["endpoint": "shop", "result": "delivered"]] ?? 0) >= 1
            }
            #expect(metrics[name, ["endpoint": "quiet", "result": "given_up"]] == 0)
            #expect(metrics["waypost_event_endpoint_disabled", ["endpoint": "shop"]] == 0)
            try eventually("nobody is behind") {
                try router.wire.endpoint("shop")?["lag"] == 0 && router.wire.endpoint("quiet")?["lag"] == 0
            }
            #expect(try router.wire.endpoint("shop")?["last"]?["result"] == "delivered")
            try router.checkBooks()
        }

        @Test func `what was not taken is told again under its id, in its message's order`() throws {
            let receiver = try Receiver { _ in "500 No" }
            let router = try Router(.telling(receiver.entry()))
            let id = try router.wire.send()
            try eventually("it was tried") { !receiver.told.isEmpty }
            receiver.answer { _ in "200 OK" }
            try eventually("it is told again", within: .seconds(15)) { receiver.told.count >= 2 }
            let tries = receiver.told.filter { $0.message == id }
            #expect(tries[0].id == tries[1].id && tries[0].body == tries[1].body)
            #expect(tries[0].headers["webhook-timestamp"] != tries[1].headers["webhook-timestamp"])
            try eventually("nothing waits") { try router.wire.endpoint("shop")?["waiting"] == 0 }
            let metrics = try router.wire.metrics()
            #expect(metrics["waypost_event_deliveries_total", ["endpoint": "shop", "result": "failed"]] == 1)
        }

        @Test(arguments: ["localhost", "LOCALHOST"])
        func `a name that leads to a private address is refused, unless that is allowed`(host: String) throws {
            let receiver = try Receiver()
            let url = "http://\(host):\(receiver.port)/hooks"
            let router = try Router(
                .telling(
                    receiver.entry(url: url), receiver.entry("own", url: url + "/own", more: ", allow_private: true")))
            _ = try router.wire.send()
            try eventually("it is told to the one") { !receiver.told.isEmpty }
            try eventually("it is refused to the other") {
                try router.wire.endpoint("shop")?["last"]?["result"] == "failed"
            }
            let detail = try router.wire.endpoint("shop")?["last"]?["detail"]?.string ?? ""
            #expect(detail.contains("resolves to a private address; write allow_private: true"), "\(detail)")
            #expect(receiver.told.allSatisfy { $0.path.hasPrefix("POST /hooks/own ") })
        }

        @Test func `a redirect is a failure and is not followed`() throws {
            let elsewhere = try Receiver()
            let target = elsewhere.url
            let receiver = try Receiver { _ in "307 There\r\nLocation: \(target)" }
            let router = try Router(.telling(receiver.entry()))
            _ = try router.wire.send()
            try eventually("it failed") { try router.wire.endpoint("shop")?["last"]?["result"] == "failed" }
            #expect(
                try router.wire.endpoint("shop")?["last"]?["detail"] == "answered 307; redirects are not followed")
            #expect(elsewhere.told.isEmpty)
        }

        @Test func `410 disables an endpoint; enabled again it goes on from where it stood`() throws {
            let receiver = try Receiver { _ in "410 Gone" }
            let witness = try Receiver()
            let router = try Router(.telling(receiver.entry(), witness.entry("witness")))
            let wire = router.wire
            let first = try wire.send()
            try eventually("it is disabled") { try wire.endpoint("shop")?["enabled"] == false }
            #expect(try wire.endpoint("shop")?["reason"] == "it answered 410")
            #expect(try wire.metrics()["waypost_event_endpoint_disabled", ["endpoint": "shop"]] == 1)
            let row = try wire.get("/v1/audit?action=endpoint.disabled")["data"]?[0]
            #expect(row?["actor"] == "waypost" && row?["target"] == "shop" && row?["reason"] == "it answered 410")
            try eventually("others are told of that") { witness.told.contains { $0.type == "endpoint.disabled" } }
            let news = try #require(witness.told.first { $0.type == "endpoint.disabled" })
            #expect(news.json["data"]?["data"] == ["endpoint": "shop", "reason": "it answered 410"])
            #expect(news.json["data"]?["message_id"] == .null)
            let second = try wire.send()
            try eventually("others go on") { witness.told.contains { $0.message == second } }
            let tries = receiver.told.count
            receiver.answer { _ in "200 OK" }
            let reply = try wire.post("/v1/endpoints/shop/enable", nil, ["Idempotency-Key": "a"])
            #expect(reply.status == 200 && reply["enabled"] == true && reply["reason"] == .null, "\(reply)")
            try eventually("nothing was lost") {
                let told = receiver.told.dropFirst(tries)
                return told.contains { $0.message == first } && told.contains { $0.message == second }
                    && told.contains { $0.type == "endpoint.disabled" }
            }
            let again = try wire.post("/v1/endpoints/shop/enable", nil, ["Idempotency-Key": "a"])
            #expect(again.headers["idempotent-replayed"] == "true")
        }

        @Test func `an operator disables an endpoint, and what happens meanwhile is told afterwards`() throws {
            let receiver = try Receiver()
            let router = try Router(.telling(receiver.entry()))
            let wire = router.wire
            let reply = try wire.post("/v1/endpoints/shop/disable", #"{"reason":"their maintenance"}"#)
            #expect(
                reply.status == 200 && reply["enabled"] == false && reply["reason"] == "their maintenance", "\(reply)")
            let id = try wire.send()
            try wire.wait(for: id, toBe: "sent")
            #expect(receiver.told.isEmpty)
            try eventually("it falls behind") { try (wire.endpoint("shop")?["lag"]?.integer ?? 0) >= 2 }
            #expect(try wire.post("/v1/endpoints/nobody/enable").status == 404)
            let odd = try wire.post("/v1/endpoints/shop/enable", #"{"why":1}"#)
            #expect(odd.status == 400, "\(odd)")
            #expect(try wire.post("/v1/endpoints/shop/enable").status == 200)
            try eventually("it is told") { receiver.told.contains { $0.message == id } }
        }

        @Test func `a reload brings endpoints and takes them away`() throws {
            let receiver = try Receiver()
            let router = try Router(.through("sendgrid"))
            let before = try router.wire.send()
            try router.wire.wait(for: before, toBe: "sent")
            try router.folder.configure(.telling(receiver.entry()), for: router.sandbox)
            #expect(router.app.reload() == [])
            let id = try router.wire.send()
            try eventually("it is told") { receiver.told.contains { $0.message == id } }
            #expect(!receiver.told.contains { $0.message == before }, "a new endpoint begins at the newest event")
            try router.folder.configure(.through("sendgrid"), for: router.sandbox)
            #expect(router.app.reload() == [])
            let after = try router.wire.send()
            try router.wire.wait(for: after, toBe: "sent")
            try eventually("it is gone") { try router.wire.get("/v1/endpoints")["data"]?.array?.isEmpty == true }
            #expect(!receiver.told.contains { $0.message == after })
        }

        @Test func `what was told and not written when the router died is told again`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            let receiver = try Receiver { _ in nil }
            try folder.configure(.telling(receiver.entry()), for: sandbox)
            let first = try Daemon(in: folder)
            let id = try first.wire.send()
            try eventually("it has come") { receiver.told.contains { $0.message == id } }
            first.crash()
            receiver.answer { _ in "200 OK" }
            let seen = receiver.told.count
            let second = try Daemon(in: folder, name: "again")
            defer { second.crash() }
            try eventually("it has come again") { receiver.told.dropFirst(seen).contains { $0.message == id } }
            let ids = receiver.told.filter { $0.message == id && $0.type == "message.sent" }.map(\.id)
            #expect(ids.count == 2 && ids[0] == ids[1])
        }

        @Test func `thousands of events reach a fast endpoint, each message's in order`() throws {
            let receiver = try Receiver()
            let router = try Router(.telling(receiver.entry()))
            _ = try router.wire.post("/v1/endpoints/shop/disable")
            let bodies = (0..<1000).map { _ in Note.body("email") }
            for _ in 0..<4 { _ = try router.wire.sendBatch(bodies) }
            try eventually("all are sent", within: .seconds(60)) {
                try router.wire.metrics().sum("messages_sent_total", ["status": "sent"]) >= 4000
            }
            let (_, took) = try duration {
                _ = try router.wire.post("/v1/endpoints/shop/enable")
                try eventually("all are told", within: .seconds(60)) {
                    receiver.told.count { $0.type == "message.sent" } >= 4000
                }
            }
            let told = receiver.told
            print("events told in a second: \(Int(Double(told.count) / took.seconds))")
            #expect(Set(told.compactMap(\.id)).count == told.count)
            try router.checkBooks()
        }
    }
}
