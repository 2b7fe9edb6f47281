import Synchronization
import WaypostCore
import WaypostDelivery
import WaypostStore

/// What operators can do to the running router, beyond its messages: the store keeps it, the steering obeys it, and it lifts
/// itself when its time is up. All of it goes to the audit trail.
package final class Operations: Sendable {
    /// What only the program around the API can do.
    package struct Program: Sendable {
        /// Applies the configuration file anew, whole or not at all, for whoever asks; the problems where it was not applied.
        package var reload: @Sendable (_ actor: String) -> [String]
        /// The configuration in force as JSON, secrets masked.
        package var configuration: @Sendable () -> [UInt8]
        /// Asks one provider whether it works: nil is healthy.
        package var probe: @Sendable (ProviderName, @escaping @Sendable (ProviderHealth) -> Void) -> Void

        package init(
            reload: @escaping @Sendable (_ actor: String) -> [String], configuration: @escaping @Sendable () -> [UInt8],
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
    private let steering: Steering
    private let dispatcher: Dispatcher
    private let time: any TimeSource
    /// Newest first.
    private let active: Mutex<[Override]>
    private let changed = Mutex<@Sendable () -> Void>({})
    /// Of the recipients' limits.
    let recipients: RecipientWindows
    let addresses: AddressKey
    let reader: OperatingReader

    /// `kept`: the overrides that the store holds from earlier runs; those still valid are put in force.
    package init(
        program: Program, commits: CommitQueue, once: OnceOnly, steering: Steering, dispatcher: Dispatcher,
        recipients: RecipientWindows, addresses: AddressKey, reader: OperatingReader, time: any TimeSource,
        kept: [Override]
    ) {
        self.program = program
        self.commits = commits
        self.once = once
        self.steering = steering
        self.dispatcher = dispatcher
        self.recipients = recipients
        self.addresses = addresses
        self.reader = reader
        self.time = time
        active = Mutex(kept)
        expire()
        enforce { _ in }
    }

    /// Who is told when what stands has changed.
    package func whenChanged(_ tell: @escaping @Sendable () -> Void) { changed.withLock { $0 = tell } }

    package var overrides: [Override] { active.withLock { $0 } }

    /// Applies the configuration file anew; on a thread that may block, until the trail has it, too.
    func reload(by actor: String) -> [String] {
        let problems = program.reload(actor)
        // The trail's row is before it in the queue.
        _ = try? commits.perform("audit") { _ in }
        return problems
    }
    func configuration() -> [UInt8] { program.configuration() }
    func probe(_ provider: ProviderName, then: @escaping @Sendable (ProviderHealth) -> Void) {
        program.probe(provider, then)
    }

    /// One step by hand: what stands from now on, what is lifted, and what the trail says of it.
    struct Step: Sendable {
        /// Each takes the place of any of its kind, target and channel.
        var puts: [Override] = []
        var lifts: @Sendable (Override) -> Bool = { _ in false }
        var audit: AuditEntry

        /// What stands after it.
        func applied(to active: [Override]) -> [Override] {
            puts + active.filter { old in !lifts(old) && !puts.contains { $0.replaces(old) } }
        }
    }

    /// Keeps a step, then puts it in force. `answer` is told inside the transaction what will stand then and what is lifted, so
    /// that what is kept under the key is what is answered. Without a value it is about what is not there any more.
    func take(
        _ step: Step, under key: IdempotencyRecord?,
        answer: @escaping @Sendable (Interventions, _ lifted: [Override]) -> StoredAnswer?,
        then: @escaping @Sendable (Result<OnceOnly.Outcome<StoredAnswer?>, IntakeRefusal>) -> Void
    ) {
        once.submit("override", under: key) { [self] session -> (StoredAnswer?, answer: StoredAnswer?) in
            let active = overrides
            let lifted = active.filter(step.lifts)
            guard let answer = answer(Interventions(step.applied(to: active)), lifted) else { return (nil, nil) }
            guard !step.puts.isEmpty || !lifted.isEmpty else { return (answer, nil) }
            for override in lifted { _ = try session.lift(override.id) }
            for override in step.puts { try session.put(override) }
            try session.audit(step.audit)
            return (answer, answer)
        } then: { [self] result in
            if case .success(.made(_?, _)) = result { enforce { $0 = step.applied(to: $0) } }
            then(result)
        }
    }

    /// nil: the store cannot do it now; false: there is none of that id.
    func lift(_ id: OverrideID, by actor: String, then: @escaping @Sendable (Bool?) -> Void) {
        commits.submit("override", .refuse) { [self] session in
            guard let override = overrides.first(where: { $0.id == id }), try session.lift(id) else { return false }
            try session.audit(override.lifted(.overrideLifted, by: actor))
            return true
        } then: { [self] result in
            guard let isLifted = try? result.get() else { return then(nil) }
            if isLifted { enforce { $0.removeAll { $0.id == id } } }
            then(isLifted)
        }
    }

    /// When the first has had its time; nil: none ends by itself.
    package var nextExpiry: Timestamp? { active.withLock { $0.lazy.compactMap(\.expiresAt).min() } }

    /// Lifts what has had its time; called every second, and when the next has.
    package func expire() {
        let now = time.wallNow
        let over = active.withLock { $0.filter { ($0.expiresAt ?? now + .seconds(1)) <= now } }
        guard !over.isEmpty else { return }
        enforce { active in active.removeAll { over.contains($0) } }
        for override in over {
            commits.submit("override", .insist) {
                if try $0.lift(override.id) { try $0.audit(override.lifted(.overrideExpired, by: AuditEntry.router)) }
            } then: { _ in
            }
        }
    }

    /// Empties windows, in all or of one provider or recipient. Returns nothing: what is empty already is well.
    func resetLimits(_ provider: ProviderName?, _ addresses: [Int64]?, _ scope: ResetScope) {
        if scope.providers { steering.gates.resetLimits(provider) }
        if scope.recipients { _ = recipients.reset(addresses) }
        dispatcher.stir()
    }

    /// Which windows a reset is about.
    struct ResetScope: Equatable, Sendable {
        var providers: Bool
        var recipients: Bool
    }

    /// Adds to the trail where nothing else is kept; `then` is told once it is on disk. What cannot be kept is lost to it, and
    /// the store's failure is logged.
    func audit(_ entry: AuditEntry, then: @escaping @Sendable () -> Void) {
        commits.submit("audit", .refuse) {
            try $0.audit(entry)
        } then: { _ in
            then()
        }
    }

    private func enforce(_ change: (inout [Override]) -> Void) {
        // Under the lock, so that of two changes the later is the one that stands.
        active.withLock { active in
            change(&active)
            steering.intervene(Interventions(active))
        }
        dispatcher.stir()
        changed.withLock { $0 }()
    }
}

extension Override {
    /// Whether it is about the same as another, whose place it takes.
    fileprivate func replaces(_ other: Override) -> Bool {
        kind == other.kind && target == other.target && channel == other.channel
    }

    fileprivate func lifted(_ action: AuditEntry.Action, by actor: String) -> AuditEntry {
        AuditEntry(
            action, by: actor, target: "\(id)", reason: action == .overrideExpired ? "its time was up" : "",
            data: AuditData.of(
                ("kind", .string(kind.rawValue)), ("of", .string(target)),
                ("channel", channel.map { .string($0.rawValue) })))
    }
}
