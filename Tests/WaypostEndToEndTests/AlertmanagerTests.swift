import Foundation
import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// A real Alertmanager that tells people through the router, with the configuration of `deploy/prometheus`.
    @Suite struct Alerting {
        private static let program = "/usr/bin/prometheus-alertmanager"
        private static let missing: Comment =
            "install the Debian package prometheus-alertmanager (deploy/install-packages test)"

        private static func setup() -> Setup {
            var setup = Setup.routing(["sms": ["twilio", "messagebird"], "email": ["sendgrid"]])
            setup.sections["auth"] = "{keys: [{name: alertmanager, token: alert-token, scopes: [send, read, operate]}]}"
            return setup
        }

        @Test func `amtool finds nothing to complain of`() throws {
            try #require(FileManager.default.isExecutableFile(atPath: "/usr/bin/amtool"), Self.missing)
            let path = Repository.path("deploy/prometheus/alertmanager.yml")
            let end = try Child.run("/usr/bin/amtool", ["check-config", path], in: Folder(), name: "amtool")
            #expect(end.status == 0, "\(end)")
        }

        @Test func `an alert reaches its two people by text message, once, and its end does too`() throws {
            try #require(FileManager.default.isExecutableFile(atPath: Self.program), Self.missing)
            let router = try Router(Self.setup())
            let (folder, wire) = (router.folder, router.connection(token: "alert-token"))
            try folder.write("alert-token", to: "waypost.token")
            try folder.write(
                Repository.text("deploy/prometheus/alertmanager.yml")
                    .replacing("127.0.0.1:8080", with: "127.0.0.1:\(router.port)")
                    .replacing("/etc/alertmanager/waypost.token", with: folder.file("waypost.token"))
                    .replacing("group_wait: 30s", with: "group_wait: 200ms")
                    .replacing("group_interval: 5m", with: "group_interval: 1s"),
                to: "alertmanager.yml")
            let port = try FreePort.find()
            let child = try Child(
                Self.program,
                [
                    "--config.file=\(folder.file("alertmanager.yml"))", "--storage.path=\(folder.file("alertmanager"))",
                    "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=",
                ], in: folder, name: "alertmanager")
            defer {
                child.signal(SIGTERM)
                child.end()
            }
            let manager = Wire(port: port)
            try eventually("it serves") { (try? manager.get("/-/ready").status) == 200 }
            let start = Self.time(Date(timeIntervalSinceNow: -60))
            func alert(_ more: String = "") -> String {
                """
                [{"labels":{"alertname":"WaypostLedgerImbalance","severity":"page","job":"waypost"},
                "annotations":{"summary":"The books are 2 deliveries off"},"startsAt":"\(start)"\(more)}]
                """
            }
            #expect(try manager.post("/api/v2/alerts", alert()).status == 200)
            func sent() throws -> [JSONValue] {
                let all = try wire.get("/v1/messages?tag=alert")["data"]?.array ?? []
                return all.filter { ["sent", "delivered"].contains($0["status"]?.string) }
            }
            try eventually("two people are told") { try sent().count == 2 }
            let id = try #require(try sent()[0]["id"]?.string)
            let message = try wire.message(id)
            #expect(message["type"] == "notification" && message["priority"] == "urgent")
            #expect(
                message["content"]?["text"] == "[FIRING:1] WaypostLedgerImbalance\nThe books are 2 deliveries off",
                "\(message)")
            #expect(try manager.post("/api/v2/alerts", alert(#","endsAt":"\#(Self.time(Date()))""#)).status == 200)
            try eventually("two people hear of its end") { try sent().count == 4 }
        }

        private static func time(_ date: Date) -> String { date.ISO8601Format() }

        private static func webhook(_ status: String = "firing") -> String {
            """
            {"version":"4","groupKey":"g","status":"\(status)","receiver":"r","alerts":[{"status":"\(status)",
            "labels":{"alertname":"A"},"annotations":{},"startsAt":"2025-01-15T12:00:00Z","fingerprint":"f"}]}
            """
        }

        @Test func `the same again is answered again, and sends nothing`() throws {
            let router = try Router(Self.setup())
            let wire = router.connection(token: "alert-token")
            let target = "/v1/alerts?channel=email&to=a@example.com&to=b@example.com"
            // Two within one of the clock's five minutes: a try that straddles their edge is made again.
            var replies: [Reply] = []
            for _ in 0..<2 where replies.last?.headers["idempotent-replayed"] == nil {
                replies = try (0..<2).map { _ in try wire.post(target, Self.webhook()) }
            }
            #expect(replies.map(\.status) == [202, 202] && replies[0].body == replies[1].body)
            #expect(replies[1].headers["idempotent-replayed"] == "true" && replies[0]["accepted"] == 2)
            let over = try wire.post(target, Self.webhook("resolved"))
            #expect(over.status == 202 && over.headers["idempotent-replayed"] == nil)
        }

        @Test func `what reaches nobody is refused, and half a success is one`() throws {
            let router = try Router(Self.setup())
            let wire = router.connection(token: "alert-token")
            let none = try wire.post("/v1/alerts?channel=sms&to=5", Self.webhook())
            #expect(none.status == 422 && none["errors"]?[0]?["pointer"] == "/recipients/0/to", "\(none)")
            let half = try wire.post("/v1/alerts?channel=sms&to=5&to=%2B14155550100", Self.webhook())
            #expect(half.status == 202 && half["accepted"] == 1 && half["rejected"] == 1, "\(half)")
            #expect(try router.wire.post("/v1/alerts?channel=sms&to=%2B14155550100", Self.webhook()).status == 401)
        }
    }
}
