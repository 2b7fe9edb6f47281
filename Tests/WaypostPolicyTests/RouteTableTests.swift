import Testing
import WaypostCore
import WaypostPolicy

@Suite struct RouteTableTests {
    private static let all: [ProviderName] = ["a", "b", "c"]
    private let query = RouteQuery(channel: .email, type: .notification, client: "shop")

    private func table(
        _ strategy: Strategy, gates: [ProviderName: GateSettings] = [:]
    ) -> RouteTable {
        var route = RouteSettings(providers: Self.all)
        route.strategy = strategy
        return RouteTable([.email: route], gates: gates)
    }

    private func gates(_ change: (ProviderName, inout GateSettings) -> Void) -> [ProviderName: GateSettings] {
        Dictionary(
            uniqueKeysWithValues: Self.all.map { name in
                var settings = GateSettings()
                change(name, &settings)
                return (name, settings)
            })
    }

    private func order(_ table: RouteTable, _ inputs: StrategyInputs = StrategyInputs()) throws -> [ProviderName] {
        try #require(table.candidates(for: query, inputs: inputs)).providers
    }

    @Test func `priority is the configured order, whatever is measured`() throws {
        let inputs = StrategyInputs(latencies: ["a": .seconds(9), "c": .zero], turn: 2, random: 9)
        #expect(try order(table(.priority), inputs) == ["a", "b", "c"])
        let turned = RouteTable([.email: RouteSettings(providers: ["c", "b", "a"])])
        #expect(try order(turned, inputs) == ["c", "b", "a"])
    }

    @Test(arguments: [
        (0, ["a", "b", "c"]), (1, ["b", "c", "a"]), (2, ["c", "a", "b"]), (3, ["a", "b", "c"]),
    ])
    func `round robin begins one further with each message`(turn: Int, expected: [String]) throws {
        #expect(try order(table(.roundRobin), StrategyInputs(turn: UInt64(turn))).map(\.text) == expected)
    }

    @Test func `round robin goes on where the count of messages wraps`() throws {
        #expect(try order(table(.roundRobin), StrategyInputs(turn: .max)) == ["a", "b", "c"])
    }

    @Test func `weighted shares the first place by weight, and flips with the weights`() throws {
        func shares(_ weights: [ProviderName: Int]) throws -> [ProviderName: Int] {
            let table = table(.weighted, gates: gates { $1.weight = weights[$0] ?? 1 })
            var firsts: [ProviderName: Int] = [:]
            for random in 0..<10_000 as Range<UInt64> {
                let order = try order(table, StrategyInputs(random: random))
                #expect(Set(order) == Set(Self.all))
                firsts[order[0], default: 0] += 1
            }
            return firsts
        }
        let mostlyA = try shares(["a": 8, "b": 1, "c": 1])
        #expect((7_800...8_200).contains(mostlyA["a"] ?? 0))
        #expect((850...1_150).contains(mostlyA["b"] ?? 0))
        let mostlyC = try shares(["a": 1, "b": 1, "c": 8])
        #expect((7_800...8_200).contains(mostlyC["c"] ?? 0))
    }

    @Test func `weight 0 is the last resort, and the same number gives the same order`() throws {
        let table = table(.weighted, gates: gates { $1.weight = $0 == "a" ? 0 : 5 })
        for random in 0..<500 as Range<UInt64> {
            let inputs = StrategyInputs(random: random)
            #expect(try order(table, inputs).last == "a")
            #expect(try order(table, inputs) == order(table, inputs))
        }
    }

    @Test func `least cost flips with the country, equals keep their order and no price costs nothing`() throws {
        let prices: [ProviderName: GateSettings.Price] = [
            "a": .init(perMessage: 100, currency: "EUR", countries: ["NL": 900]),
            "b": .init(perMessage: 500, currency: "EUR"), "c": .init(perMessage: 500, currency: "EUR"),
        ]
        let table = table(.leastCost, gates: gates { $1.price = prices[$0] })
        var query = query
        #expect(table.candidates(for: query, inputs: .init())?.providers == ["a", "b", "c"])
        query.country = "NL"
        #expect(table.candidates(for: query, inputs: .init())?.providers == ["b", "c", "a"])
        let free = self.table(.leastCost, gates: gates { $1.price = $0 == "c" ? nil : prices[$0] })
        #expect(try order(free) == ["c", "a", "b"])
    }

    @Test func `fastest flips with the latencies, and who is not measured comes first`() throws {
        let table = table(.fastest)
        let early = StrategyInputs(latencies: ["a": .milliseconds(10), "b": .milliseconds(20), "c": .milliseconds(30)])
        #expect(try order(table, early) == ["a", "b", "c"])
        let late = StrategyInputs(latencies: ["a": .milliseconds(40), "b": .milliseconds(20), "c": .milliseconds(30)])
        #expect(try order(table, late) == ["b", "c", "a"])
        #expect(try order(table, StrategyInputs(latencies: ["a": .milliseconds(1)])) == ["b", "c", "a"])
    }

    @Test func `a channel without a route has no candidates`() {
        let query = RouteQuery(channel: .sms, type: .notification, client: "shop")
        #expect(table(.priority).candidates(for: query, inputs: .init()) == nil)
    }

    @Test func `what happens to a doubtful attempt: the message's word, then the route's, then the type's`() {
        var route = RouteSettings(providers: Self.all)
        route.onAmbiguous = [.transactional: .hold]
        let table = RouteTable([.email: route])
        #expect(table.ambiguityPolicy(for: .transactional, on: .email, override: .reconcile) == .reconcile)
        #expect(table.ambiguityPolicy(for: .transactional, on: .email) == .hold)
        #expect(table.ambiguityPolicy(for: .transactional, on: .sms) == .resend)
        #expect(table.ambiguityPolicy(for: .notification, on: .email) == .reconcile)
        #expect(table.ambiguityPolicy(for: .marketing, on: .email) == .reconcile)
    }
}

@Suite struct RouteRulesTests {
    /// One provider for each rule, so that the answer names the rule.
    private static let table: RouteTable = {
        func rule(_ provider: ProviderName, _ change: (inout RouteSettings.Rule.Match) -> Void) -> RouteSettings.Rule {
            var match = RouteSettings.Rule.Match()
            change(&match)
            return RouteSettings.Rule(match: match, providers: [provider])
        }
        var route = RouteSettings(providers: ["default"])
        route.rules = [
            rule("dutch-shop") {
                $0.countries = ["NL", "BE"]
                $0.clients = ["shop"]
            },
            rule("dutch") { $0.countries = ["NL"] },
            rule("marketing") { $0.types = [.marketing] },
            rule("crm") { $0.clients = ["crm"] },
            rule("tagged") { $0.tags = ["x", "y"] },
            rule("ios") { $0.platforms = ["ios"] },
        ]
        return RouteTable([.email: route])
    }()

    private static func query(_ change: (inout RouteQuery) -> Void) -> RouteQuery {
        var query = RouteQuery(channel: .email, type: .notification, client: "erp")
        change(&query)
        return query
    }

    private static let cases: [(query: RouteQuery, rule: Int?, provider: ProviderName)] = [
        (query { _ in }, nil, "default"),
        (query { $0.country = "BE" }, nil, "default"),
        (query { ($0.country, $0.client) = ("BE", "shop") }, 0, "dutch-shop"),
        (query { ($0.country, $0.client) = ("NL", "shop") }, 0, "dutch-shop"),
        (query { $0.client = "shop" }, nil, "default"),
        (query { $0.country = "NL" }, 1, "dutch"),
        (query { ($0.country, $0.type) = ("NL", .marketing) }, 1, "dutch"),
        (query { $0.type = .marketing }, 2, "marketing"),
        (query { ($0.type, $0.client) = (.marketing, "crm") }, 2, "marketing"),
        (query { $0.client = "crm" }, 3, "crm"),
        (query { $0.tags = ["z", "y"] }, 4, "tagged"),
        (query { $0.tags = ["z"] }, nil, "default"),
        (query { $0.platform = "ios" }, 5, "ios"),
        (query { $0.platform = "android" }, nil, "default"),
    ]

    @Test(arguments: cases.indices)
    func `the first rule whose every condition holds decides`(index: Int) throws {
        let (query, rule, provider) = Self.cases[index]
        let candidates = try #require(Self.table.candidates(for: query, inputs: .init()))
        #expect(candidates.rule == rule)
        #expect(candidates.providers == [provider])
    }

    @Test func `a rule may name its own strategy, and else takes the route's`() throws {
        var match = RouteSettings.Rule.Match()
        match.types = [.marketing]
        var route = RouteSettings(providers: ["a", "b"])
        route.strategy = .roundRobin
        route.rules = [RouteSettings.Rule(match: match, providers: ["c", "d"])]
        let query = Self.query { $0.type = .marketing }
        let inputs = StrategyInputs(turn: 1)
        let inherited = try #require(RouteTable([.email: route]).candidates(for: query, inputs: inputs))
        #expect(inherited.providers == ["d", "c"])
        #expect(inherited.strategy == .roundRobin)
        route.rules[0].strategy = .priority
        let own = try #require(RouteTable([.email: route]).candidates(for: query, inputs: inputs))
        #expect(own.providers == ["c", "d"])
        #expect(own.strategy == .priority)
    }
}
