import WaypostCore
import WaypostStore

/// What operators hold against the ordinary course, as one value that decisions are asked of. Of two that are about the same
/// the newer counts.
package struct Interventions: Equatable, Sendable {
    /// Newest first; each kind, target and channel once, so that there are few.
    private let overrides: [Override]

    package init(_ overrides: [Override] = []) { self.overrides = overrides }

    package var isEmpty: Bool { overrides.isEmpty }

    /// Why nothing leaves on a channel; nil: sending goes on.
    package func stop(on channel: Channel) -> Override? { first(.stopSending, on: channel) }

    /// The provider of a channel that its backups stand in for.
    package func passedOver(on channel: Channel) -> (provider: ProviderName, Override)? {
        guard let override = first(.switchToBackup, on: channel), let name = ProviderName(override.target) else {
            return nil
        }
        return (name, override)
    }

    /// Why a provider is disabled by hand; nil: it is not.
    package func disabled(_ provider: ProviderName) -> String? {
        guard !isEmpty else { return nil }
        let override = overrides.first { $0.kind == .providerDisabled && $0.target == provider.text }
        return override.map { $0.reason.isEmpty ? "by an operator" : $0.reason }
    }

    /// Whether a breaker is held open (`true`) or closed; nil: it decides by itself.
    package func breaker(of provider: ProviderName, on channel: Channel) -> Bool? {
        guard !isEmpty else { return nil }
        return overrides.lazy.compactMap { override -> Bool? in
            guard override.channel == nil || override.channel == channel else { return nil }
            switch override.kind {
            case .breakerHeld where override.target == provider.text: return override.state == "open"
            case .openBreakers where [provider.text, Override.everything].contains(override.target): return true
            default: return nil
            }
        }.first
    }

    private func first(_ kind: Override.Kind, on channel: Channel) -> Override? {
        guard !isEmpty else { return nil }
        return overrides.first { $0.kind == kind && ($0.channel == nil || $0.channel == channel) }
    }
}
