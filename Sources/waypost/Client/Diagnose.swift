import ArgumentParser
import Foundation
import WaypostAPI
import WaypostDiagnostics
import WaypostJSON

/// `waypost diagnose`: asks a running router to look at everything, and says what to do.
struct Diagnose: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "The full diagnostic of a running router, with recommendations.",
        discussion: "Ends with 1 when something critical or of high priority is recommended, or nobody answers.")

    @Option(
        help: ArgumentHelp(
            "Writes an archive for support too (tar.gz); no secret or address is in it.", valueName: "file"),
        completion: .file())
    var bundle: String?
    @OptionGroup(title: "Router") var options: ClientOptions

    func run(asking client: Client) throws {
        let answer = try client.change("POST", "/v1/diagnostics")
        let report = answer.json
        guard report["recommendations"] != nil else {
            throw ClientFailure.strange(url: client.url, status: answer.status)
        }
        show(JSONText(answer)) { _ in ReportText.lines(report) }
        if let bundle { try write(to: bundle, client, report: answer.body) }
        if ReportText.isPressing(report) { throw ExitCode.failure }
    }

    private func write(to path: String, _ client: Client, report: [UInt8]) throws(ClientFailure) {
        var bundle = SupportBundle(Redaction(secrets: [client.token].compactMap(\.self)))
        bundle.note("waypost \(Build.version), \(ProcessInfo.processInfo.operatingSystemVersionString)")
        bundle.add("report.json", report)
        for page in SupportBundle.pages {
            // What cannot be had is left out: a bundle is asked for when things are broken.
            do throws(ClientFailure) {
                let answer = try client.ask(.get(client.url + page.path))
                bundle.add(page.file, status: answer.status, body: answer.body)
            } catch {
                bundle.note("\(page.file): \(error.line)")
            }
        }
        do throws(SupportBundle.Failure) { try bundle.write(to: path) } catch { throw .own(error.description) }
        Terminal.complain("waypost: wrote \(path)")
    }
}
