import ArgumentParser
import Foundation
import WaypostApp
import WaypostConfiguration
import WaypostStore

/// `waypost backup`: a copy of the store as it is now, whether a router runs on it or not.
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies the store, while a router runs or not.",
        discussion: """
            The copy is one file, of one moment, for its owner alone (0600). It gets its name once it is complete and on disk; a \
            copy that --verify finds unsound is not kept, and the command ends with 1. To restore it: stop the router, put the \
            copy in the place of store.path, take away the -wal and -shm files beside it, and start.
            """)

    @OptionGroup var file: ConfigurationOption

    @Option(help: ArgumentHelp("Where to write the copy.", valueName: "path"))
    var to: String

    @Flag(help: "Checks the copy as fsck does, before it gets its name.")
    var verify = false

    @Flag(help: "Replaces a file that is there already.")
    var force = false

    func run() throws {
        let store: Configuration.Store
        do throws(ConfigurationProblems) {
            store = try Configuration.store(path: file.path, environment: ProcessInfo.processInfo.environment)
        } catch {
            Terminal.complain(error.description)
            throw ExitCode.badConfiguration
        }
        var backup = StoreBackup(of: store.path, at: to)
        backup.replacing = force
        backup.verifying = verify
        do throws(StoreBackup.Failure) {
            let size = try backup.make()
            print("\(to): \(size) bytes\(verify ? ", all is well" : "")")
        } catch {
            switch error {
            case .source(let error):
                Terminal.complain("waypost: \(error.detail)")
                throw ExitCode.unavailable
            case .target(let complaint):
                Terminal.complain("waypost: \(complaint)")
                throw ExitCode.cannotCreate
            case .unsound(let findings):
                for finding in findings { Terminal.complain(finding) }
                Terminal.complain("waypost: the store is not sound, and no copy was kept")
                throw ExitCode(1)
            }
        }
    }
}
