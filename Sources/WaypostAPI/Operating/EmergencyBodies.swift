import WaypostCore
import WaypostJSON
import WaypostStore

/// The emergency procedures (contract: API, "Operating").
package enum Procedure: String, CaseIterable, Sendable {
    case stopSending = "stop-sending"
    case resume
    case switchToBackup = "switch-to-backup"
    case clearQueue = "clear-queue"
    case resetRateLimits = "reset-rate-limits"
    case openBreakers = "open-breakers"

    var takesChannel: Bool { self != .resetRateLimits }
    var takesProvider: Bool { self == .resetRateLimits || self == .openBreakers }
    var takesRecipient: Bool { self == .resetRateLimits }

    /// Why `for` does nothing here: what is done at once leaves nothing that could lift itself. nil: something stands.
    var timelessness: String? {
        switch self {
        case .stopSending, .switchToBackup, .openBreakers: nil
        case .resume: "a stop that was ended does not come back; stop again with stop-sending"
        case .clearQueue: "what was cleared stays a dead letter until it is replayed"
        case .resetRateLimits: "windows were emptied once, and fill again by themselves"
        }
    }

    var action: AuditEntry.Action {
        switch self {
        case .stopSending: .sendingStopped
        case .resume: .sendingResumed
        case .switchToBackup: .switchedToBackup
        case .clearQueue: .queueCleared
        case .resetRateLimits: .limitsReset
        case .openBreakers: .breakersOpened
        }
    }
}

/// What a procedure is asked to do, and why.
package struct EmergencyOrder: Equatable, Sendable {
    /// nil: all.
    package var channel: Channel?
    package var provider: ProviderName?
    /// An address as it was written.
    package var recipient: String?
    package var reason: String
    /// The field `for`; after it the procedure lifts itself. Of no effect where nothing stands, which the answer then says.
    package var duration: Duration?
    package var isDryRun: Bool

    package static func decode(_ body: JSONValue, for procedure: Procedure) -> Result<EmergencyOrder, Problem> {
        FieldReader.read(body) { reader in
            var channel: Channel?
            var provider: ProviderName?
            var recipient: String?
            if procedure.takesChannel {
                if procedure == .switchToBackup { _ = reader.require("channel") }
                channel = reader.word("channel", as: Channel.self)
            }
            if procedure.takesProvider, let text = reader.string("provider") {
                provider = ProviderName(text)
                if provider == nil {
                    reader.complain(.name("provider"), "is no provider's name; GET /v1/providers lists them")
                }
            }
            if procedure.takesRecipient { recipient = reader.line("recipient", bytes: 1...320) }
            let reason = reader.reason(isRequired: true)
            let duration = reader.duration("for", upTo: ProviderOperation.longest)
            let isDryRun = reader.bool("dry_run") ?? false
            guard let reason else { return nil }
            return EmergencyOrder(
                channel: channel, provider: provider, recipient: recipient, reason: reason, duration: duration,
                isDryRun: isDryRun)
        }
    }
}

/// What a procedure touches: the same whether it is done or only looked at.
package struct BlastRadius: Equatable, Sendable {
    /// Deliveries of a channel that have not come to an end.
    package struct Waiting: Equatable, Sendable {
        package var channel: Channel
        package var queued: Int
        package var scheduled: Int
        package var sending: Int
        package init(channel: Channel, queued: Int, scheduled: Int, sending: Int) {
            self.channel = channel
            self.queued = queued
            self.scheduled = scheduled
            self.sending = sending
        }
    }

    package var channels: [Waiting] = []
    package var providers: [ProviderName] = []
    /// With the state before.
    package var breakers: [Breaker] = []
    /// Windows that are emptied: of providers, and of how many recipients.
    package var providerWindows = 0
    package var recipients = 0
    /// Deliveries that are moved.
    package var moved = 0

    package struct Breaker: Equatable, Sendable {
        package var provider: ProviderName
        package var channel: Channel
        package var state: String
        package init(provider: ProviderName, channel: Channel, state: String) {
            self.provider = provider
            self.channel = channel
            self.state = state
        }
    }

    package init() {}
}

/// What a procedure answers.
package struct EmergencyAnswer: Sendable {
    package var procedure: Procedure
    package var order: EmergencyOrder
    /// What stands from now on, where something does.
    package var override: Override?
    package var lifted: [OverrideID]
    package var touched: BlastRadius

    package init(
        _ procedure: Procedure, _ order: EmergencyOrder, override: Override? = nil, lifted: [OverrideID] = [],
        touched: BlastRadius
    ) {
        self.procedure = procedure
        self.order = order
        self.override = override
        self.lifted = lifted
        self.touched = touched
    }

    /// What the operator should know beyond what was done.
    private var notes: [String] {
        guard order.duration != nil, let why = procedure.timelessness else { return [] }
        return ["for has no effect on \(procedure.rawValue): \(why)"]
    }

    package var bytes: [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("procedure", procedure.rawValue)
            json.member("dry_run", order.isDryRun)
            json.member("reason", order.reason)
            if let override { json.member("override", plain: override.id.bytes) } else { json.null("override") }
            if let time = override?.expiresAt {
                json.member("expires_at", plain: time.bytes)
            } else {
                json.null("expires_at")
            }
            json.array("lifted") { json in for id in lifted { json.plain(id.bytes) } }
            json.object("touched") { Self.write(touched, to: &$0) }
            json.array("notes") { json in for note in notes { json.element(note) } }
        }
        return json.bytes
    }

    private static func write(_ touched: BlastRadius, to json: inout JSONWriter) {
        json.array("channels") { json in
            for waiting in touched.channels {
                json.object { json in
                    json.member("channel", waiting.channel.rawValue)
                    json.member("queued", waiting.queued)
                    json.member("scheduled", waiting.scheduled)
                    json.member("sending", waiting.sending)
                }
            }
        }
        json.array("providers") { json in for name in touched.providers { json.element(name.text) } }
        json.array("breakers") { json in
            for breaker in touched.breakers {
                json.object { json in
                    json.member("provider", breaker.provider.text)
                    json.member("channel", breaker.channel.rawValue)
                    json.member("state", breaker.state)
                }
            }
        }
        json.object("windows") { json in
            json.member("providers", touched.providerWindows)
            json.member("recipients", touched.recipients)
        }
        json.member("deliveries", touched.moved)
    }
}
