import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostPolicy
import WaypostProviders

/// One entry of `providers`: an account at a maker, and how much may be asked of it.
package struct ProviderEntry: Sendable {
    package var name: ProviderName
    package var kind: ProviderKind
    package var maker: ProviderSettings.Maker
    package var transfer: TransferSettings
    package var gate: GateSettings
    package var callbacks: Callbacks

    /// How the maker's callbacks are checked.
    package struct Callbacks: Equatable, Sendable {
        /// How old a signed callback may be.
        package var tolerance: Duration
        /// The keys about callbacks that the entry gives a value and that have no effect yet.
        package var keys: [String]
    }

    /// What the adapter is made from.
    package var settings: ProviderSettings { ProviderSettings(name: name, transfer: transfer, maker: maker) }

    /// What routes must know of it.
    var candidate: RouteSettings.Candidate {
        .init(name: name, channels: kind.channels, price: gate.price, isEnabled: gate.enabled)
    }

    /// What a route may take an entry for that could not be read, so that one mistake is not told as two.
    static func candidate(inPlaceOf section: SectionReader, name text: String) -> RouteSettings.Candidate? {
        var section = section  // its problems are known, and none is kept twice
        let kind: ProviderKind? = section.enumeration("kind")
        return ProviderName(text).map { .init(name: $0, channels: kind?.channels ?? Channel.allCases) }
    }

    /// nil where the entry cannot be told apart or lacks what its kind needs, which was complained about.
    init?(reading section: inout SectionReader, name text: String) {
        let name = ProviderName(text)
        if name == nil {
            section.complain("is no name for a provider", wayOut: "use 1 to 40 of a-z, 0-9 and -")
        }
        if !section.has("kind") {
            let words = ProviderKind.allCases.map(\.rawValue).joined(separator: ", ")
            section.complain("kind", "is missing", wayOut: "write one of \(words)")
        }
        guard let kind: ProviderKind = section.enumeration("kind") else { return nil }
        let maker = ProviderSettings.Maker(reading: &section, kind: kind)
        let gate = GateSettings(
            reading: &section, channels: kind.channels, maxInFlight: kind.sendsOnStreams ? 500 : 64)
        let transfer = TransferSettings(reading: &section, kind: kind, maxInFlight: gate.maxInFlight)
        let callbacks = Callbacks(reading: &section, kind: kind)
        section.finish()
        guard let name, let maker else { return nil }
        self.name = name
        self.kind = kind
        self.maker = maker
        self.transfer = transfer
        self.gate = gate
        self.callbacks = callbacks
    }
}

extension ProviderKind {
    /// One connection carries many messages at once.
    fileprivate var sendsOnStreams: Bool { self == .fcm || self == .apns }
}

extension ProviderSettings.Maker {
    fileprivate init?(reading section: inout SectionReader, kind: ProviderKind) {
        let maker: Self? =
            switch kind {
            case .sendgrid: SendGrid.Settings(reading: &section).map(Self.sendgrid)
            case .ses: SES.Settings(reading: &section).map(Self.ses)
            case .smtp: SMTP.Settings(reading: &section).map(Self.smtp)
            case .twilio: Twilio.Settings(reading: &section).map(Self.twilio)
            case .messagebird: MessageBird.Settings(reading: &section).map(Self.messagebird)
            case .fcm: FCM.Settings(reading: &section).map(Self.fcm)
            case .apns: APNs.Settings(reading: &section).map(Self.apns)
            }
        guard let maker else { return nil }
        self = maker
    }
}

extension TransferSettings {
    fileprivate init(reading section: inout SectionReader, kind: ProviderKind, maxInFlight: Int) {
        let connectTimeout = section.duration(
            "connect_timeout", default: .seconds(3), in: .milliseconds(1) ... .seconds(300))
        let timeout = section.duration("timeout", default: .seconds(10), in: .milliseconds(1) ... .seconds(3600))
        if timeout < connectTimeout {
            section.complain(
                section.has("timeout") ? "timeout" : "connect_timeout", "makes timeout shorter than connect_timeout",
                wayOut: "connecting counts in timeout: raise it, or lower connect_timeout")
        }
        let caFile = section.readableFile("ca_file")
        self.init(connectTimeout: connectTimeout, timeout: timeout, caFile: caFile)
        maxConnections = maxInFlight
        if kind.sendsOnStreams {
            // How many of them there will be is the peer's to say: it tells how many streams one takes.
            sharesConnections = true
            maxStreams = 1000
            maxConnections = min(64, maxInFlight)
        }
    }
}

extension ProviderEntry.Callbacks {
    fileprivate init(reading section: inout SectionReader, kind: ProviderKind) {
        // SendGrid repeats a callback with the time of the first.
        let usual: Duration = kind == .sendgrid ? .seconds(86_400) : .seconds(600)
        tolerance = section.duration("webhook_tolerance", default: usual, in: .seconds(1) ... .seconds(30 * 86_400))
        let callsBack = [.sendgrid, .ses, .twilio, .messagebird].contains(kind)
        keys = section.has("webhook_tolerance") && !callsBack ? ["webhook_tolerance"] : []
    }
}
