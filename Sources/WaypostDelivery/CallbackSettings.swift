import WaypostConfiguration
import WaypostCore

/// What the configuration says about callbacks beside the providers' own keys.
package struct CallbackSettings: Sendable {
    /// A sender that is none of the providers: signed in one of two common forms, verified and passed on.
    package struct Sender: Sendable {
        package enum Scheme: String, CaseIterable, Sendable { case stripe, standard }
        package var scheme: Scheme
        package var secret: Secret

        package init(scheme: Scheme, secret: Secret) {
            self.scheme = scheme
            self.secret = secret
        }
    }

    /// How far a signed time may lie off, by provider.
    package var tolerances: [ProviderName: Duration]
    /// By name.
    package var senders: [String: Sender]

    package init(tolerances: [ProviderName: Duration] = [:], senders: [String: Sender] = [:]) {
        self.tolerances = tolerances
        self.senders = senders
    }

    package func tolerance(of provider: ProviderName) -> Duration { tolerances[provider] ?? .seconds(600) }
}
