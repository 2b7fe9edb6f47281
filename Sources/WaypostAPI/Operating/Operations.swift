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
    private let once: OnceOnly
    private let gates: ProviderGates
    private let dispatcher: Dispatcher
    private let time: any TimeSource
    private let active: Mutex<[Override]>

    /// `kept`: the overrides that the store holds from earlier runs; those still valid are put in force.
    package init(
        program: Program, commits: CommitQueue, once: OnceOnly, gates: ProviderGates, dispatcher: Dispatcher,
        time: any TimeSource, kept: [Override]
    ) {
        self.program = program
        self.commits = commits
        self.once = once
        self.gates = gates
        self.dispatcher = dispatcher
        self.time = time
        active = Mutex(kept)
        expire()
        for override in overrides {
            if let provider = ProviderName(override.target) { apply(Self.hold(of: .put(override)), to: provider) }
        }
    }

    package var overrides: [Override] { active.withLock { $0 } }

    func reload() -> [String] { program.reload() }
    func configuration() -> [UInt8] { program.configuration() }
    func probe(_ provider: ProviderName, then: @escaping @Sendable (ProviderHealth) -> Void) {
        program.probe(provider, then)
    }

    /// One step by hand on a provider.
    enum Step: Sendable {
        case put(Override)
        /// Lifts what holds it in that way; without a channel on all of them.
        case lift(Override.Kind, Channel?)
    }

    /// Keeps a step, then puts it in force. `answer` is asked inside the transaction how the provider will stand then, so that
    /// what is kept under the key is what is answered. Without a value: there is no such provider any more.
    func take(
        _ step: Step, on provider: ProviderName, under key: IdempotencyRecord?,
        answer: @escaping @Sendable (ProviderGates.Snapshot) -> StoredAnswer,
        then: @escaping @Sendable (Result<OnceOnly.Outcome<StoredAnswer?>, IntakeRefusal>) -> Void
    ) {
        let hold = Self.hold(of: step)
        once.submit("override", under: key) {
            [gates, time] session -> (StoredAnswer?, answer: StoredAnswer?) in
            guard let snapshot = gates.snapshot(of: provider, after: hold, at: time.now) else { return (nil, nil) }
            let answer = answer(snapshot)
            switch step {
            case .put(let override):
                try session.put(override)
                return (answer, answer)
            case .lift(let kind, let channel):
                let isLifted = try session.lift(kind, target: provider.text, channel: channel)
                return (answer, isLifted ? answer : nil)
            }
        } then: { [self] result in
            if case .success(.made(_?, _)) = result { enforce(step, hold, on: provider) }
            then(result)
        }
    }

    private func enforce(_ step: Step, _ hold: ProviderGates.Hold, on provider: ProviderName) {
        active.withLock { active in
            switch step {
            case .put(let override):
                active.removeAll {
                    $0.kind == override.kind && $0.target == override.target && $0.channel == override.channel
                }
                active.insert(override, at: 0)
            case .lift(let kind, let channel):
                active.removeAll {
                    $0.kind == kind && $0.target == provider.text
                        && (channel == nil || $0.channel == nil || $0.channel == channel)
                }
            }
        }
        apply(hold, to: provider)
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
        apply(Self.hold(of: .lift(lifted.kind, lifted.channel)), to: provider)
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

    private func apply(_ hold: ProviderGates.Hold, to provider: ProviderName) {
        gates.apply(hold, to: provider, at: time.now)
        dispatcher.stir()
    }

    private static func hold(of step: Step) -> ProviderGates.Hold {
        switch step {
        case .put(let override):
            switch override.kind {
            case .providerDisabled: .disabled(override.reason.isEmpty ? "by an operator" : override.reason)
            case .breakerHeld: .breaker(override.channel, open: override.state == "open")
            }
        case .lift(.providerDisabled, _): .disabled(nil)
        case .lift(.breakerHeld, let channel): .breaker(channel, open: nil)
        }
    }
}
