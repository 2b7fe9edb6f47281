import Foundation
import Synchronization
import WaypostApp
import WaypostConfiguration
import WaypostCore
import WaypostDelivery
import WaypostSandbox

/// All that a demo runs: the stand-ins, the router before them, and traffic; in a folder that goes when it ends.
final class DemoStage: Sendable {
    /// One for each channel: its journal tells that channel's account, and its faults strike nobody else's.
    let sandboxes: [Channel: Sandbox]
    let app: WaypostApp
    let traffic: Traffic
    /// The router's API.
    let url: String
    private let folder: URL

    /// `rate` is in messages a second, over all channels; `port` the router's, 0 for a free one.
    init(rate: Int, port: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("waypost-demo-\(getpid())")
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
        func authorityFile(_ channel: Channel) -> String { path("\(channel.rawValue).pem") }

        var sandboxes: [Channel: Sandbox] = [:]
        for cast in DemoCast.all {
            var settings = Sandbox.Settings()
            settings.journalEntries = 10_000
            let sandbox = try Sandbox.start(settings)
            try sandbox.writeAuthority(to: authorityFile(cast.channel))
            try sandbox.writePushKeys(to: PushFiles(beside: authorityFile(cast.channel)))
            sandboxes[cast.channel] = sandbox
        }
        self.sandboxes = sandboxes

        let file = path("waypost.yaml")
        try DemoConfiguration.text(sandboxes, port: port, files: authorityFile)
            .write(toFile: file, atomically: true, encoding: .utf8)
        let configuration = try Configuration.load(path: file, environment: [:])
        app = try WaypostApp(
            configuration, source: .init(path: file, environment: [:]),
            log: LogLines(write: Self.file(path("waypost.log"))))
        url = "http://\(app.address.host):\(app.address.port)"
        // Twilio and MessageBird learn with each message whom to call back; SendGrid and SES by their settings.
        for sandbox in sandboxes.values { sandbox.callBack(router: url) }
        traffic = Traffic(to: url, rate: rate)
    }

    private static func file(_ path: String) -> @Sendable ([UInt8]) -> Void {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        return { line in _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }
    }

    func journal(of cast: DemoCast) -> Journal? { sandboxes[cast.channel]?.journal }

    /// Acts on that channel's primary.
    func play(_ act: DemoScript.Act, on cast: DemoCast) {
        guard let sandbox = sandboxes[cast.channel] else { return }
        sandbox.clearFaults()
        let effect: Fault.Effect
        switch act {
        case .fails: effect = .status(Fault.Answer(503))
        case .refuses: effect = .refuse
        case .returns: return
        }
        do throws(FaultProblem) {
            try sandbox.setFault(Fault(cast.primary, effect))
        } catch {
            Terminal.complain("waypost demo: the stand-in cannot fail so: \(error)")
        }
    }

    /// Lets everything under way come to its end, takes the account, and clears the stage.
    func close() -> DemoAccount {
        for sandbox in sandboxes.values { sandbox.clearFaults() }
        traffic.stop()
        let deadline = ContinuousClock.now + .seconds(20)
        while app.ledger.open > 0, ContinuousClock.now < deadline { usleep(20_000) }
        // What was told is kept when it is answered; only callbacks that are still under way are waited for.
        while sandboxes.values.contains(where: { $0.callbacksUnderWay > 0 }), ContinuousClock.now < deadline {
            usleep(20_000)
        }
        let account = DemoAccount(
            traffic: traffic.counts, ledger: app.ledger, journals: sandboxes.mapValues(\.journal.summary))
        app.drain { _ in true }
        for sandbox in sandboxes.values { sandbox.stop() }
        try? FileManager.default.removeItem(at: folder)
        return account
    }
}
