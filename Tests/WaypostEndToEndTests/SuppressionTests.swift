import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// The suppression list over HTTP, and what it keeps from leaving.
    @Suite struct Suppressions {
        private func path(_ channel: String, _ address: String) -> String {
            "/v1/suppressions/\(channel)/\(address.replacing("+", with: "%2B"))"
        }

        @Test(arguments: Pair.all)
        func `nothing leaves for a suppressed address, whichever provider would carry it`(pair: Pair) throws {
            let router = try pair.router()
            let wire = router.wire
            let address =
                switch pair.channel {
                case "email": "jane@example.com"
                case "push": Note.fcmToken()
                default: Note.phone()
                }
            let to =
                pair.channel == "push"
                ? #"{"platform":"ios","fcm_token":"\#(address)","apns_token":"\#(Note.apnsToken())"}"#
                : #""\#(address)""#
            let put = try wire.ask("PUT", path(pair.channel, address), #"{"reason":"complaint","detail":"She wrote."}"#)
            #expect(put.status == 201, "\(put)")
            let reply = try wire.post("/v1/messages", Note.body(pair.channel, to: to))
            #expect(reply.status == 202 && reply["status"] == "suppressed", "\(reply)")
            let id = try #require(reply["id"]?.string)
            let message = try wire.message(id)
            #expect(
                message["status"] == "suppressed" && message["status_reason"] == "complaint: She wrote.", "\(message)")
            #expect(message.attempts == [] && message.eventTypes == ["message.suppressed"])
            let after = try wire.send(pair.channel)
            try wire.wait(for: after, toBe: "sent")
            #expect(router.sandbox.requests(for: id).isEmpty)
            let metrics = try wire.metrics()
            #expect(metrics["waypost_suppressed_total", ["channel": pair.channel, "cause": "complaint"]] == 1)
            #expect(metrics["waypost_suppressed_total", ["channel": pair.channel, "cause": "hard_bounce"]] == 0)
            #expect(try wire.ask("DELETE", path(pair.channel, address)).status == 204)
            let free = try wire.send(pair.channel, to: to)
            try wire.wait(for: free, toBe: "sent")
            try router.checkBooks()
        }

        @Test func `a device is left alone when either of its tokens is suppressed`() throws {
            let router = try Router(.routing(["push": ["apns", "fcm"]]))
            let wire = router.wire
            let token = Note.apnsToken()
            #expect(try wire.ask("PUT", path("push", token.uppercased())).status == 201)
            let device = #"{"platform":"ios","fcm_token":"\#(Note.fcmToken())","apns_token":"\#(token)"}"#
            let reply = try wire.post("/v1/messages", Note.body("push", to: device))
            #expect(reply.status == 202 && reply["status"] == "suppressed", "\(reply)")
            #expect(try wire.post("/v1/messages?dry_run=true", Note.body("push", to: device))["status"] == "suppressed")
            #expect(try wire.ask("PUT", path("push", token), #"{"reason":"dead_token"}"#).status == 200)
            #expect(try wire.post("/v1/messages", Note.body("push", to: device))["status"] == "queued")
            try router.checkBooks()
        }

        @Test func `an address is listed, read, replaced and lifted`() throws {
            let router = try Router()
            let wire = router.wire
            let jane = "/v1/suppressions/email/Jane%40Example.com"
            #expect(try wire.get(jane).status == 404)
            let made = try wire.ask("PUT", jane)
            #expect(
                made.status == 201 && made["address"] == "jane@example.com" && made["reason"] == "manual", "\(made)")
            #expect(made["source"]?.string?.hasPrefix("api:") == true && made["expires_at"] == .null)
            let read = try wire.get("/v1/suppressions/email/jane@example.com")
            #expect(read.status == 200 && read.json == made.json, "\(read)")
            let replaced = try wire.ask("PUT", jane, #"{"reason":"unsubscribe","for":"1h"}"#)
            #expect(replaced.status == 200 && replaced["reason"] == "unsubscribe", "\(replaced)")
            #expect(replaced["created_at"] == made["created_at"] && replaced["expires_at"]?.string != nil)
            for number in 0..<3 {
                #expect(try wire.ask("PUT", "/v1/suppressions/sms/+1415555010\(number)", "{}").status == 201)
            }
            let first = try wire.get("/v1/suppressions?limit=3")
            #expect(
                first["data"]?.array?.compactMap { $0["address"]?.string }
                    == ["+14155550102", "+14155550101", "+14155550100"], "\(first)")
            let next = try #require(first["next"]?.string)
            let second = try wire.get("/v1/suppressions?limit=3&after=\(next)")
            #expect(second["data"]?.array?.count == 1 && second["next"] == .null, "\(second)")
            #expect(try wire.get("/v1/suppressions?channel=email&reason=unsubscribe")["data"]?.array?.count == 1)
            #expect(try wire.get("/v1/suppressions?channel=sms&address=+14155550101")["data"]?.array?.count == 1)
            #expect(try wire.ask("DELETE", jane).status == 204)
            #expect(try wire.ask("DELETE", jane).status == 404)
            for (method, target, body, status) in [
                ("PUT", "/v1/suppressions/fax/1", "{}", 422), ("PUT", "/v1/suppressions/email/jane", "{}", 422),
                ("PUT", jane, #"{"reason":"bored"}"#, 422), ("PUT", jane, #"{"x":1}"#, 400),
                ("GET", "/v1/suppressions?colour=red", nil, 400), ("POST", jane, "{}", 405),
            ] {
                let reply = try wire.ask(method, target, body)
                #expect(reply.status == status, "\(method) \(target): \(reply)")
            }
        }

        @Test func `one whose time is over holds nothing back`() throws {
            let router = try Router()
            let wire = router.wire
            let address = Letter.address()
            #expect(try wire.ask("PUT", path("email", address), #"{"for":"2s"}"#).status == 201)
            let early = try wire.post("/v1/messages", Letter.body(to: address))
            #expect(early["status"] == "suppressed", "\(early)")
            try eventually("it is over") { try wire.get(path("email", address)).status == 404 }
            #expect(try wire.get("/v1/suppressions")["data"]?.array?.isEmpty == true)
            try wire.wait(for: try wire.send(to: address), toBe: "sent")
        }

        @Test func `some of an envelope's recipients are kept back, the others are written to`() throws {
            let router = try Router()
            let wire = router.wire
            #expect(try wire.ask("PUT", path("email", "b@example.com")).status == 201)
            let body =
                #"{"channel":"email","to":["a@example.com","b@example.com"],"content":{"subject":"a","text":"b"}}"#
            let dry = try wire.post("/v1/messages?dry_run=true", body)
            #expect(dry.status == 200 && dry["status"] == "queued", "\(dry)")
            #expect(dry["suppressed"] == [["pointer": "/to/1", "reason": "manual"]])
            let id = try #require(try wire.post("/v1/messages", body)["id"]?.string)
            try wire.wait(for: id, toBe: "sent")
            let alone = #"{"channel":"email","to":"b@example.com","content":{"subject":"a","text":"b"}}"#
            #expect(try wire.post("/v1/messages?dry_run=true", alone)["status"] == "suppressed")
            try router.checkBooks()
        }

        @Test func `who is suppressed is told so, though a limit or a route would object as well`() throws {
            var setup = Setup()
            setup.sections["limits"] = "{recipient: {limit: 1, window: 60s}}"
            let router = try Router(setup)
            let wire = router.wire
            let address = Letter.address()
            _ = try wire.send(to: address)
            #expect(try wire.post("/v1/messages", Letter.body(to: address))["code"] == "recipient_limited")
            #expect(try wire.ask("PUT", path("email", address)).status == 201)
            for _ in 0..<3 {
                let reply = try wire.post("/v1/messages", Letter.body(to: address))
                #expect(reply.status == 202 && reply["status"] == "suppressed", "\(reply)")
            }
            #expect(try wire.ask("PUT", path("sms", "+14155550100")).status == 201)
            let unroutable = try wire.post("/v1/messages", Note.body("sms", to: #""+14155550100""#))
            #expect(unroutable.status == 202 && unroutable["status"] == "suppressed", "\(unroutable)")
            #expect(try wire.post("/v1/messages", Note.body("sms"))["code"] == "no_route")
            try router.checkBooks()
        }

        // MARK: Import

        private func rows(_ count: Int) -> String {
            var text = "channel,address,reason,expires_at\r\n"
            text.reserveCapacity(count * 48)
            for number in 0..<count { text += "email,\"person-\(number)@imported.example\",unsubscribe,\r\n" }
            return text
        }

        @Test func `a list is taken in from CSV and from JSON, and again under its key`() throws {
            let router = try Router()
            let wire = router.wire
            let csv = ["Content-Type": "text/csv", "Idempotency-Key": "import-1"]
            let text = "address,channel\na@example.com,email\nnobody,email\n+14155550100,sms\n"
            let first = try wire.post("/v1/suppressions/import", text, csv)
            #expect(first.status == 200 && first["imported"] == 2 && first["rejected"] == 1, "\(first)")
            #expect(first["errors"]?[0]?["row"] == 2)
            let again = try wire.post("/v1/suppressions/import", text, csv)
            #expect(again.json == first.json && again.headers["idempotent-replayed"] == "true", "\(again)")
            let other = try wire.post("/v1/suppressions/import", text + "x\n", csv)
            #expect(other.status == 422 && other["code"] == "idempotency_mismatch", "\(other)")
            let json =
                #"{"suppressions":[{"address":"a@example.com"},{"address":"b@example.com","reason":"complaint"}]}"#
            let second = try wire.post("/v1/suppressions/import?channel=email", json)
            #expect(second["imported"] == 1 && second["updated"] == 1 && second["rejected"] == 0, "\(second)")
            #expect(try wire.get("/v1/suppressions/email/b@example.com")["reason"] == "complaint")
            #expect(try wire.get("/v1/suppressions/sms/+14155550100")["source"]?.string?.hasPrefix("import:") == true)
            #expect(try wire.post("/v1/suppressions/import", "a", ["Content-Type": "text/plain"]).status == 415)
            #expect(try wire.post("/v1/suppressions/import", "[{]").status == 400)
        }

        @Test func `a hundred thousand rows are taken in beside the messages that go out`() throws {
            var setup = Setup()
            setup.sections["server"] = "{listen: 127.0.0.1:0, max_body: 64KiB}"
            let router = try Router(setup)
            let count = 100_000
            let text = rows(count)
            let importing = Background { [port = router.port] in
                let wire = Wire(port: port, patience: 120)
                return try duration { try wire.post("/v1/suppressions/import", text, ["Content-Type": "text/csv"]) }
            }
            var waits: [Duration] = []
            while !importing.isOver {
                let (reply, time) = try duration { try router.wire.post("/v1/messages", Letter.body()) }
                #expect(reply.status == 202, "\(reply)")
                waits.append(time)
            }
            let (reply, time) = try importing.value()
            #expect(reply.status == 200 && reply["imported"]?.integer == Int64(count), "\(reply)")
            waits.sort()
            print(
                "\(count) rows in \(time); \(waits.count) messages beside it, the middle one after",
                "\(waits[waits.count / 2]), the slowest after \(waits.last ?? .zero)")
            #expect(time < .seconds(90))
            #expect(try router.wire.get("/v1/suppressions/email/person-99999@imported.example").status == 200)
            #expect(try router.wire.post("/v1/messages", String(repeating: " ", count: 70_000)).status == 413)
            try router.checkBooks()
        }
    }
}
