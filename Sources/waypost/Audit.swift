import ArgumentParser
import WaypostJSON
import WaypostStore

/// `waypost audit`: the trail of what was done to the router.
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks the audit trail.", subcommands: [Verify.self])

    /// `waypost audit verify`: proves from the store alone that no row was changed, taken out or put in.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks the audit chain of the store, whether a router runs on it or not.",
            discussion: "Changes nothing. Ends with 0 when the chain holds and with 1 when it is broken.")

        @OptionGroup var file: ConfigurationOption

        @Flag(help: "Prints the result as JSON.")
        var json = false

        func run() throws {
            let check = try file.lookAtStore { try AuditCheck.of(path: $0) }
            if json {
                var json = JSONWriter()
                json.object { json in
                    json.member("rows", check.rows)
                    json.member("whole", check.flaw == nil)
                    json.member("flaw", ifPresent: check.flaw)
                }
                print(String(decoding: json.bytes, as: UTF8.self))
            } else if let flaw = check.flaw {
                Terminal.complain("audit: \(flaw); \(check.rows) rows before it hold")
            } else {
                print("\(check.rows) rows: the chain holds")
            }
            if check.flaw != nil { throw ExitCode(1) }
        }
    }
}
