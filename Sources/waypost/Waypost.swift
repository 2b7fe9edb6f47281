import ArgumentParser
import Foundation
import WaypostAPI
import WaypostApp
import WaypostCommandLine
import WaypostConfiguration
import WaypostStore

/// `waypost`: the router and its client.
@main
struct Waypost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waypost",
        abstract: "Routes messages to the companies that deliver them, and to their backups.",
        version: "waypost \(Build.version)",
        groupedSubcommands: [
            CommandGroup(
                name: "Router",
                subcommands: [Serve.self, Check.self, Demo.self, Key.self, Fsck.self, Backup.self, Audit.self]),
            CommandGroup(
                name: "Client",
                subcommands: [
                    Send.self, Explain.self, Status.self, Messages.self, Events.self, DeadLetters.self, Providers.self,
                    Suppressions.self, Emergency.self, Diagnose.self, Probe.self,
                ]),
        ])

    static func main() { runOrComplain() }
}

/// Exit codes, of sysexits.h where there is one.
extension ExitCode {
    /// The store cannot be opened, or an address cannot be listened on.
    static let unavailable = ExitCode(69)
    /// A file cannot be written.
    static let cannotCreate = ExitCode(73)
    static let badConfiguration = ExitCode(78)
}

/// Where the configuration is.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("config"), help: ArgumentHelp("The configuration file.", valueName: "file"))
    var path = "waypost.yaml"

    /// Looks at the store that the file names, with the section `store` alone. What is wrong with the file or the store is said on
    /// standard error and ends the program.
    func lookAtStore<Found>(_ look: (_ path: String) throws -> Found) throws -> Found {
        do {
            return try look(
                Configuration.store(path: path, environment: ProcessInfo.processInfo.environment).path)
        } catch let problems as ConfigurationProblems {
            Terminal.complain(problems.description)
            throw ExitCode.badConfiguration
        } catch let error as StoreError {
            Terminal.complain("waypost: \(error.detail)")
            throw ExitCode.unavailable
        }
    }
}
