import Dispatch
import Synchronization
import Testing
import WaypostCore
import WaypostJSON
import WaypostPolicy

@Suite struct RateLimitScenarioTests {
    /// Rows that are not played, and why.
    private static let skipped = [
        "rl-028": "two nodes share one store of takes; this router is one node",
        "rl-029": "the shared store is lost; this router has none to lose",
    ]

    private static func played() throws -> [Scenario] {
        try Scenario.all(of: "rate-limit").filter {
            $0.json["algorithm"]?.string == "sliding_log" && skipped[$0.id] == nil
        }
    }

    @Test func `the table is whole, and what is skipped needs a store between nodes`() throws {
        let exact = try Scenario.all(of: "rate-limit").filter { $0.json["algorithm"]?.string == "sliding_log" }
        #expect(exact.count == 23)
        let shared = exact.filter { $0.json["config"]?["onStoreFailure"] != nil }
        #expect(Set(shared.map(\.id)) == Set(Self.skipped.keys))
    }

    @Test(arguments: try played())
    func `the limiter does what the table says`(scenario: Scenario) throws {
        let player = try LimiterPlayer(scenario)
        for step in scenario.steps { try player.play(step) }
    }
}

/// Drives a limiter by a scenario's steps and compares what it says.
private final class LimiterPlayer {
    private let start = ContinuousClock.now
    private let limiter: SharedLimiter
    /// By the last take that was refused.
    private var violated: [String] = []

    init(_ scenario: Scenario) throws {
        limiter = SharedLimiter(try Limiter(#require(scenario.json["config"])))
    }

    func play(_ step: JSONValue) throws {
        let key = step["key"]?.string ?? "one"
        let cost = step.int("cost") ?? 1
        let every = step.span("everyMs") ?? .zero
        let began = start + (step.span("at") ?? .zero)
        var now = began
        var allowed = 0
        var denied = 0
        func take(_ key: String) {
            switch limiter.withLock({ $0.take(key, cost, at: now) }) {
            case .taken: allowed += 1
            case .refused(_, let names):
                denied += 1
                violated = names
            }
        }
        switch try #require(step["op"]?.string) {
        case "take":
            for turn in 0..<(step.int("times") ?? 1) {
                now = began + every * turn
                take(key)
            }
        case "take_parallel":
            let count = try #require(step.int("n"))
            allowed = limiter.take(key, threads: count, at: now)
            denied = count - allowed
        case "take_distinct":
            for index in 0..<(try #require(step.int("n"))) { take("\(key)\(index)") }
        case "tracked": limiter.withLock { $0.forgetIdle(at: now) }
        case "read", "headers", "wall_clock_jump": break  // it reads no clock
        case let operation: Issue.record("unknown: \(operation)")
        }
        try compare(step, key, cost, allowed: allowed, denied: denied, at: now)
    }

    private func compare(
        _ step: JSONValue, _ key: String, _ cost: Int, allowed: Int, denied: Int, at now: Instant
    ) throws {
        let expected = try #require(step["expect"])
        let place = Comment(rawValue: "at \(step.int("at") ?? 0)")
        let standings = limiter.withLock { $0.standings(key, at: now) }
        let check = limiter.withLock { $0.check(key, cost, at: now) }
        for member in expected.members ?? [] {
            switch member.name {
            case "allowed": #expect(allowed == expected.int("allowed"), place)
            case "denied": #expect(denied == expected.int("denied"), place)
            case "remaining": #expect(standings.map(\.remaining).min() == expected.int("remaining"), place)
            case "nextFreeMs": #expect(standings.map(\.nextFree).max() == expected.span("nextFreeMs"), place)
            case "retryAfterMs": #expect(check.wait(from: now) == expected.span("retryAfterMs"), place)
            case "violated": #expect(violated == expected["violated"]?.array?.compactMap(\.string), place)
            case "trackedKeys": #expect(limiter.withLock { $0.trackedKeys } == expected.int("trackedKeys"), place)
            case "headers":
                let isDenied = step["denied"] == .bool(true)
                let headers = RateLimitHeaders(standings, wait: isDenied ? check.wait(from: now) : nil)
                let wanted = try #require(expected["headers"])
                #expect(headers.policy == wanted["RateLimit-Policy"]?.string, place)
                #expect(headers.limit == wanted["RateLimit"]?.string, place)
                #expect(headers.retryAfter == wanted["Retry-After"]?.string, place)
            case let name: Issue.record("unknown: \(name)")
            }
        }
    }
}

/// A limiter behind a lock, as the router holds it.
private final class SharedLimiter: Sendable {
    private let limiter: Mutex<Limiter>

    init(_ limiter: Limiter) { self.limiter = Mutex(limiter) }

    func withLock<Result>(_ body: (inout Limiter) -> Result) -> Result { limiter.withLock { body(&$0) } }

    /// How many of so many takes passed.
    func take(_ key: String, threads: Int, at now: Instant) -> Int {
        let passed = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            if limiter.withLock({ $0.take(key, 1, at: now) }) == .taken { passed.add(1, ordering: .relaxed) }
        }
        return passed.load(ordering: .relaxed)
    }
}

extension WindowSet.Take {
    /// Zero: it passes now. nil: never.
    fileprivate func wait(from now: Instant) -> Duration? {
        switch self {
        case .taken: .zero
        case .refused(let until, _): until.map { $0 - now }
        }
    }
}

/// The product's windows, put together as a scenario's configuration wants them.
private enum Limiter: Sendable {
    /// One window for each key.
    case keyed(KeyedWindows<String>)
    /// Several windows for each key.
    case sets([WindowSet.Policy], [String: WindowSet])
    /// Windows with keys of different width: the same check, then charge, that `WindowSet` makes.
    case mixed([(policy: WindowSet.Policy, byKey: Bool, windows: KeyedWindows<String>)])

    init(_ config: JSONValue) throws {
        guard let list = config["policies"]?.array else {
            self = .keyed(KeyedWindows(try Self.settings(config), capacity: 100_000))
            return
        }
        let policies = try list.map { WindowSet.Policy(name: $0["name"]?.string ?? "", try Self.settings($0)) }
        let byKey = list.map { $0["by"]?.string == "key" }
        if byKey.allSatisfy({ $0 }) {
            self = .sets(policies, [:])
        } else {
            self = .mixed(zip(policies, byKey).map { ($0, $1, KeyedWindows($0.settings, capacity: 100_000)) })
        }
    }

    private static func settings(_ json: JSONValue) throws -> WindowSettings {
        WindowSettings(limit: try #require(json.int("limit")), window: try #require(json.span("windowMs")))
    }

    mutating func take(_ key: String, _ cost: Int, at now: Instant) -> WindowSet.Take {
        switch self {
        case .keyed(var windows):
            self = .sets([], [:])  // so that the windows are not copied
            let answer = windows.take(key, cost: cost, at: now)
            self = .keyed(windows)
            return Self.named(answer)
        case .sets(let policies, var sets):
            let answer = sets[key, default: WindowSet(policies)].take(cost, at: now)
            self = .sets(policies, sets)
            return answer
        case .mixed(var parts):
            let answer = check(key, cost, at: now)
            guard answer == .taken else { return answer }
            for index in parts.indices {
                _ = parts[index].windows.take(parts[index].byKey ? key : "", cost: cost, at: now)
            }
            self = .mixed(parts)
            return answer
        }
    }

    func check(_ key: String, _ cost: Int, at now: Instant) -> WindowSet.Take {
        switch self {
        case .keyed(let windows): return Self.named(windows.check(key, cost: cost, at: now))
        case .sets(let policies, let sets): return (sets[key] ?? WindowSet(policies)).check(cost, at: now)
        case .mixed(let parts):
            var names: [String] = []
            for part in parts where part.windows.check(part.byKey ? key : "", cost: cost, at: now) != .taken {
                names.append(part.policy.name)
            }
            return names.isEmpty ? .taken : .refused(until: nil, violated: names)
        }
    }

    func standings(_ key: String, at now: Instant) -> [WindowStanding] {
        switch self {
        case .keyed(let windows):
            [
                WindowStanding(
                    name: "default", settings: windows.settings, remaining: windows.remaining(key, at: now),
                    nextFree: windows.nextFree(key, at: now))
            ]
        case .sets(let policies, let sets): (sets[key] ?? WindowSet(policies)).standings(at: now)
        case .mixed: []
        }
    }

    var trackedKeys: Int? {
        if case .keyed(let windows) = self { windows.trackedKeys } else { nil }
    }

    mutating func forgetIdle(at now: Instant) {
        guard case .keyed(var windows) = self else { return }
        windows.forgetIdle(at: now)
        self = .keyed(windows)
    }

    private static func named(_ take: SlidingWindow.Take) -> WindowSet.Take {
        switch take {
        case .taken: .taken
        case .refused(let until): .refused(until: until, violated: ["default"])
        }
    }
}
