import ArgumentParser
import Foundation
import WaypostCommandLine
import WaypostConfiguration
import WaypostSandbox

/// `waypost-sandbox`: the stand-ins on ports of their own, until SIGTERM or SIGINT.
@main
struct SandboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waypost-sandbox",
        abstract: "Stand-ins for the providers, with faults on demand and a journal of what arrived.",
        version: "waypost-sandbox 0.1.0")

    static func main() { runOrComplain() }

    @Option(
        help: """
            The first of ten ports: control, sendgrid, ses, smtp (STARTTLS), smtps, twilio, messagebird, fcm, apns, sns.
            """)
    var portBase: Int?

    @Option(help: "A YAML file with ports, credentials and the like; every key may be left out.")
    var config: String?

    @Option(help: "The IP address to listen on; the control API asks for no credentials. Default: 127.0.0.1.")
    var host: String?

    @Option(help: "Where to write the certificate to trust for TLS; the keys for push go beside it.")
    var caFile: String?

    @Option(
        help: ArgumentHelp(
            "A router to call back, like http://127.0.0.1:8080. Twilio's and MessageBird's URLs come with the messages.",
            valueName: "url"))
    var callbacks: String?

    @Flag(help: "Calls nobody back.")
    var noCallbacks = false

    func validate() throws {
        guard (config == nil) != (portBase == nil) else {
            throw ValidationError("give --config FILE or --port-base N")
        }
        guard (1...65_526).contains(portBase ?? 1) else { throw ValidationError("--port-base must be 1 to 65526") }
    }

    func run() throws {
        // Before the first thread, so that all inherit the mask and sigwait gets the signal.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        let sandbox = try start(settings())
        let authorityFile = caFile ?? "/tmp/waypost-sandbox-\(sandbox.ports.control).pem"
        let pushFiles = PushFiles(beside: authorityFile)
        do throws(TLSFailure) {
            try sandbox.writeAuthority(to: authorityFile)
            try sandbox.writePushKeys(to: pushFiles)
        } catch {
            complain(error.description)
            throw ExitCode(73)  // EX_CANTCREAT
        }
        announce(sandbox, authorityFile: sandbox.authority == nil ? nil : authorityFile, pushFiles)
        var signal: Int32 = 0
        sigwait(&signals, &signal)
        sandbox.stop()
    }

    private func settings() throws -> Sandbox.Settings {
        var settings = Sandbox.Settings()
        if let config {
            do throws(ConfigurationProblems) {
                settings = try .load(path: config, environment: ProcessInfo.processInfo.environment)
            } catch {
                for problem in error.problems { complain(problem.description) }
                throw ExitCode(78)  // EX_CONFIG
            }
        }
        if let portBase { settings.ports = .init(base: portBase) }
        if let host { settings.host = host }
        if let callbacks { settings.callbacks.call(router: callbacks) }
        if noCallbacks { settings.callbacks.isOn = false }
        return settings
    }

    private func start(_ settings: Sandbox.Settings) throws -> Sandbox {
        do {
            return try Sandbox.start(settings)
        } catch {
            complain("\(error)")
            throw ExitCode(error is ListenFailure ? 69 : 78)  // EX_UNAVAILABLE, EX_CONFIG
        }
    }

    private func announce(_ sandbox: Sandbox, authorityFile: String?, _ pushFiles: PushFiles) {
        print(
            """
            control   \(sandbox.controlURL)
            sendgrid  \(sandbox.sendGridURL)
            ses       \(sandbox.sesURL)
            smtp      \(sandbox.smtpURL)
            smtps     \(sandbox.smtpsURL)
            twilio    \(sandbox.twilioURL)
            messagebird \(sandbox.messageBirdURL)
            fcm       \(sandbox.fcmURL)
            apns      \(sandbox.apnsURL)
            sns       \(sandbox.snsURL)

            # waypost.yaml
            \(sandbox.configuration(authorityFile: authorityFile, pushFiles: pushFiles))
            """)
        fflush(nil)
    }

    private func complain(_ text: String) {
        FileHandle.standardError.write(Data("waypost-sandbox: \(text)\n".utf8))
    }
}
