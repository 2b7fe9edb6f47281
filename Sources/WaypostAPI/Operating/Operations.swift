import Synchronization
import WaypostCore
import WaypostDelivery
import WaypostStore

/// What operators can do to the running router, beyond its messages: the store keeps it, the gates obey it, and it lifts
/// itself when its time is up.
package final class Operations: Sendable {
    /// What only the program around the API can do.
    package struct Program: Sendable {
        /// Applies the configuration file anew, whole or not at all; the problems where it was not applied.
        package var reload: @Sendable () -> [String]
        /// The configuration in force as JSON, secrets masked.
        package var configuration: @Sendable () -> [UInt8]
        /// Asks one provider whether it works: nil is healthy.
        package var probe: @Sendable (ProviderName, @escaping @Sendable (ProviderHealth) -> Void) -> Void

        package init(
            reload: @escaping @Sendable () -> [String], configuration: @escaping @Sendable () -> [UInt8],
            probe: @escaping @Sendable (ProviderName, @escaping @Sendable (ProviderHealth) -> Void) -> Void
        ) {
            self.reload = reload
            self.configuration = configuration
            self.probe = probe
        }
    }

    private let program: Program
    private let commits: CommitQueue
    private let gates: ProviderGates
    private let dispatcher: Dispatcher
    private let time: any TimeSource
    private let active: Mutex<[Override]>

    /// `kept`: the overrides that the store holds from earlier runs; those still valid are put in force.
    package init(
        program: Program, commits: CommitQueue, gates: ProviderGates, dispatcher: Dispatcher, time: any TimeSource,
        kept: [Override]
    ) {
        self.program = program
        self.commits = commits
        self.gates = gates
        self.dispatcher = dispatcher
        self.time = time
        active = Mutex(kept)
        expire()
        for override in overrides { enforce(override) }
    }

    package var overrides: [Override] { active.withLock { $0 } }

    func reload() -> [String] { program.reload() }
    func configuration() -> [UInt8] { program.configuration() }
    func probe(_ provider: ProviderName, then: @escaping @Sendable (ProviderHealth) -> Void) {
        program.probe(provider, then)
    }

    /// Keeps an override, then puts it in force.
    func put(_ override: Override, then: @escaping @Sendable (Bool) -> Void) {
        commits.submit("override", .refuse) {
            try $0.put(override)
        } then: { [self] result in
            guard case .success = result else { return then(false) }
            active.withLock { active in
                active.removeAll {
                    $0.kind == override.kind && $0.target == override.target && $0.channel == override.channel
                }
                active.insert(override, at: 0)
            }
            enforce(override)
            then(true)
        }
    }

    /// Lifts what holds a provider in that way; `channel` nil is all of them.
    func lift(
        _ kind: Override.Kind, _ provider: ProviderName, channel: Channel?, then: @escaping @Sendable (Bool) -> Void
    ) {
        commits.submit("override", .refuse) {
            try $0.lift(kind, target: provider.text, channel: channel)
        } then: { [self] result in
            guard case .success = result else { return then(false) }
            active.withLock { active in
                active.removeAll {
                    $0.kind == kind && $0.target == provider.text
                        && (channel == nil || $0.channel == nil || $0.channel == channel)
                }
            }
            release(kind, provider, channel)
            then(true)
        }
    }

    /// nil: the store cannot do it now; false: there is none of that id.
    func lift(_ id: OverrideID, then: @escaping @Sendable (Bool?) -> Void) {
        commits.submit("override", .refuse) {
            try $0.lift(id)
        } then: { [self] result in
            guard case .success = result else { return then(nil) }
            then(remove(id))
        }
    }

    @discardableResult
    private func remove(_ id: OverrideID) -> Bool {
        let lifted = active.withLock { active in
            active.firstIndex { $0.id == id }.map { active.remove(at: $0) }
        }
        guard let lifted, let provider = ProviderName(lifted.target) else { return false }
        release(lifted.kind, provider, lifted.channel)
        return true
    }

    /// Lifts what has had its time; called every second.
    package func expire() {
        let now = time.wallNow
        let over = active.withLock { $0.filter { ($0.expiresAt ?? now + .seconds(1)) <= now } }
        for override in over {
            remove(override.id)
            commits.submit("override", .insist) {
                try $0.lift(override.id)
            } then: { _ in
            }
        }
    }

    private func enforce(_ override: Override) {
        guard let provider = ProviderName(override.target) else { return }
        switch override.kind {
        case .providerDisabled: gates.disable(provider, override.reason.isEmpty ? "by an operator" : override.reason)
        case .breakerHeld:
            gates.holdBreaker(provider, on: override.channel, open: override.state == "open", at: time.now)
        }
        dispatcher.stir()
    }

    private func release(_ kind: Override.Kind, _ provider: ProviderName, _ channel: Channel?) {
        switch kind {
        case .providerDisabled: gates.disable(provider, nil)
        case .breakerHeld: gates.holdBreaker(provider, on: channel, open: nil, at: time.now)
        }
        dispatcher.stir()
    }
}
