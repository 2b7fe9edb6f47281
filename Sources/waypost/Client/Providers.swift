import ArgumentParser
import WaypostAPI
import WaypostCore
import WaypostJSON

/// `waypost providers`: how they are, and steering them by hand.
struct Providers: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists providers, disables and enables them, asks how they are, holds their breakers.",
        subcommands: [List.self, Disable.self, Enable.self, Probe.self, Breaker.self])

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Lists providers with their breakers and windows.")
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            let answer = try client.get("/v1/providers")
            show(JSONText(answer)) { ProviderPicture.table(of: answer.json.data).lines($0) }
        }
    }

    struct Disable: ProviderCommand {
        static let step = "disable"
        static let configuration = CommandConfiguration(abstract: "Passes a provider over until it is enabled.")
        @Argument(help: "The provider.") var name: String
        @OptionGroup var common: Common
        @OptionGroup(title: "Router") var options: ClientOptions
    }

    struct Enable: ProviderCommand {
        static let step = "enable"
        static let configuration = CommandConfiguration(abstract: "Takes a provider into use again.")
        @Argument(help: "The provider.") var name: String
        @OptionGroup var common: Common
        @OptionGroup(title: "Router") var options: ClientOptions
    }

    struct Breaker: ProviderCommand {
        static let step = "breaker"
        static let configuration = CommandConfiguration(
            abstract: "Holds a provider's circuit breaker open or closed; auto lets it decide by itself again.")
        @Argument(help: "The provider.") var name: String
        @Argument(help: "How it is held.") var state: BreakerOperation.State
        @Option(help: "Only on that channel.") var channel: Channel?
        @OptionGroup var common: Common
        @OptionGroup(title: "Router") var options: ClientOptions

        var more: [JSONValue.Member] {
            [.init("state", .string(state.rawValue))] + (channel.map { [.init("channel", .string($0.rawValue))] } ?? [])
        }
    }

    struct Probe: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks a provider now whether it works.", discussion: "Ends with 0 when it does, else with 1.")
        @Argument(help: "The provider.") var name: String
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            let answer = try client.change("POST", "/v1/providers/\(Query.escape(name))/probe")
            show(JSONText(answer)) { Facts.lines(of: answer.json, $0) }
            if answer.json.text("status") != "pass" { throw ExitCode.failure }
        }
    }

    /// Why, and for how long.
    struct Common: ParsableArguments {
        @Option(help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String?
        @Option(
            name: .customLong("for"), help: ArgumentHelp("Lifts itself after that long, like 30m.", valueName: "span"))
        var span: Span?

        var members: [JSONValue.Member] {
            (reason.map { [.init("reason", .string($0))] } ?? [])
                + (span.map { [.init("for", .string($0.text))] } ?? [])
        }
    }
}

/// One step by hand on a provider, and how it stands then.
protocol ProviderCommand: ClientCommand {
    static var step: String { get }
    var name: String { get }
    var common: Providers.Common { get }
    var more: [JSONValue.Member] { get }
}

extension ProviderCommand {
    var more: [JSONValue.Member] { [] }
    var body: JSONValue { .object(more + common.members) }

    func run(asking client: Client) throws {
        let answer = try client.change(
            "POST", "/v1/providers/\(Query.escape(name))/\(Self.step)", body: .init(body), key: .newKey)
        show(JSONText(answer)) { ProviderPicture.table(of: [answer.json]).lines($0) }
    }
}

/// Providers, a line each.
enum ProviderPicture {
    static func table(of providers: [JSONValue]) -> Table {
        Table(
            "PROVIDER", "KIND", "HEALTH", "BREAKER", "IN FLIGHT", "WINDOWS", "MS", "NOTE",
            rows: providers.map { provider in
                let breakers = provider["breakers"]?.array ?? []
                return [
                    Table.Cell(provider["name"]), Table.Cell(provider["kind"]),
                    .word(provider["health"]?.text("status") ?? "unknown"),
                    Table.Cell(words(of: breakers), tone(of: breakers)),
                    Table.Cell("\(provider["in_flight"]?.shown ?? "-")/\(provider["max_in_flight"]?.shown ?? "-")"),
                    Table.Cell(windows(of: provider)), Table.Cell(provider["latency_ms"]),
                    Table.Cell(notes(on: provider).joined(separator: "; ")),
                ]
            })
    }

    /// One word where all channels agree, else each channel's.
    private static func words(of breakers: [JSONValue]) -> String {
        let states = breakers.map { ($0.text("state") ?? "?") + ($0["held"]?.bool == true ? " (held)" : "") }
        guard Set(states).count > 1 else { return states.first ?? "-" }
        return zip(breakers, states).map { "\($0.text("channel") ?? "?") \($1)" }.joined(separator: ", ")
    }

    private static func tone(of breakers: [JSONValue]) -> Style.Tone {
        let states = breakers.compactMap { $0.text("state") }
        return states.contains("open") ? .bad : states.contains { $0 != "closed" } ? .warning : .good
    }

    private static func windows(of provider: JSONValue) -> String {
        let windows = (provider["rate_limits"]?.array ?? []).map { window in
            let span = window["window_ms"]?.integer.map { DurationText.write(.milliseconds($0)) } ?? "?"
            return "\(window["remaining"]?.shown ?? "?")/\(window["limit"]?.shown ?? "?") in \(span)"
        }
        return windows.isEmpty ? "-" : windows.joined(separator: ", ")
    }

    private static func notes(on provider: JSONValue) -> [String] {
        var notes: [String] = []
        if provider["enabled"]?.bool == false {
            notes.append("disabled" + (provider.text("disabled_reason").map { ": \($0)" } ?? ""))
        }
        if let time = provider.text("resting_until") { notes.append("rests until \(time)") }
        for breaker in provider["breakers"]?.array ?? [] {
            if let time = breaker.text("until") { notes.append("\(breaker.text("channel") ?? "?") until \(time)") }
        }
        if let output = provider["health"]?.text("output") { notes.append(output) }
        return notes
    }
}
