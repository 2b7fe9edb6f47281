import WaypostCore

/// What the configuration says about callbacks beside the providers' own keys.
package struct CallbackSettings: Sendable {
    /// How far a signed time may lie off, by provider.
    package var tolerances: [ProviderName: Duration]
    /// Who else calls, by name.
    package var senders: [String: ForeignSender]

    package init(tolerances: [ProviderName: Duration] = [:], senders: [String: ForeignSender] = [:]) {
        self.tolerances = tolerances
        self.senders = senders
    }

    package func tolerance(of provider: ProviderName) -> Duration { tolerances[provider] ?? .seconds(600) }
}
