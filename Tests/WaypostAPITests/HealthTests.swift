import Foundation
import Synchronization
import Testing
import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostPolicy
import WaypostProviders
import WaypostStore
import WaypostTesting

@testable import WaypostAPI

/// The probes' conditions, one by one, and the whole of `/healthz`.
@Suite struct HealthTests {
    /// A router's health over a store of its own, which nobody else touches.
    private final class House {
        let time = ManualTime()
        let steering: Steering
        let commits: CommitQueue
        let health: Health
        private let file: StoreFile
        private let folder: URL

        init(maxQueued: Int = 100) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "waypost-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            file = try StoreFile(StoreFile.Settings(path: folder.appending(path: "waypost.db").path))
            commits = try CommitQueue(
                file, epoch: try file.beginRun(at: SystemTime().wallNow), addresses: try file.addressKey(),
                time: SystemTime(), observer: CommitObserver(committed: { _, _, _ in }, failed: { _, _ in }))
            var settings: [ProviderName: GateSettings] = [:]
            for (name, channels) in [("first", [.email]), ("second", [.email, .sms])] as [(ProviderName, [Channel])] {
                var gate = GateSettings()
                for channel in channels { gate.breakers[channel] = CircuitBreakerSettings() }
                settings[name] = gate
            }
            let plan = DeliveryPlan(
                version: "v1",
                routes: [
                    .email: RouteSettings(providers: ["first", "second"]), .sms: RouteSettings(providers: ["second"]),
                ],
                providers: ["first": Silent(name: "first"), "second": Silent(name: "second")], gates: settings,
                settings: DeliverySettings(), limits: LimitSettings(), publicURL: "", maxQueued: maxQueued)
            steering = Steering(plan, gates: ProviderGates(settings) { _ in }, time: time)
            health = Health(steering: steering, commits: commits, time: time)
        }

        deinit {
            commits.stop()
            file.close()
            try? FileManager.default.removeItem(at: folder)
        }

        /// What fails of a probe, by name.
        func failing(_ probe: Endpoint) -> [String] {
            health.checks(of: probe).filter { $0.failure != nil }.map(\.name)
        }

        func checked(_ provider: ProviderName, ailment: String? = nil) {
            health.note(
                ProviderHealth(ailment: ailment, checkedAt: time.wallNow, duration: .milliseconds(42)), of: provider)
        }

        func fail() { #expect(throws: StoreError.self) { try commits.perform("test") { _ in try breaks() } } }

        func report(open: Int = 0) throws -> (status: HealthReport.Status, json: JSONValue) {
            let report = HealthReport(health, steering: steering, open: open, at: (time.now, time.wallNow))
            return (report.status, try JSONValue(parsing: report.bytes))
        }
    }

    @Test func `not ready before it has started`() throws {
        let house = try House()
        #expect(house.failing(.startupz) == ["started"] && house.failing(.readyz) == ["started"])
        house.health.started()
        #expect(house.failing(.startupz) == [] && house.failing(.readyz) == [] && house.failing(.livez) == [])
    }

    @Test func `not ready while it leaves, though sends are taken until it drains`() throws {
        let house = try House()
        house.health.started()
        house.health.leave()
        #expect(house.failing(.readyz) == ["not-draining"] && house.health.obstacleToSends == nil)
        house.health.drain()
        #expect(house.failing(.readyz) == ["not-draining"])
        #expect(house.health.obstacleToSends?.code == .draining)
        #expect(house.failing(.livez) == [] && house.failing(.startupz) == [])
    }

    @Test(arguments: [(256 << 20, true), (256 << 20 - 1, false), (0, false)] as [(Int64, Bool)])
    func `a disk with less than it needs takes nothing in`(free: Int64, hasRoom: Bool) throws {
        let house = try House()
        house.health.started()
        house.health.note(Health.Disk(free: free, needed: 256 << 20))
        #expect(house.failing(.readyz) == (hasRoom ? [] : ["disk"]))
        #expect((house.health.obstacleToSends == nil) == hasRoom)
        let (status, json) = try house.report()
        #expect((status == .fail) == !hasRoom)
        #expect(json["checks"]?["store"]?[0]?["status"] == (hasRoom ? "pass" : "fail"))
        #expect(house.failing(.livez) == [], "restarting makes no room")
    }

    @Test func `a thread that has not gone round for more than 30 s is stuck`() throws {
        let house = try House()
        house.health.started()
        let turn = Mutex(house.time.now)
        house.health.watch("dispatch") { turn.withLock { $0 } }
        house.health.watch("commit") { [time = house.time] in time.now }
        house.time.advance(by: .seconds(30))
        #expect(house.failing(.livez) == [])
        house.time.advance(by: .milliseconds(1))
        #expect(house.failing(.livez) == ["thread-dispatch"])
        #expect(house.failing(.readyz) == [], "that is for livez alone")
        turn.withLock { $0 = house.time.now }
        #expect(house.failing(.livez) == [])
    }

    @Test func `a store that does not commit is not ready until it does again`() throws {
        let house = try House()
        house.health.started()
        house.fail()
        #expect(house.failing(.readyz) == ["store"] && house.failing(.livez) == [])
        let (status, json) = try house.report()
        #expect(status == .fail && json["checks"]?["store"]?[0]?["output"]?.string?.isEmpty == false)
        try house.commits.perform("test") { _ in }
        #expect(house.failing(.readyz) == [])
    }

    @Test func `a full queue is not ready, and a warning`() throws {
        let house = try House(maxQueued: 0)
        house.health.started()
        #expect(house.failing(.readyz) == ["queue"])
        for name in ["first", "second"] as [ProviderName] { house.checked(name) }
        let (status, json) = try house.report(open: 7)
        #expect(status == .warn && json["checks"]?["queue"]?[0]?["status"] == "warn")
        #expect(json["checks"]?["queue"]?[0]?["observedValue"] == 7)
        #expect(json["checks"]?["queue"]?[0]?["observedUnit"] == "deliveries")
    }

    @Test func `all well is pass, with a check for each channel, the store, the queue and each provider`() throws {
        let house = try House()
        house.health.started()
        for name in ["first", "second"] as [ProviderName] { house.checked(name) }
        let (status, json) = try house.report()
        #expect(status == .pass && json["status"] == "pass" && json["serviceId"] == "waypost")
        #expect(json["version"] == .string(Build.version))
        let checks = json["checks"]?.members ?? []
        #expect(
            Set(checks.map(\.name)) == ["email", "sms", "store", "queue", "provider:first", "provider:second"])
        for check in checks {
            #expect(check.value.array?.count == 1 && check.value[0]?["status"] == "pass", "\(check.name)")
            #expect(check.value[0]?["time"]?.string.flatMap { Timestamp($0) } != nil, "\(check.name)")
        }
        #expect(json["healthy"] == 6 && json["total"] == 6)
        #expect(json["checks"]?["email"]?[0]?["observedValue"] == 2)
        #expect(json["checks"]?["provider:first"]?[0]?["observedValue"] == 42)
        #expect(json["checks"]?["provider:first"]?[0]?["observedUnit"] == "ms")
    }

    /// Who is down, by what, and what is said of the whole and of both channels.
    @Test(
        arguments: [
            ([], "pass", "pass", "pass"), (["first"], "warn", "warn", "pass"), (["second"], "fail", "pass", "fail"),
            (["first", "second"], "fail", "fail", "fail"),
        ] as [([ProviderName], String, String, String)], ["check", "breaker", "disabled"])
    func `a provider's outage is its channels' affair, and never takes the router out of service`(
        outage: ([ProviderName], String, String, String), by way: String
    ) throws {
        let house = try House()
        house.health.started()
        for name in ["first", "second"] as [ProviderName] {
            let isDown = outage.0.contains(name)
            house.checked(name, ailment: isDown && way == "check" ? "it answers 503" : nil)
            let hold: ProviderGates.Hold? =
                switch way {
                case "breaker": .breaker(nil, open: true)
                case "disabled": .disabled("for a test")
                default: nil
                }
            if isDown, let hold { house.steering.gates.apply(hold, to: name, at: house.time.now) }
        }
        let (_, json) = try house.report()
        #expect(json["status"] == .string(outage.1))
        #expect(json["checks"]?["email"]?[0]?["status"] == .string(outage.2))
        #expect(json["checks"]?["sms"]?[0]?["status"] == .string(outage.3))
        for name in ["first", "second"] as [ProviderName] {
            let status: JSONValue = outage.0.contains(name) ? "fail" : "pass"
            #expect(json["checks"]?["provider:\(name)"]?[0]?["status"] == status)
        }
        #expect(house.failing(.readyz) == [] && house.failing(.livez) == [])
    }

    @Test func `a provider that nobody has checked yet is a warning of its own`() throws {
        let house = try House()
        house.health.started()
        let (status, json) = try house.report()
        #expect(status == .pass && json["checks"]?["provider:first"]?[0]?["status"] == "warn")
        #expect(json["healthy"] == 4 && json["total"] == 6)
    }
}

/// Never spoken to.
private struct Silent: Provider {
    var name: ProviderName
    let kind = ProviderKind.sendgrid
    let transfer = TransferSettings()

    func objection(to message: Message, for deliveries: [Delivery]) -> String? { nil }
    func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        throw Failure(.unavailable, "it is never spoken to")
    }
    func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        ExchangeResult(.accepted(reference: nil))
    }
    func healthCheck(at now: Timestamp) -> TransportRequest? { nil }
    func ailment(in reply: TransportReply) -> String? { nil }
}

/// As a disk that fails does.
private func breaks() throws { throw StoreError.unavailable("the disk is full") }
