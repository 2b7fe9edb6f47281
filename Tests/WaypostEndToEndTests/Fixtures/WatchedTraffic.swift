import Foundation
import Testing
import WaypostJSON
import WaypostSandbox
import WaypostTesting

/// A router under a real Prometheus, with traffic on every channel, an outage of the first email provider and its recovery,
/// receipts, and an endpoint that is told; beside it an idle router that serves TLS. Confined to one thread.
final class WatchedTraffic {
    let sandbox: Sandbox
    let receiver: Receiver
    let router: Router
    private let certificate: TestCertificate
    private let secured: Router
    let prometheus: Prometheus
    /// Of a message that was sent with it.
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private(set) var start = 0.0
    private(set) var end = 0.0
    private(set) var outage: ClosedRange<Double> = 0...0

    init() throws {
        try #require(Prometheus.isInstalled, "install the Debian package prometheus (deploy/install-packages test)")
        let folder = try Folder()
        sandbox = try Sandbox.start(.init())
        receiver = try Receiver()
        router = try Router(Self.setup(for: sandbox, telling: receiver), in: folder, with: sandbox)
        sandbox.callBack(router: "http://127.0.0.1:\(router.port)")
        certificate = try TestCertificate()
        secured = try Router(Self.setup(showing: certificate), in: Folder(), with: sandbox)
        prometheus = try Prometheus(in: folder, scraping: router.port, overTLS: secured.port)
    }

    func stop() {
        prometheus.stop()
        router.stop()
        secured.stop()
        sandbox.stop()
        receiver.stop()
    }

    private static func setup(showing certificate: TestCertificate) -> Setup {
        var setup = Setup.routing(["sms": ["twilio"]])
        setup.sections["server"] =
            "{listen: 127.0.0.1:0, tls: {certificate: \(certificate.certificateFile), "
            + "private_key: \(certificate.keyFile)}}"
        return setup
    }

    private static func setup(for sandbox: Sandbox, telling receiver: Receiver) -> Setup {
        let phone = ["twilio", "messagebird"]
        var setup = Setup.routing([
            "email": ["sendgrid", "ses"], "sms": phone, "whatsapp": phone, "voice": phone, "push": ["fcm", "apns"],
        ])
        setup.common["breaker"] = "{failures: 3, recovery: 1s, half_open_successes: 1, recovery_backoff: 1}"
        setup.set("sendgrid", "webhook_public_key", sandbox.webhookPublicKey)
        setup.set("sendgrid", "price", "{per_message: 900}")
        setup.set("sendgrid", "rate_limits", "[{limit: 100000, window: 60s}]")
        setup.set("ses", "price", "{per_message: 100}")
        setup.set("messagebird", "signing_key", sandbox.settings.callbacks.messageBirdSigningKey)
        setup.sections["events"] = "{endpoints: [\(receiver.entry())]}"
        return setup
    }

    /// `seconds` of traffic with an outage in the middle; returns once all is told.
    func flow(for seconds: Int = 15) throws {
        let wire = router.wire
        // Prometheus takes some seconds to find its target.
        try eventually("both are scraped") { try prometheus.values(of: "job", on: "waypost_build_info").count == 2 }
        start = Date().timeIntervalSince1970
        var rule = OutcomeRule(.sendgrid, .bounce)
        rule.share = 0.04
        try sandbox.setOutcome(rule)
        try refusals(wire)
        let began = ContinuousClock.now
        let (breaks, heals) = (Duration.seconds(seconds) / 3, Duration.seconds(seconds) * 2 / 3)
        var isOut = false
        var step = 0
        while case let gone = ContinuousClock.now - began, gone < .seconds(seconds) {
            if !isOut, gone >= breaks, gone < heals {
                try sandbox.setFault(.sends(.sendgrid, .status(Fault.Answer(503))))
                outage = Date().timeIntervalSince1970...(.greatestFiniteMagnitude)
                isOut = true
            } else if isOut, gone >= heals {
                sandbox.clearFaults(.sendgrid)
                outage = outage.lowerBound...Date().timeIntervalSince1970
                isOut = false
            }
            let channels = [
                "email", "email", "email", "email", "email", "email", "sms", "sms", "whatsapp", "voice", "push",
            ]
            _ = try wire.sendBatch(channels.map { Note.body($0) })
            step += 1
            Thread.sleep(until: Date(timeIntervalSinceNow: 0.2))
        }
        try eventually("the primary is back, and all is told") {
            try wire.breaker(of: "sendgrid") == "closed" && sandbox.callbacksUnderWay == 0
                && wire.endpoint("shop")?["waiting"] == 0
        }
        // An exemplar stays for a second.
        Thread.sleep(until: Date(timeIntervalSinceNow: 1.2))
        let traced = try wire.post(
            "/v1/messages", Letter.body(), ["traceparent": "00-\(trace)-00f067aa0ba902b7-01"])
        #expect(traced.status == 202)
        Thread.sleep(until: Date(timeIntervalSinceNow: 2.2))
        end = Date().timeIntervalSince1970
    }

    /// What is not sent, or not twice, or not believed.
    private func refusals(_ wire: Wire) throws {
        let kept = try wire.ask("PUT", "/v1/suppressions/email/gone%40example.com", #"{"reason":"hard_bounce"}"#)
        #expect((200..<300).contains(kept.status), "\(kept)")
        _ = try wire.send(to: "gone@example.com")
        _ = try wire.send(to: "ann@example.com", key: "order-1")
        let body = Letter.body(to: "ann@example.com")
        #expect(try wire.post("/v1/messages", body, ["Idempotency-Key": "order-1"]).status == 202)
        let forged = try wire.post("/webhooks/sendgrid", "[]")
        #expect(forged.status == 403, "\(forged)")
    }
}
