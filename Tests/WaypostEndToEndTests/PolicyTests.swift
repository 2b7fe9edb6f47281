import Foundation
import Testing
import WaypostCore
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// What the hour, the content and the lists say about a message.
    @Suite struct Policies {
        /// `HH:mm` in UTC, so many minutes from now.
        private func clock(in minutes: Int) -> String {
            let second = (SystemTime().wallNow + .seconds(minutes * 60)).civil.secondOfDay
            return String(format: "%02d:%02d", second / 3600, second / 60 % 60)
        }

        /// Quiet for two hours around now in UTC, unless the zone is another.
        private func setup(_ more: String = "zone: recipient, default_zone: UTC") -> Setup {
            var setup = Setup.routing(["email": ["sendgrid"], "sms": ["twilio"], "push": ["fcm"]])
            let span = #"from: "\#(clock(in: -60))", to: "\#(clock(in: 60))""#
            setup.sections["policy"] = "{quiet_hours: {types: [marketing], \(span), \(more)}}"
            return setup
        }

        private let marketing = #","type":"marketing""#

        @Test func `a message of the type is held until the quiet ends, and lives as much longer`() throws {
            let router = try Router(setup())
            let wire = router.wire
            let id = try wire.send(more: marketing + #","ttl":"10m""#)
            let held = try wire.message(id)
            #expect(held["status"] == "scheduled", "\(held)")
            let reason = held["status_reason"]?.string ?? ""
            #expect(reason.hasPrefix("held until 20") && reason.hasSuffix(": quiet hours in UTC"), "\(reason)")
            #expect(held["send_at"] == .null || held["send_at"] == nil, "the client asked for no time")
            let until = try #require(Timestamp(String(reason.dropFirst("held until ".count).prefix(24))))
            let created = try #require(held["created_at"]?.string.flatMap(Timestamp.init))
            let expires = try #require(held["expires_at"]?.string.flatMap(Timestamp.init))
            #expect(expires == until + .seconds(600))
            #expect((Duration.seconds(57 * 60) ... .seconds(60 * 60)).contains(until - created))
            let later = try wire.send(more: marketing + #","send_at":"\#(created + .seconds(3 * 3600))""#)
            #expect(try wire.message(later)["status_reason"] == .null, "its own time is not quiet")
            try wire.wait(for: try wire.send(), toBe: "sent")
            #expect(try wire.post("/v1/messages/\(id)/cancel").status == 200)
            let again = try wire.post("/v1/messages/\(id)/resend")
            #expect(again["status"] == "scheduled", "\(again)")
            let rehearsed = try wire.post("/v1/messages?dry_run", Letter.body(more: marketing))
            #expect(rehearsed["status"] == "scheduled" && rehearsed["status_reason"]?.string != nil, "\(rehearsed)")
            #expect(router.sandbox.copies(of: id) == 0)
            try router.checkBooks()
        }

        @Test func `the zone is the user's, else the number's`() throws {
            // Two hours around now in Kathmandu are no hour that is quiet anywhere on whole hours but there.
            let kathmandu = SystemTime().wallNow + .seconds(5 * 3600 + 45 * 60)
            let minute = kathmandu.civil.secondOfDay / 60
            func clock(_ minute: Int) -> String {
                let minute = (minute + 1440) % 1440
                return String(format: "%02d:%02d", minute / 60, minute % 60)
            }
            var setup = setup()
            setup.sections["policy"] =
                "{quiet_hours: {types: [marketing], from: \"\(clock(minute - 10))\", to: \"\(clock(minute + 10))\"}}"
            let router = try Router(setup)
            let wire = router.wire
            let phone = Note.phone()
            #expect(
                try wire.ask(
                    "PUT", "/v1/users/jane",
                    #"{"email":"jane@example.com","phone":"\#(phone)","zone":"Asia/Kathmandu"}"#
                ).status == 201)
            try wire.report("phone", of: "jane", #""platform":"android","fcm_token":"\#(Note.fcmToken())""#)
            for body in [
                Letter.body(to: "Jane@example.com", more: marketing),
                Note.body("sms", to: #""\#(phone)""#, more: marketing),
                Note.body("push", to: #"{"user":"jane"}"#, more: marketing),
                Note.body("sms", to: #""+9779812345678""#, more: marketing),
            ] {
                let reply = try wire.post("/v1/messages", body)
                #expect(reply["status"] == "scheduled", "\(body): \(reply)")
            }
            let others = [Letter.body(more: marketing), Note.body("sms", more: marketing)]
            _ = try wire.ends(of: try wire.sendBatch(others))
            let batch = try wire.post(
                "/v1/messages/batch",
                #"{"channel":"email","type":"marketing","content":{"subject":"Hi","text":"Hi"},"recipients":[{"to":"jane@example.com"},{"to":"\#(Letter.address())"}]}"#
            )
            #expect(
                batch["results"]?[0]?["status"] == "scheduled" && batch["results"]?[1]?["status"] == "queued",
                "\(batch)")
        }

        @Test func `a message that waits into the quiet is held again`() throws {
            var quiet = Setup.through("sendgrid")
            quiet.sections["delivery"] = "{retry: {delays: [1s, 1s, 1s, 1s, 1s, 1s], jitter: 0}}"
            let router = try Router(quiet)
            try router.sandbox.setFault(.sends(.sendgrid, .status(.init(503))))
            let id = try router.wire.send(more: marketing)
            try eventually("it has failed once") { try !router.wire.message(id).attempts.isEmpty }
            quiet.sections["policy"] = setup().sections["policy"]
            try router.folder.configure(quiet, for: router.sandbox)
            #expect(try router.wire.post("/v1/reload").status == 200)
            try router.wire.wait(for: id, toBe: "scheduled")
            #expect(try router.wire.message(id)["status_reason"]?.string?.hasPrefix("held until") == true)
            try router.checkBooks()
        }

        @Test func `personal data is refused or masked by type`() throws {
            var setup = Setup.through("sendgrid")
            setup.sections["policy"] = "{pii: {on_detect: {transactional: reject, marketing: mask}}}"
            let router = try Router(setup)
            let wire = router.wire
            func body(_ text: String, _ more: String = "") -> String {
                #"{"channel":"email","to":"jane@example.com","content":{"subject":"Hi","text":"\#(text)"}\#(more)}"#
            }
            let refused = try wire.post("/v1/messages", body("Card 4111 1111 1111 1111"))
            #expect(refused.status == 422 && refused["code"] == "content_rejected", "\(refused)")
            #expect(refused["errors"]?[0]?["pointer"] == "/content/text", "\(refused)")
            #expect(!refused.text.contains("4111"))
            #expect(
                try wire.post("/v1/messages", body("Dear jane@example.com")).status == 202, "the own address is none")
            let masked = try wire.post("/v1/messages", body("SSN 123-45-6789, call 415-555-0100", marketing))
            #expect(masked.status == 202, "\(masked)")
            let id = try #require(masked["id"]?.string)
            #expect(try wire.message(id)["content"]?["text"] == "SSN [ssn], call [phone]")
            let batch = try wire.post(
                "/v1/messages/batch", #"{"messages":[\#(body("Hello")),\#(body("Write to joe@example.com"))]}"#)
            #expect(batch["accepted"]?.integer == 1, "\(batch)")
            #expect(batch["results"]?[1]?["error"]?["errors"]?[0]?["pointer"] == "/messages/1/content/text", "\(batch)")
            try wire.wait(for: id, toBe: "sent")
            #expect(!router.log.text.contains("123-45-6789") && !router.log.text.contains("jane@example.com"))
        }

        @Test func `whatever speaks against a message is told at once`() throws {
            var setup = Setup.through("sendgrid")
            setup.sections["policy"] = "{pii: {on_detect: reject}}"
            setup.sections["limits"] = "{recipient: {limit: 1, window: 60s}}"
            let router = try Router(setup)
            let address = Letter.address()
            _ = try router.wire.send(to: address)
            let body =
                #"{"channel":"email","to":"\#(address)","content":{"subject":"Hi","text":"Card 4111111111111111"}}"#
            let refused = try router.wire.post("/v1/messages", body)
            #expect(refused.status == 422 && refused["code"] == "content_rejected", "\(refused)")
            #expect(refused["errors"]?.array?.count == 2 && refused["errors"]?[1]?["pointer"] == "/to", "\(refused)")
        }

        @Test func `a check finds what speaks against a message, and keeps nothing`() throws {
            let router = try Router(setup())
            let wire = router.wire
            let body =
                #"{"channel":"email","type":"marketing","to":"jane@example.com","metadata":{"who":"joe@example.com"},"content":{"subject":"Hi","text":"SSN 123-45-6789"}}"#
            let reply = try wire.post("/v1/compliance/check", body)
            #expect(reply.status == 200 && reply["compliant"] == false, "\(reply)")
            let findings = (reply["findings"]?.array ?? []).map {
                "\($0["check"]?.string ?? "?") \($0["status"]?.string ?? "?") \($0["pointer"]?.string ?? "")"
            }
            #expect(
                findings == [
                    "consent warn /to", "suppression pass ", "opt_out fail /content", "minimisation warn /content/text",
                    "retention warn /metadata/who", "quiet_hours warn ",
                ])
            #expect(!reply.text.contains("123-45"))
            let good = try wire.post("/v1/compliance/check", Letter.body())
            #expect(good["compliant"] == true && good["findings"]?.array?.count == 6, "\(good)")
            #expect(try wire.post("/v1/compliance/check", #"{"channel":"email"}"#).status == 422)
            #expect(try wire.get("/v1/messages")["data"]?.array?.isEmpty == true)
        }
    }
}
