import Synchronization
import Testing
import WaypostApp
import WaypostDiagnostics
import WaypostJSON
import WaypostPolicy
import WaypostSandbox
import WaypostStore

/// A router in this process with a sandbox of its own: the whole way over real sockets and a real store.
final class Router {
    let sandbox: Sandbox
    let folder: Folder
    let app: WaypostApp
    var port: Int { app.address.port }
    /// One connection for the test's own thread.
    let wire: Wire
    let log: Log
    private var isRunning = true
    private var ownsSandbox = false

    /// With a sandbox and a folder of its own.
    convenience init(
        _ setup: Setup = Setup(), settings: Sandbox.Settings = .init(),
        reconciling schedule: ReconcileSchedule = .init()
    ) throws {
        var settings = settings
        settings.callbacks.isOn = setup.isToldOf
        try self.init(setup, in: Folder(), with: Sandbox.start(settings), reconciling: schedule)
        ownsSandbox = true
        if setup.isToldOf { sandbox.callBack(router: "http://127.0.0.1:\(port)") }
    }

    /// In a folder that outlives it, before a sandbox that does.
    init(
        _ setup: Setup = Setup(), in folder: Folder, with sandbox: Sandbox,
        reconciling schedule: ReconcileSchedule = .init()
    ) throws {
        self.folder = folder
        self.sandbox = sandbox
        try folder.configure(setup, for: sandbox)
        let path = folder.file("waypost.yaml")
        let log = Log()
        let out = LogLines(write: { log.append($0) })
        let configuration = try Configuration.load(path: path, environment: [:])
        out.apply(configuration.log)
        app = try WaypostApp(
            configuration, source: .init(path: path, environment: [:]), reconciling: schedule, resolver: NoNames(),
            log: out)
        wire = Wire(port: app.address.port)
        self.log = log
    }

    deinit { stop() }

    /// Ends the router, then its sandbox; twice does no harm.
    func stop() {
        guard isRunning else { return }
        isRunning = false
        wire.hangUp()
        app.drain { _ in true }
        if ownsSandbox { sandbox.stop() }
    }

    /// Waits until every provider has been asked once how it is, as it is at the start. `connection`: one that may ask, where
    /// callers need a token.
    func waitForHealth(asking connection: Wire? = nil) throws {
        try eventually("the providers' health is known") {
            let all = try (connection ?? wire).get("/v1/providers")["data"]?.array ?? []
            return !all.isEmpty && all.allSatisfy { $0["health"]?["status"] != nil }
        }
    }

    /// What holds whatever happened: the ledger's sums, the store as `fsck` sees it, and nothing sent twice to anybody.
    func checkBooks(sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try wire.metrics()["waypost_ledger_imbalance"] == 0, sourceLocation: sourceLocation)
        let findings = try Inspection.of(path: folder.file("store/waypost.db")).findings
        #expect(findings == [], sourceLocation: sourceLocation)
        #expect(sandbox.journal.summary.duplicateIDs == [], sourceLocation: sourceLocation)
    }

    /// Another connection, for another thread.
    func connection(token: String? = nil) -> Wire { Wire(port: port, token: token) }
}

/// What the router logged.
final class Log: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    var text: String { lines.withLock { $0.joined() } }
}

extension Sandbox {
    /// Providers that take messages and tell nothing of them by themselves.
    static func silent() throws -> Sandbox {
        var settings = Settings()
        settings.callbacks.isOn = false
        return try start(settings)
    }
}

/// A DNS in which no name exists, so that no test asks the world.
private struct NoNames: Resolver {
    func texts(at name: String) -> TextAnswer { .noName }
}
