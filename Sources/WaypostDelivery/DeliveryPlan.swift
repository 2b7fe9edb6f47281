import WaypostCore
import WaypostPolicy
import WaypostProviders
import WaypostStore
import WaypostTemplates

/// Everything the configuration says about the way of a message, as one value that a reload replaces whole.
package struct DeliveryPlan: Sendable {
    /// Of the configuration it was made from; decisions name it.
    package var version: String
    package var routes: RouteTable
    /// What the table was made from.
    package var routeSettings: [Channel: RouteSettings]
    package var providers: [ProviderName: any Provider]
    package var gates: [ProviderName: GateSettings]
    package var settings: DeliverySettings
    package var limits: LimitSettings
    package var policy: PolicySettings
    package var templates: TemplateBook
    /// Where providers call back, without a slash at its end.
    package var publicURL: String
    package var callbacks: CallbackSettings
    /// Deliveries that may wait; over it new ones are refused.
    package var maxQueued: Int
    /// What receipts depend on.
    package let receiptRules: ReceiptRules

    package init(
        version: String, routes: [Channel: RouteSettings], providers: [ProviderName: any Provider],
        gates: [ProviderName: GateSettings], settings: DeliverySettings, limits: LimitSettings,
        policy: PolicySettings = PolicySettings(), templates: TemplateBook = TemplateBook(), publicURL: String,
        callbacks: CallbackSettings = CallbackSettings(), maxQueued: Int
    ) {
        self.version = version
        self.routes = RouteTable(routes, gates: gates)
        routeSettings = routes
        self.providers = providers
        self.gates = gates
        self.settings = settings
        self.limits = limits
        self.policy = policy
        self.templates = templates
        self.publicURL = publicURL
        self.callbacks = callbacks
        self.maxQueued = maxQueued
        let table = self.routes
        receiptRules = ReceiptRules(reporting: Set(providers.values.filter(\.reportsDelivery).map(\.name))) { body in
            guard let message = try? Message(decoding: body) else { return .hold }
            return message.ambiguityPolicy(in: table)
        }
    }

    /// Whom each channel may go to, rules included, best first.
    package var providersByChannel: [Channel: [ProviderName]] {
        routeSettings.mapValues { route in
            route.rules.flatMap(\.providers).reduce(into: route.providers) { all, name in
                if !all.contains(name) { all.append(name) }
            }
        }
    }

    /// Measuring for nobody would be work for nothing.
    func needsLatencies(for channel: Channel) -> Bool {
        guard let route = routeSettings[channel] else { return false }
        return route.strategy == .fastest || route.rules.contains { $0.strategy == .fastest }
    }
}
