import Testing
import WaypostCore
import WaypostPolicy

@Suite struct FailoverPairsTests {
    private func pairs(_ route: RouteSettings) -> Set<String> { Set(route.failoverPairs.map { "\($0.from)>\($0.to)" }) }

    @Test func `by priority a message goes on to those behind`() {
        #expect(pairs(RouteSettings(providers: ["a"])).isEmpty)
        #expect(pairs(RouteSettings(providers: ["a", "b", "c"])) == ["a>b", "a>c", "b>c"])
    }

    @Test func `by any other strategy it goes from each to each`() {
        var route = RouteSettings(providers: ["a", "b"])
        route.strategy = .weighted
        #expect(pairs(route) == ["a>b", "b>a"])
    }

    @Test func `rules have their own ways`() {
        var route = RouteSettings(providers: ["a", "b"])
        route.rules = [.init(match: .init(), providers: ["c", "a"])]
        #expect(pairs(route) == ["a>b", "c>a"])
        route.rules[0].strategy = .roundRobin
        #expect(pairs(route) == ["a>b", "c>a", "a>c"])
    }

    @Test func `of many only the likely ones are named`() {
        let names = (0..<50).map { ProviderName(stringLiteral: "p\($0)") }
        let named = RouteSettings(providers: names).failoverPairs
        #expect(named.count == 49 + 48)
        #expect(named.contains(.init(from: "p0", to: "p49")))
        #expect(named.contains(.init(from: "p7", to: "p8")))
        #expect(!named.contains(.init(from: "p7", to: "p9")))
    }
}
