import Foundation
import Testing
import WaypostApp
import WaypostConfiguration
import WaypostCore
import WaypostPolicy

@Suite struct ConfigurationTests {
    @Test func `an empty file is a router on loopback with every default`() throws {
        let configuration = try configuration("")
        #expect(configuration.server.listen == ListenAddress(host: "127.0.0.1", port: 8080))
        #expect(configuration.server.operationsListen == nil)
        #expect(configuration.server.tls == nil)
        #expect(configuration.server.maxBody == 1 << 20)
        #expect(configuration.server.maxConnections == 4096)
        #expect(configuration.server.requestTimeout == .seconds(30))
        #expect(configuration.server.drainDelay == .zero)
        #expect(configuration.server.drainTimeout == .seconds(25))
        #expect(configuration.store.path == "/nowhere/waypost.db")
        #expect(configuration.store.synchronous == .full)
        #expect(configuration.store.maxQueued == 1_000_000)
        #expect(configuration.store.retention.messages == .seconds(30 * 86_400))
        #expect(configuration.store.retention.events == .seconds(30 * 86_400))
        #expect(configuration.store.retention.audit == .seconds(365 * 86_400))
        #expect(configuration.clients.isEmpty)
        #expect(configuration.providers.isEmpty)
        #expect(configuration.routes.isEmpty)
        #expect(configuration.delivery == DeliverySettings())
        #expect(configuration.delivery.delays == [.seconds(1), .seconds(5), .seconds(15)])
        #expect(configuration.delivery.jitter == 0.2)
        #expect(configuration.delivery.defaultTTL[.marketing] == .seconds(3 * 86_400))
        #expect(configuration.limits.recipient == WindowSettings(limit: 10, window: .seconds(60)))
        #expect(configuration.limits.recipientByType.isEmpty)
        #expect(configuration.policy.requireConsent == nil)
        #expect(configuration.policy.quietHours == nil)
        #expect(configuration.templates.isEmpty)
        #expect(configuration.log.level == .info)
        #expect(configuration.log.format == .json)
        #expect(configuration.metrics.deliveryWindows.map(\.label) == ["1h", "24h", "7d"])
    }

    @Test func `a whole that is wrong in five sections is told in one go, by line`() {
        let found = problems(
            """
            server: {listen: 8080}
            store: {synchronous: sometimes}
            auth: {keys: [{name: shop, scopes: [send], token: a}]}
            delivery: {retry: {jitter: 2}}
            log: {level: loud}
            polcy: {}
            """)
        #expect(
            found == [
                "1: server.listen: \"8080\" is not host:port; "
                    + "write 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080",
                "2: store.synchronous: \"sometimes\" is not known here; write full or normal",
                "4: delivery.retry.jitter: \"2\" is out of range; write a number from 0 to 1",
                "5: log.level: \"loud\" is not known here; "
                    + "write trace, debug, info, notice, warning, error or critical",
                "6: polcy: is not a setting; did you mean policy?",
            ])
    }

    @Test func `sections whose names begin with x- are a place for anchors`() throws {
        let configuration = try configuration(
            """
            x-retry: &retry {delays: [2s], jitter: 0}
            delivery: {retry: *retry}
            """)
        #expect(configuration.delivery.delays == [.seconds(2)])
        #expect(problems("y-retry: {}").count == 1)
    }

    @Test func `what is shown of it has no secret`() throws {
        let yaml = """
            auth: {keys: [{name: shop, token: hunter2, scopes: [send]}]}
            providers:
              sendgrid: {kind: sendgrid, api_key: "${KEY}", from: news@example.com}
              relay: {kind: smtp, url: "smtp://me:hunter2@mail.example.com", from: news@example.com}
            """
        let configuration = try configuration(yaml, environment: ["KEY": "hunter2"])
        #expect(!"\(configuration.redacted)".contains("hunter2"))
        #expect(!"\(configuration)".contains("hunter2"))
        #expect("\(configuration.redacted)".contains("news@example.com"))
    }
}
