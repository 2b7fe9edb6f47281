import ArgumentParser
import Foundation

/// What every command that asks a running router takes.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the router listens: WAYPOST_URL where it is left out, else http://127.0.0.1:8080.",
            discussion: "Where operations_listen is set, operators name that address.", valueName: "url"))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The token of a key; better in WAYPOST_TOKEN, where no list of processes shows it.", valueName: "token"))
    var token: String?

    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp("Certificates (PEM) to trust beside the system's.", valueName: "file"), completion: .file())
    var caFile: String?

    @Flag(help: "Prints JSON, for programs.")
    var json = false

    /// Options that are empty count as left out, as do variables.
    func client(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        isInterrupted: @escaping () -> Bool = { false }
    ) throws(ClientFailure) -> Client {
        func first(_ option: String?, _ variable: String) -> String? {
            [option, environment[variable]].compactMap(\.self).first { !$0.isEmpty }
        }
        return try Client(
            url: first(url, "WAYPOST_URL") ?? "http://127.0.0.1:8080", token: first(token, "WAYPOST_TOKEN"),
            caFile: caFile, isInterrupted: isInterrupted)
    }
}

/// A command that asks a running router. Whatever goes wrong is told in a line on standard error, and ends it with 1.
protocol ClientCommand: ParsableCommand {
    var options: ClientOptions { get }
    func run(asking client: Client) throws
}

extension ClientCommand {
    func run() throws { try telling { try run(asking: options.client()) } }

    /// Tells of a failure instead of throwing it.
    func telling(_ body: () throws -> Void) throws {
        do { try body() } catch let failure as ClientFailure {
            Terminal.complain("waypost: \(failure.line)")
            throw ExitCode.failure
        }
    }

    /// For people, or the whole of it as JSON.
    func show(_ json: JSONText, _ lines: (Style) -> [String]) {
        if options.json { Terminal.say(json.text) } else { Terminal.say(lines(.ofOutput).joined(separator: "\n")) }
    }
}
