import Foundation
import Synchronization
import WaypostApp
import WaypostConfiguration
import WaypostCore
import WaypostDelivery
import WaypostSandbox

/// All that a demo runs: the stand-ins, the router before them, and traffic; in a folder that goes when it ends.
final class DemoStage: Sendable {
    let sandbox: Sandbox
    let app: WaypostApp
    let traffic: Traffic
    /// The router's API.
    let url: String
    private let folder: URL

    init(rate: Int) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("waypost-demo-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        sandbox = try Sandbox.start()
        let path = folder.appendingPathComponent("waypost.yaml").path
        try Self.configuration(for: sandbox).write(toFile: path, atomically: true, encoding: .utf8)
        let log = folder.appendingPathComponent("waypost.log").path
        let configuration = try Configuration.load(path: path, environment: [:])
        app = try WaypostApp(
            configuration, source: .init(path: path, environment: [:]), log: LogLines(write: Self.file(log)))
        url = "http://\(app.address.host):\(app.address.port)"
        traffic = Traffic(to: url, rate: rate)
    }

    /// Breakers that come back within seconds, since nobody watches for minutes.
    private static func configuration(for sandbox: Sandbox) -> String {
        """
        server: {listen: "127.0.0.1:0"}
        store: {path: waypost.db}
        providers:
          sendgrid:
            kind: sendgrid
            base_url: "\(sandbox.sendGridURL)"
            api_key: "\(sandbox.settings.sendGridKey)"
            from: {email: news@example.com, name: Demo}
            breaker: {failures: 5, window: 10s, recovery: 1s, recovery_backoff: 1.5, recovery_max: 2s}
          ses:
            kind: ses
            base_url: "\(sandbox.sesURL)"
            region: \(sandbox.settings.aws.region)
            access_key_id: "\(sandbox.settings.aws.accessKeyID)"
            secret_access_key: "\(sandbox.settings.aws.secretAccessKey)"
            from: {email: news@example.com, name: Demo}
        routes:
          email: {providers: [sendgrid, ses], strategy: priority}
        """
    }

    private static func file(_ path: String) -> @Sendable ([UInt8]) -> Void {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        return { line in _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }
    }

    func play(_ act: DemoScript.Act) {
        switch act {
        case .fails: fail(with: .status(Fault.Answer(503)))
        case .refuses: fail(with: .refuse)
        case .returns: sandbox.clearFaults()
        }
    }

    private func fail(with effect: Fault.Effect) {
        sandbox.clearFaults()
        do throws(FaultProblem) {
            try sandbox.setFault(Fault(.sendgrid, effect))
        } catch {
            Terminal.complain("waypost demo: the stand-in cannot fail so: \(error)")
        }
    }

    /// Lets everything under way come to its end, takes the account, and clears the stage.
    func close() -> DemoAccount {
        sandbox.clearFaults()
        traffic.stop()
        let deadline = ContinuousClock.now + .seconds(20)
        while app.ledger.open > 0, ContinuousClock.now < deadline { usleep(20_000) }
        let account = DemoAccount(traffic: traffic.counts, ledger: app.ledger, journal: sandbox.journal.summary)
        app.drain { _ in true }
        sandbox.stop()
        try? FileManager.default.removeItem(at: folder)
        return account
    }
}
