import ArgumentParser
import Foundation
import WaypostApp

/// `waypost check`: the configuration and everything it names, offline.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Checks a configuration file and all that it names.")

    @OptionGroup var file: ConfigurationOption

    func run() throws {
        let check = ConfigurationCheck(path: file.path, environment: ProcessInfo.processInfo.environment)
        for line in check.problems + check.warnings { Terminal.complain(line) }
        if let summary = check.summary { print(summary) }
        if check.exitCode != 0 { throw ExitCode(check.exitCode) }
    }
}
