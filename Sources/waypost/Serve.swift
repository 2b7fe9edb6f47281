import ArgumentParser
import Foundation
import WaypostApp
import WaypostConfiguration

/// `waypost serve`: runs the router until SIGTERM or SIGINT; SIGHUP reads the configuration anew.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the router.",
        discussion: "SIGTERM ends it in order, a second one at once; SIGHUP applies the configuration file anew.")

    @OptionGroup var file: ConfigurationOption

    func run() throws {
        // Before the first thread, so that all inherit the mask and only this one gets the signals.
        let signals = SignalQueue(SIGTERM, SIGINT, SIGHUP)
        let environment = ProcessInfo.processInfo.environment
        let process = ProcessInfo.processInfo.processIdentifier
        let service = ServiceManager(environment: environment, process: process)
        let sockets: PassedSockets
        do throws(PassedSockets.Refusal) {
            sockets = try PassedSockets(environment: environment, process: process)
        } catch {
            Terminal.complain("waypost: \(error)")
            throw ExitCode.unavailable
        }
        for variable in ServiceManager.variables { unsetenv(variable) }
        let configuration: Configuration
        do throws(ConfigurationProblems) {
            configuration = try Configuration.load(path: file.path, environment: environment)
        } catch {
            Terminal.complain(error.description)
            throw ExitCode.badConfiguration
        }
        let lines = LogLines(forJournal: SystemJournal.isStandardError(environment["JOURNAL_STREAM"]))
        lines.apply(configuration.log)
        let app: WaypostApp
        do throws(WaypostApp.StartFailure) {
            app = try WaypostApp(
                configuration, source: .init(path: file.path, environment: environment), service: service,
                sockets: sockets, log: lines)
        } catch {
            Terminal.complain("waypost: \(error)")
            throw ExitCode.unavailable
        }
        while signals.next() == SIGHUP { app.reload() }
        app.drain { signals.next(within: $0).map { $0 != SIGHUP } ?? false }
    }
}
