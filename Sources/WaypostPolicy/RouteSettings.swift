import WaypostCore

/// In which order a route's providers are tried.
package enum Strategy: String, CaseIterable, Sendable {
    case priority, weighted
    case roundRobin = "round_robin"
    case leastCost = "least_cost"
    case fastest
}

/// The way of one channel (contract: configuration, `routes`).
package struct RouteSettings: Equatable, Sendable {
    package var providers: [ProviderName]
    package var strategy: Strategy = .priority
    /// The first that matches replaces the providers, and the strategy where it names one.
    package var rules: [Rule] = []
    package var onAmbiguous: [MessageType: AmbiguityPolicy] = [:]
    package init(providers: [ProviderName]) { self.providers = providers }

    package struct Rule: Equatable, Sendable {
        /// Each condition that is set must hold; a list holds when it has the message's value (for tags: any of them).
        package struct Match: Equatable, Sendable {
            package var countries: [String] = []
            package var types: [MessageType] = []
            package var clients: [String] = []
            package var tags: [String] = []
            package var platforms: [String] = []
            package init() {}
        }
        package var match: Match
        package var providers: [ProviderName]
        package var strategy: Strategy?
        package init(match: Match, providers: [ProviderName]) {
            self.match = match
            self.providers = providers
        }
    }
}
