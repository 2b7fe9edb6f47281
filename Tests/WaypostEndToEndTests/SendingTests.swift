import Testing
import WaypostCore
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// The forms in which messages come in, and what is kept of them.
    @Suite struct Sending {
        @Test func `the same key and body get the first answer, another body is refused`() throws {
            let router = try Router()
            let body = Letter.body()
            let first = try router.wire.post("/v1/messages", body, ["Idempotency-Key": "order-7"])
            let again = try router.wire.post("/v1/messages", body, ["Idempotency-Key": "order-7"])
            #expect(first.status == 202 && again.status == 202)
            #expect(first.headers["idempotent-replayed"] == nil)
            #expect(again.headers["idempotent-replayed"] == "true")
            #expect(again.body == first.body)
            #expect(again.headers["location"] == first.headers["location"])
            let other = try router.wire.post("/v1/messages", Letter.body(), ["Idempotency-Key": "order-7"])
            #expect(other.status == 422)
            #expect(other["code"] == "idempotency_mismatch")

            let id = try #require(first["id"]?.string)
            try router.wire.wait(for: id, toBe: "sent")
            #expect(router.sandbox.copies(of: id) == 1)
            #expect(router.sandbox.journal.summary.distinctMessages == 1)
            #expect(try router.wire.metrics()["waypost_idempotent_replays_total"] == 1)
        }

        @Test func `a key outlives the router, in the same transaction as its message`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            let body = Letter.body()
            let first = try Router(in: folder, with: sandbox)
            let answer = try first.wire.post("/v1/messages", body, ["Idempotency-Key": "order-8"])
            first.stop()
            let second = try Router(in: folder, with: sandbox)
            defer { second.stop() }
            let again = try second.wire.post("/v1/messages", body, ["Idempotency-Key": "order-8"])
            #expect(again.headers["idempotent-replayed"] == "true")
            #expect(again.body == answer.body)
            try second.wire.wait(for: try #require(answer["id"]?.string), toBe: "sent")
            #expect(sandbox.journal.summary.distinctMessages == 1)
        }

        @Test func `the same request on many connections at once is one message`() throws {
            let router = try Router()
            let body = Letter.body()
            let port = router.port
            let replies = try Load.together(8) { _ in
                try Wire(port: port).post("/v1/messages", body, ["Idempotency-Key": "order-9"])
            }
            let accepted = replies.filter { $0.status == 202 }
            #expect(!accepted.isEmpty)
            #expect(Set(accepted.compactMap { $0["id"]?.string }).count == 1)
            #expect(replies.allSatisfy { $0.status == 202 || $0["code"] == "idempotency_in_progress" })
            try router.wire.wait(for: try #require(accepted.first?["id"]?.string), toBe: "sent")
            #expect(router.sandbox.journal.summary.distinctMessages == 1)
        }

        @Test func `a batch of whole messages keeps the good ones and names the faults of the others`() throws {
            let router = try Router()
            let reply = try router.wire.post(
                "/v1/messages/batch",
                #"{"messages":[\#(Letter.body()),{"channel":"email","to":"nobody"},\#(Letter.body())]}"#)
            #expect(reply.status == 202)
            #expect(reply["accepted"] == 2)
            #expect(reply["rejected"] == 1)
            #expect(reply["results"]?[1]?["error"]?["errors"]?.array?.isEmpty == false)
            for index in [0, 2] {
                let id = try #require(reply["results"]?[index]?["id"]?.string)
                try router.wire.wait(for: id, toBe: "sent")
                #expect(router.sandbox.copies(of: id) == 1)
            }
        }

        @Test func `a batch to many gives each a message of their own`() throws {
            let router = try Router()
            let recipients = (0..<3).map { #"{"to":"\#(Letter.address())","metadata":{"place":"\#($0)"}}"# }
            let reply = try router.wire.post(
                "/v1/messages/batch",
                #"{"channel":"email","content":{"subject":"a","text":"b"},"recipients":[\#(recipients.joined(separator: ","))]}"#
            )
            #expect(reply.status == 202 && reply["accepted"] == 3, "\(reply)")
            for index in 0..<3 {
                let id = try #require(reply["results"]?[index]?["id"]?.string)
                try router.wire.wait(for: id, toBe: "sent")
                let message = try router.wire.message(id)
                #expect(message["metadata"]?["place"]?.string == "\(index)")
                #expect(message["to"]?.array?.count == 1)
            }
        }

        @Test func `a dry run is checked and routed, and leaves no trace`() throws {
            var setup = Setup()
            setup.sections["limits"] = "{recipient: {limit: 1, window: 60s}}"
            let router = try Router(setup)
            let body = Letter.body()
            // Right after the start messages line up behind what the store may hold, and no decision is due yet.
            try eventually("the decision is shown") {
                let reply = try router.wire.post("/v1/messages?dry_run=true", body)
                #expect(reply.status == 200)
                #expect(reply["dry_run"] == true)
                return reply["decision"]?["considered"]?[0]?["provider"] == "sendgrid"
            }
            let batch = try router.wire.post("/v1/messages/batch?dry_run=true", #"{"messages":[\#(body),\#(body)]}"#)
            #expect(batch["accepted"] == 1, "both go to one recipient, who may get one: \(batch)")
            #expect(try router.wire.get("/v1/messages")["data"]?.array?.isEmpty == true)
            #expect(try router.wire.post("/v1/messages", body).status == 202)
            let limited = try router.wire.post("/v1/messages", body)
            #expect(limited.status == 429)
            #expect(limited["code"] == "recipient_limited")
            #expect(limited.headers["retry-after"] != nil)
            #expect(router.sandbox.journal.summary.distinctMessages <= 1)
        }

        @Test func `what waits for its time can be canceled, what has left cannot`() throws {
            let router = try Router()
            let later = Timestamp(milliseconds: SystemTime().wallNow.milliseconds + 3_600_000)
            let id = try router.wire.send(more: #","send_at":"\#(later)""#)
            #expect(try router.wire.status(of: id) == "scheduled")
            let canceled = try router.wire.post("/v1/messages/\(id)/cancel")
            #expect(canceled.status == 200)
            #expect(canceled["status"] == "canceled")
            #expect(try router.wire.post("/v1/messages/\(id)/cancel")["code"] == "too_late")

            let gone = try router.wire.send()
            try router.wire.wait(for: gone, toBe: "sent")
            let refused = try router.wire.post("/v1/messages/\(gone)/cancel")
            #expect(refused.status == 409)
            #expect(refused["code"] == "too_late")
            #expect(router.sandbox.requests(for: id).isEmpty)
            #expect(try router.wire.metrics().sum("messages_sent_total", ["status": "canceled"]) == 1)
        }

        @Test func `a scheduled message leaves at its time`() throws {
            let router = try Router()
            let at = SystemTime().wallNow.milliseconds + 700
            let id = try router.wire.send(more: #","send_at":"\#(Timestamp(milliseconds: at))""#)
            #expect(try router.wire.status(of: id) == "scheduled")
            try router.wire.wait(for: id, toBe: "sent")
            #expect(try #require(router.sandbox.takes(of: id).first).wallMilliseconds >= at)
        }

        @Test func `a resend is a new message that names the old one`() throws {
            let router = try Router()
            let old = try router.wire.send(to: "again@example.com")
            try router.wire.wait(for: old, toBe: "sent")
            let reply = try router.wire.post("/v1/messages/\(old)/resend")
            #expect(reply.status == 202)
            let new = try #require(reply["id"]?.string)
            #expect(new != old)
            try router.wire.wait(for: new, toBe: "sent")
            let message = try router.wire.message(new)
            #expect(message["resend_of"]?.string == old)
            #expect(message["to"]?[0]?["email"] == "again@example.com")
            #expect(router.sandbox.copies(of: old) == 1 && router.sandbox.copies(of: new) == 1)
        }

        @Test func `lists are filtered, newest first, and their cursors walk through all`() throws {
            let router = try Router()
            let types = ["transactional", "notification", "marketing", "notification", "notification"]
            let ids = try types.enumerated().map { index, type in
                try router.wire.send(
                    to: "list-\(index)@example.com", more: #","type":"\#(type)","tags":["t\#(index % 2)"]"#)
            }
            for id in ids { try router.wire.wait(for: id, toBe: "sent") }
            func list(_ query: String) throws -> [String] {
                let reply = try router.wire.get("/v1/messages?\(query)")
                #expect(reply.status == 200, "\(reply)")
                return (reply["data"]?.array ?? []).compactMap { $0["id"]?.string }
            }
            #expect(try list("") == ids.reversed())
            #expect(try list("type=notification") == [ids[4], ids[3], ids[1]])
            #expect(try list("tag=t1") == [ids[3], ids[1]])
            #expect(try list("to=list-2@EXAMPLE.com") == [ids[2]])
            #expect(try list("status=sent&channel=email&type=marketing") == [ids[2]])
            #expect(try list("status=failed,dead").isEmpty)
            #expect(try list("created_after=2999-01-01T00:00:00.000Z").isEmpty)
            var walked: [String] = []
            var after = ""
            repeat {
                let page = try router.wire.get("/v1/messages?limit=2\(after)")
                walked += (page["data"]?.array ?? []).compactMap { $0["id"]?.string }
                after = page["next"]?.string.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty
            #expect(walked == ids.reversed())
        }
    }
}
