import ArgumentParser
import Foundation
import WaypostAPI
import WaypostCore
import WaypostCurl
import WaypostDiagnostics
import WaypostHTTP
import WaypostJSON

/// `waypost diagnose`: asks a running router to look at everything, and says what to do.
struct Diagnose: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The full diagnostic of a running router, with recommendations.",
        discussion: "Ends with 1 when something critical or of high priority is recommended, or nobody answers.")

    @Option(help: "The router's address; WAYPOST_URL otherwise.")
    var url: String?

    @Option(help: "A token that may operate; WAYPOST_TOKEN otherwise.")
    var token: String?

    @Flag(help: "Prints the report as JSON.")
    var json = false

    @Option(help: ArgumentHelp("Writes an archive for support too; no secret or address is in it.", valueName: "file"))
    var bundle: String?

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let token = token ?? environment["WAYPOST_TOKEN"]
        let client = RouterClient(url: url ?? environment["WAYPOST_URL"] ?? "http://127.0.0.1:8080", token: token)
        defer { client.stop() }
        do {
            let response = try client.ask("POST", "/v1/diagnostics")
            let report = try client.json(response)
            print(
                json ? String(decoding: response.body, as: UTF8.self) : ReportText.lines(report).joined(separator: "\n")
            )
            if let bundle { try write(to: bundle, client, report: response.body, token: token) }
            if ReportText.isPressing(report) { throw ExitCode(1) }
        } catch let failure as RouterClient.Failure {
            Terminal.complain("waypost: \(failure.description)")
            throw ExitCode(1)
        } catch let failure as SupportBundle.Failure {
            Terminal.complain("waypost: \(failure.description)")
            throw ExitCode(1)
        }
    }

    private func write(to path: String, _ client: RouterClient, report: [UInt8], token: String?) throws {
        var bundle = SupportBundle(Redaction(secrets: [token].compactMap(\.self)))
        bundle.note("waypost \(Build.version), \(ProcessInfo.processInfo.operatingSystemVersionString)")
        bundle.add("report.json", report)
        for page in SupportBundle.pages {
            // What cannot be had is left out: a bundle is asked for when things are broken.
            do throws(RouterClient.Failure) {
                let response = try client.ask("GET", page.path)
                bundle.add(page.file, status: response.status, body: response.body)
            } catch {
                bundle.note("\(page.file): \(error.description)")
            }
        }
        try bundle.write(to: path)
        Terminal.complain("waypost: wrote \(path)")
    }
}

/// Asks a running router, and waits for its answers.
private struct RouterClient {
    struct Failure: Error {
        var description: String
    }

    private let url: String
    private let token: String?
    private let transport = CurlTransport()

    init(url: String, token: String?) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
    }

    func stop() { transport.stop() }

    func ask(_ method: String, _ path: String) throws(Failure) -> HTTPResponse {
        var request = HTTPRequest(method: method, target: url + path)
        if let token { request.headers["Authorization"] = "Bearer \(token)" }
        let answer = Monitor<Result<TransportReply, TransportError>?>(nil)
        let settings = TransferSettings(connectTimeout: .seconds(3), timeout: .seconds(40))
        transport.send(.http(request), pool: "router", settings: settings) { reply in answer.change { $0 = reply } }
        switch answer.wait(atMost: nil, { $0 }) {
        case .success(.http(let response))?: return response
        case .failure(let error)?:
            throw Failure(
                description: "\(url) does not answer: \(error.detail); is the router running, and --url its address?")
        default: throw Failure(description: "\(url) does not speak HTTP")
        }
    }

    /// The body of a good answer, else what the problem says.
    func json(_ response: HTTPResponse) throws(Failure) -> JSONValue {
        let body = try? JSONValue(parsing: response.body, depth: 64)
        if response.status == 200, let body { return body }
        let detail = body?["detail"]?.string ?? "it answered \(response.status)"
        let wayOut = [401, 403].contains(response.status) ? " Give a token with the scope operate: --token." : ""
        throw Failure(description: "\(detail)\(wayOut)")
    }
}
