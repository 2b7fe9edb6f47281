import WaypostCore

extension RouteSettings {
    /// From whom to whom a message of this route may go on.
    package struct FailoverPair: Hashable, Sendable {
        package var from: ProviderName
        package var to: ProviderName

        package init(from: ProviderName, to: ProviderName) {
            self.from = from
            self.to = to
        }
    }

    /// Every pair that can come about, by the route itself or by one of its rules: with `priority` from each to those after
    /// it, with the other strategies from each to each. Of more than four providers only those that begin at the first, or
    /// go from each to the next: the others come about when several are out at once, and are too many to name beforehand.
    package var failoverPairs: Set<FailoverPair> {
        var pairs = Set<FailoverPair>()
        let ways = [(providers, strategy)] + rules.map { ($0.providers, $0.strategy ?? strategy) }
        for (providers, strategy) in ways {
            for (place, from) in providers.enumerated() {
                for (other, to) in providers.enumerated() where from != to {
                    let isNear = providers.count <= 4 || place == 0 || other == place + 1
                    if isNear, other > place || strategy != .priority { pairs.insert(.init(from: from, to: to)) }
                }
            }
        }
        return pairs
    }
}
