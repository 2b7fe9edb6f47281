import WaypostCore

/// What routing looks at in a message.
package struct RouteQuery: Equatable, Sendable {
    package var channel: Channel
    package var type: MessageType
    package var client: ClientName
    package var tags: [String]
    /// Of the recipient, ISO 3166 alpha-2; nil where it is not known.
    package var country: String?
    /// Of the recipient's device (`ios`, `android`, `web`); nil where there is none.
    package var platform: String?

    package init(
        channel: Channel, type: MessageType, client: ClientName, tags: [String] = [], country: String? = nil,
        platform: String? = nil
    ) {
        self.channel = channel
        self.type = type
        self.client = client
        self.tags = tags
        self.country = country
        self.platform = platform
    }
}

/// The measurements and the chance that strategies need.
package struct StrategyInputs: Sendable {
    /// Moving averages of attempt durations, for `fastest`; a provider without a recent one is left out.
    package var latencies: [ProviderName: Duration]
    /// Counts the messages of the route, for `roundRobin`.
    package var turn: UInt64
    /// Decides `weighted`: the same number gives the same order.
    package var random: UInt64

    package init(latencies: [ProviderName: Duration] = [:], turn: UInt64 = 0, random: UInt64 = 0) {
        self.latencies = latencies
        self.turn = turn
        self.random = random
    }
}

/// Who may be asked to carry a message, best first, and why in this order.
package struct Candidates: Equatable, Sendable {
    package let providers: [ProviderName]
    /// The index of the rule that matched; nil: the route itself.
    package let rule: Int?
    package let strategy: Strategy

    /// For a channel without a route.
    package static let none = Candidates(providers: [], rule: nil, strategy: .priority)
}

/// Finds the candidates for a message: rules, first match wins, then the order of the strategy.
package struct RouteTable: Sendable {
    private let routes: [Channel: RouteSettings]
    private let weights: [ProviderName: Int]
    private let prices: [ProviderName: GateSettings.Price]

    package init(_ routes: [Channel: RouteSettings], gates: [ProviderName: GateSettings] = [:]) {
        self.routes = routes
        weights = gates.mapValues { max(0, $0.weight) }
        prices = gates.compactMapValues(\.price)
    }

    /// nil: the channel has no route. Disabled, resting and unable providers are still among the candidates; passing
    /// them over is for the gates.
    package func candidates(for query: RouteQuery, inputs: StrategyInputs) -> Candidates? {
        guard let route = routes[query.channel] else { return nil }
        guard let index = route.rules.firstIndex(where: { $0.match.holds(for: query) }) else {
            return Candidates(
                providers: order(route.providers, by: route.strategy, for: query, inputs), rule: nil,
                strategy: route.strategy)
        }
        let rule = route.rules[index]
        let strategy = rule.strategy ?? route.strategy
        return Candidates(
            providers: order(rule.providers, by: strategy, for: query, inputs), rule: index, strategy: strategy)
    }

    /// What happens to an attempt of unknown outcome: as the message says, else its route for the type, else
    /// transactional messages are sent again and others reconciled.
    package func ambiguityPolicy(
        for type: MessageType, on channel: Channel, override: AmbiguityPolicy? = nil
    ) -> AmbiguityPolicy {
        override ?? routes[channel]?.onAmbiguous[type] ?? (type == .transactional ? .resend : .reconcile)
    }

    private func order(
        _ providers: [ProviderName], by strategy: Strategy, for query: RouteQuery, _ inputs: StrategyInputs
    ) -> [ProviderName] {
        guard providers.count > 1 else { return providers }
        switch strategy {
        case .priority:
            return providers
        case .roundRobin:
            let first = Int(inputs.turn % UInt64(providers.count))
            return Array(providers[first...] + providers[..<first])
        case .weighted:
            return shuffled(providers, random: inputs.random)
        case .leastCost:
            // An entry without a price costs nothing (contract: configuration, `price`).
            return sorted(providers) { prices[$0]?.micros(country: query.country) ?? 0 }
        case .fastest:
            // The unmeasured come first: a provider that is never tried can never prove to be the fastest.
            return sorted(providers) { inputs.latencies[$0] ?? .zero }
        }
    }

    /// Smallest first; equals keep the configured order.
    private func sorted(
        _ providers: [ProviderName], by value: (ProviderName) -> some Comparable
    ) -> [ProviderName] {
        let ranked = providers.map { (provider: $0, value: value($0)) }
        return ranked.enumerated().sorted {
            ($0.element.value, $0.offset) < ($1.element.value, $1.offset)
        }.map(\.element.provider)
    }

    /// Draws without replacement, each draw by weight among those left; those of weight 0 come last, as configured.
    private func shuffled(_ providers: [ProviderName], random: UInt64) -> [ProviderName] {
        var generator = SplitMix64(seed: random)
        var left = providers.map { (provider: $0, weight: weights[$0] ?? 1) }
        var order: [ProviderName] = []
        var total = left.reduce(0) { $0 + $1.weight }
        while total > 0 {
            var ticket = Int.random(in: 0..<total, using: &generator)
            let drawn = left.firstIndex { entry in
                ticket -= entry.weight
                return ticket < 0
            }
            guard let drawn else { break }
            total -= left[drawn].weight
            order.append(left.remove(at: drawn).provider)
        }
        return order + left.map(\.provider)
    }
}

extension RouteSettings.Rule.Match {
    /// Every condition that is set holds. A message whose value is not known fails a condition on it.
    func holds(for query: RouteQuery) -> Bool {
        (countries.isEmpty || query.country.map(countries.contains) ?? false)
            && (types.isEmpty || types.contains(query.type))
            && (clients.isEmpty || clients.contains(query.client.text))
            && (tags.isEmpty || tags.contains { query.tags.contains($0) })
            && (platforms.isEmpty || query.platform.map(platforms.contains) ?? false)
    }
}

/// Spreads one number into many (https://prng.di.unimi.it/splitmix64.c).
private struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
