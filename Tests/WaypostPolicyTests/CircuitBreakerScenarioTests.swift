import Foundation
import Testing
import WaypostCore
import WaypostJSON
import WaypostPolicy

/// One scenario of a table: a title to be known by, its configuration and its steps.
struct Scenario: Sendable, CustomTestStringConvertible {
    let json: JSONValue
    var id: String { json["id"]?.string ?? "" }
    var testDescription: String { "\(id) \(json["title"]?.string ?? "")" }
    var steps: [JSONValue] { json["steps"]?.array ?? [] }

    static func all(of table: String) throws -> [Scenario] {
        let url = try #require(Bundle.module.url(forResource: "Resources/\(table)", withExtension: "json"))
        let json = try JSONValue(parsing: [UInt8](Data(contentsOf: url)))
        let scenarios = try #require(json["scenarios"]?.array)
        return scenarios.map(Scenario.init)
    }
}

extension JSONValue {
    func int(_ name: String) -> Int? { self[name]?.integer.map(Int.init) }
    func double(_ name: String) -> Double? {
        if case .number(let value) = self[name] { value } else { int(name).map(Double.init) }
    }
    func span(_ name: String) -> Duration? { int(name).map { .milliseconds($0) } }
}

@Suite struct CircuitBreakerScenarioTests {
    @Test func `the table is whole`() throws { #expect(try Scenario.all(of: "circuit-breaker").count == 47) }

    @Test(arguments: try Scenario.all(of: "circuit-breaker"))
    func `the breaker does what the table says`(scenario: Scenario) throws {
        var player = try BreakerPlayer(scenario)
        for step in scenario.steps { try player.play(step) }
    }
}

/// Drives breakers by a scenario's steps and compares what they say.
private struct BreakerPlayer {
    private let start = ContinuousClock.now
    private let settings: CircuitBreakerSettings
    private var breakers: [String: CircuitBreaker] = [:]
    private var thresholdTold: [String: Bool] = [:]
    private var permits: [String: CircuitBreaker.Permit] = [:]

    init(_ scenario: Scenario) throws {
        let config = try #require(scenario.json["config"])
        var settings = CircuitBreakerSettings()
        settings.failures = config["failureThreshold"] == .null ? nil : config.int("failureThreshold") ?? 5
        settings.window = config.span("monitoringWindowMs") ?? .seconds(60)
        settings.windowSize = config.int("windowSize")
        settings.recovery = config.span("recoveryMs") ?? .seconds(30)
        settings.halfOpenSuccesses = config.int("halfOpenSuccesses") ?? 3
        settings.halfOpenTimeout = config.span("halfOpenMaxWaitMs").flatMap { $0 == .zero ? nil : $0 }
        settings.recoveryBackoff = config.double("backoffMultiplier") ?? 1
        settings.recoveryMax = config.span("recoveryMaxMs")
        settings.failureRate = config.double("failureRatePct")
        settings.slowRate = config.double("slowRatePct")
        settings.slowCall = config.span("slowCallMs")
        settings.minimumCalls = config.int("minimumCalls") ?? settings.minimumCalls
        settings.consecutiveFailures = config.int("consecutiveFailures")
        self.settings = settings
    }

    mutating func play(_ step: JSONValue) throws {
        let name = step["breaker"]?.string ?? ""
        var breaker = breakers[name] ?? CircuitBreaker(settings)
        var now = start + (step.span("at") ?? .zero)
        var permitted = 0
        var rejected = 0
        func admit() -> CircuitBreaker.Permit? {
            guard case .admitted(let permit) = breaker.admit(at: now) else {
                rejected += 1
                return nil
            }
            permitted += 1
            return permit
        }
        func record(_ permit: CircuitBreaker.Permit) throws {
            let word = try #require(step["outcome"]?.string)
            let effect = try #require(Self.effects[word])
            breaker.record(effect, after: step.span("durationMs") ?? .zero, for: permit, at: now)
        }
        switch try #require(step["op"]?.string) {
        case "call":
            for turn in 0..<(step.int("times") ?? 1) {
                if turn > 0 { now += step.span("everyMs") ?? .zero }
                if let permit = admit(), step["outcome"] != nil { try record(permit) }
            }
        case "acquire":
            let call = try #require(step["call"]?.string)
            if let permit = admit() { permits[call] = permit }
        case "acquire_parallel":
            let call = try #require(step["call"]?.string)
            for _ in 0..<(step.int("n") ?? 0) {
                if let permit = admit() { permits["\(call)\(permitted - 1)"] = permit }
            }
        case "result":
            let call = try #require(step["call"]?.string)
            try record(#require(permits[call]))
        case "read": _ = breaker.state(at: now)
        case "manual":
            switch try #require(step["what"]?.string) {
            case "force_open": breaker.hold(.open, at: now)
            case "disable": breaker.hold(.closed, at: now)
            case "metrics_only": breaker.hold(.metricsOnly, at: now)
            case "reset": breaker.reset(at: now)
            case let what: Issue.record("unknown: \(what)")
            }
        case "wall_clock_jump": break  // it reads no clock
        case let operation: Issue.record("unknown: \(operation)")
        }
        let expected = try #require(step["expect"])
        let place = Comment(rawValue: "at \(step.int("at") ?? 0)")
        if let count = expected.int("permitted") { #expect(permitted == count, place) }
        if let count = expected.int("rejected") { #expect(rejected == count, place) }
        let state = breaker.state(at: now)
        if let word = expected["state"]?.string { #expect(Self.words[state.word] == word, place) }
        if let wait = expected.span("retryAfterMs") { #expect(state == .open(until: now + wait), place) }
        var events = breaker.takeTransitions().map { "\(Self.words[$0.from] ?? "")->\(Self.words[$0.to] ?? "")" }
        if breaker.thresholdExceeded, thresholdTold[name] != true { events.append("THRESHOLD_EXCEEDED") }
        thresholdTold[name] = breaker.thresholdExceeded
        if let list = expected["events"]?.array { #expect(events == list.compactMap(\.string), place) }
        if let wanted = expected["counts"] {
            let counts = breaker.counts(at: now)
            let seen = [
                "calls": counts.calls, "failures": counts.failures, "slow": counts.slow, "probes": counts.probes,
                "rejected": counts.rejected,
            ]
            for member in wanted.members ?? [] {
                #expect(seen[member.name] == wanted.int(member.name), "\(member.name) \(place)")
            }
        }
        breakers[name] = breaker
    }

    private static let effects: [String: BreakerEffect] = [
        "success": .success, "failure": .failure, "timeout": .failure, "ignored": .none, "cancelled": .none,
    ]
    private static let words: [CircuitBreaker.Word: String] = [
        .closed: "CLOSED", .open: "OPEN", .halfOpen: "HALF_OPEN", .forcedOpen: "FORCED_OPEN",
        .forcedClosed: "DISABLED", .metricsOnly: "METRICS_ONLY",
    ]
}
