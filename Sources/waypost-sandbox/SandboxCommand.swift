import ArgumentParser
import Foundation
import WaypostSandbox

/// `waypost-sandbox`: the stand-ins on ports of their own, until SIGTERM or SIGINT.
@main
struct SandboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waypost-sandbox",
        abstract: "Stand-ins for the providers, with faults on demand and a journal of what arrived.",
        version: "waypost-sandbox 0.1.0")

    @Option(help: "The first of five ports: control, sendgrid, ses, smtp (STARTTLS), smtps.")
    var portBase: Int?

    @Option(help: "The IP address to listen on; the control API asks for no credentials.")
    var host = "127.0.0.1"

    @Option(help: "Where to write the certificate to trust for SMTP over TLS.")
    var caFile: String?

    func validate() throws {
        guard let portBase else { throw ValidationError("give --port-base N") }
        guard (1...65_531).contains(portBase) else { throw ValidationError("--port-base must be 1 to 65531") }
    }

    func run() throws {
        // Before the first thread, so that all inherit the mask and sigwait gets the signal.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        var settings = Sandbox.Settings()
        settings.host = host
        settings.ports = .init(base: portBase ?? 0)
        let sandbox = try start(settings)
        let authorityFile = caFile ?? "/tmp/waypost-sandbox-\(sandbox.ports.control).pem"
        do throws(TLSFailure) { try sandbox.writeAuthority(to: authorityFile) } catch {
            complain(error.description)
            throw ExitCode(73)  // EX_CANTCREAT
        }
        announce(sandbox, authorityFile: sandbox.authority == nil ? nil : authorityFile)
        var signal: Int32 = 0
        sigwait(&signals, &signal)
        sandbox.stop()
    }

    private func start(_ settings: Sandbox.Settings) throws -> Sandbox {
        do {
            return try Sandbox.start(settings)
        } catch {
            complain("\(error)")
            throw ExitCode(error is ListenFailure ? 69 : 78)  // EX_UNAVAILABLE, EX_CONFIG
        }
    }

    private func announce(_ sandbox: Sandbox, authorityFile: String?) {
        print(
            """
            control   \(sandbox.controlURL)
            sendgrid  \(sandbox.sendGridURL)
            ses       \(sandbox.sesURL)
            smtp      \(sandbox.smtpURL)
            smtps     \(sandbox.smtpsURL)

            # waypost.yaml
            \(sandbox.configuration(authorityFile: authorityFile))
            """)
        fflush(nil)
    }

    private func complain(_ text: String) {
        FileHandle.standardError.write(Data("waypost-sandbox: \(text)\n".utf8))
    }
}
