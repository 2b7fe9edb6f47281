import ArgumentParser
import WaypostJSON
import WaypostStore

/// `waypost fsck`: proves from the store alone that nothing is lost, whether a router runs on it or not.
struct Fsck: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks the store: integrity, the ledger's balance, orphans.",
        discussion: "Changes nothing. Ends with 0 when all is well and with 1 when it finds something.")

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "Prints the findings as JSON.")
    var json = false

    func run() throws {
        let inspection = try file.lookAtStore { try Inspection.of(path: $0) }
        if json {
            var json = JSONWriter()
            json.object { json in
                json.member("messages", inspection.messages)
                json.member("deliveries", inspection.deliveries)
                json.array("findings") { json in for finding in inspection.findings { json.element(finding) } }
            }
            print(String(decoding: json.bytes, as: UTF8.self))
        } else {
            for finding in inspection.findings { Terminal.complain(finding) }
            print(
                "\(inspection.messages) messages, \(inspection.deliveries) deliveries: "
                    + (inspection.findings.isEmpty ? "all is well" : "\(inspection.findings.count) findings"))
        }
        if !inspection.findings.isEmpty { throw ExitCode(1) }
    }
}
