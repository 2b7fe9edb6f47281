import ArgumentParser
import WaypostCore
import WaypostJSON

/// `waypost emergency`: what an operator does first when something burns.
struct Emergency: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Emergency procedures: each is kept, survives a restart and stands in the audit trail.",
        subcommands: [
            StopSending.self, Resume.self, SwitchToBackup.self, ClearQueue.self, ResetRateLimits.self,
            OpenBreakers.self, Undo.self,
        ])

    /// What all of them take.
    struct Common: ParsableArguments {
        @Option(help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String
        @Option(
            name: .customLong("for"),
            help: ArgumentHelp(
                "Lifts itself after that long, like 30m; of no effect on what is done at once: resume, clear-queue and "
                    + "reset-rate-limits.", valueName: "span"))
        var span: Span?
        @Flag(help: "Says what it would touch, and changes nothing.") var dryRun = false

        var members: [JSONValue.Member] {
            [.init("reason", .string(reason))] + (span.map { [.init("for", .string($0.text))] } ?? [])
                + (dryRun ? [.init("dry_run", true)] : [])
        }
    }

    struct StopSending: EmergencyCommand {
        static let procedure = "stop-sending"
        static let configuration = of("Nothing is sent any more; what comes in is kept and waits.")
        @OptionGroup var common: Common
        @Option(help: "Only on that channel.") var channel: Channel?
        @OptionGroup(title: "Router") var options: ClientOptions
        var target: [(String, String?)] { [("channel", channel?.rawValue)] }
    }

    struct Resume: EmergencyCommand {
        static let procedure = "resume"
        static let configuration = of("Sends again after stop-sending.")
        @OptionGroup var common: Common
        @Option(help: "Only on that channel.") var channel: Channel?
        @OptionGroup(title: "Router") var options: ClientOptions
        var target: [(String, String?)] { [("channel", channel?.rawValue)] }
    }

    struct SwitchToBackup: EmergencyCommand {
        static let procedure = "switch-to-backup"
        static let configuration = of("Passes over a channel's primary.")
        @OptionGroup var common: Common
        @Option(help: "The channel.") var channel: Channel
        @OptionGroup(title: "Router") var options: ClientOptions
        var target: [(String, String?)] { [("channel", channel.rawValue)] }
    }

    struct ClearQueue: EmergencyCommand {
        static let procedure = "clear-queue"
        static let configuration = of("Moves what waits to the dead letters; nothing is deleted.")
        @OptionGroup var common: Common
        @Option(help: "Only of that channel.") var channel: Channel?
        @OptionGroup(title: "Router") var options: ClientOptions
        var target: [(String, String?)] { [("channel", channel?.rawValue)] }
    }

    struct ResetRateLimits: EmergencyCommand {
        static let procedure = "reset-rate-limits"
        static let configuration = of("Empties sliding windows, and ends providers' rests after a throttle.")
        @OptionGroup var common: Common
        @Option(help: ArgumentHelp("Only that provider's.", valueName: "name")) var provider: String?
        @Option(help: ArgumentHelp("Only that recipient's.", valueName: "address")) var recipient: String?
        @OptionGroup(title: "Router") var options: ClientOptions
        var target: [(String, String?)] { [("provider", provider), ("recipient", recipient)] }
    }

    struct OpenBreakers: EmergencyCommand {
        static let procedure = "open-breakers"
        static let configuration = of("Opens circuit breakers, so that those providers get nothing.")
        @OptionGroup var common: Common
        @Option(help: ArgumentHelp("Only that provider's.", valueName: "name")) var provider: String?
        @Option(help: "Only on that channel.") var channel: Channel?
        @OptionGroup(title: "Router") var options: ClientOptions
        var target: [(String, String?)] { [("provider", provider), ("channel", channel?.rawValue)] }
    }
}

extension Emergency {
    /// `waypost emergency undo`: `DELETE /v1/overrides/{id}`.
    struct Undo: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Lifts what stands: a procedure, a disabled provider, a held breaker. waypost status lists their ids.")
        @Argument(help: ArgumentHelp("What to lift.", valueName: "ovr_…")) var id: String
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            _ = try client.delete("/v1/overrides/\(Query.escape(id))")
            show(JSONText(.object(["lifted": .string(id)]))) { _ in ["\(id) is lifted"] }
        }
    }
}

/// One procedure: `POST /v1/emergency/…`, and what it touched.
protocol EmergencyCommand: ClientCommand {
    static var procedure: String { get }
    var common: Emergency.Common { get }
    /// What it is about; nil is left out.
    var target: [(String, String?)] { get }
}

extension EmergencyCommand {
    static func of(_ abstract: String) -> CommandConfiguration {
        CommandConfiguration(commandName: procedure, abstract: abstract)
    }

    /// The body of the request.
    var body: JSONValue {
        let named = target.compactMap { name, value in value.map { JSONValue.Member(name, .string($0)) } }
        return .object(named + common.members)
    }

    func run(asking client: Client) throws {
        let answer = try client.change("POST", "/v1/emergency/\(Self.procedure)", body: .init(body), key: .newKey)
        show(JSONText(answer)) { Facts.lines(of: answer.json, $0) }
    }
}
