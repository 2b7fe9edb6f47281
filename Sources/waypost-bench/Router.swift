import Foundation
import WaypostApp
import WaypostConfiguration
import WaypostCore
import WaypostCurl
import WaypostHTTP
import WaypostSandbox

/// A router in this process, with a store in a folder of its own that goes when it stops.
struct Router {
    static let token = "bench-token"
    private let app: WaypostApp
    private let folder: URL
    var port: Int { app.address.port }

    /// `provider` nil: an address where nobody is. `idle`: how many others stand beside it and are sent nothing.
    init(provider: Sandbox?, idle: Int = 0) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("waypost-bench-\(UUID().uuidString)")
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("waypost.yaml").path
        let text = """
            server: {listen: "127.0.0.1:0"}
            auth:
              keys:
                - {name: bench, token: \(Self.token), scopes: [send, operate], rate_limit: {limit: 1000000, window: 1s}}
            providers:
              sendgrid:
                kind: sendgrid
                base_url: "\(provider?.sendGridURL ?? "http://127.0.0.1:9")"
                api_key: "\(provider?.settings.sendGridKey ?? "SG.none")"
                webhook_public_key: "\(EventBatch.publicKey)"
                from: {email: news@example.com}
            \(try provider.map { try Self.apns(at: $0, files: folder.path) } ?? "")
            \((0..<idle).map(Self.idler).joined(separator: "\n"))
            \(idle == 0 ? "" : Self.routes(among: idle))
            store: {max_queued: 100000000}
            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let configuration = try Configuration.load(path: path, environment: [:])
        app = try WaypostApp(configuration, source: .init(path: path, environment: [:]), log: LogLines { _ in })
    }

    /// One for text messages, calls and WhatsApp, at an address where nobody is.
    private static func idler(_ number: Int) -> String {
        """
          idle-\(number):
            kind: twilio
            base_url: "http://127.0.0.1:9"
            account_sid: AC\(String(format: "%032x", number))
            auth_token: none
            from: "+15550100001"
            whatsapp_from: "+15550100002"
            voice_from: "+15550100003"
            rate_limits: [{limit: 100, window: 1s}, {limit: 1000, window: 60s}]
        """
    }

    private static func routes(among idle: Int) -> String {
        let names = (0..<idle).map { "idle-\($0)" }.joined(separator: ", ")
        let lines = ["sms", "whatsapp", "voice"].map { "  \($0): {providers: [\(names)]}" }
        return (["routes:", "  email: {providers: [sendgrid]}"] + lines).joined(separator: "\n")
    }

    private static func apns(at sandbox: Sandbox, files folder: String) throws -> String {
        let (authority, key) = ("\(folder)/ca.pem", "\(folder)/apns.p8")
        try (sandbox.authority ?? "").write(toFile: authority, atomically: true, encoding: .utf8)
        try sandbox.apnsKey.write(toFile: key, atomically: true, encoding: .utf8)
        let settings = sandbox.settings.apns
        return """
              apns:
                kind: apns
                base_url: "\(sandbox.apnsURL)"
                ca_file: "\(authority)"
                team_id: "\(settings.teamID)"
                key_id: "\(settings.keyID)"
                private_key: "file:\(key)"
                topic: "\(settings.topic)"
            """
    }

    /// Posts to an operator's endpoint and waits for the answer.
    func operate(_ path: String) throws {
        let transport = CurlTransport()
        defer { transport.stop() }
        let answered = Monitor<Int?>(nil)
        var request = HTTPRequest.post("http://127.0.0.1:\(port)\(path)", json: Array("{}".utf8))
        request.headers["Authorization"] = "Bearer \(Self.token)"
        transport.send(.http(request), pool: "bench", settings: TransferSettings()) { reply in
            let status = if case .success(.http(let response)) = reply { response.status } else { 0 }
            answered.change { $0 = status }
        }
        guard answered.wait(atMost: .seconds(10), { $0 }) == 200 else { throw BenchFailure("\(path) was refused") }
    }

    func waitUntilSent(atMost span: Duration) {
        let deadline = ContinuousClock.now + span
        while app.ledger.open > 0, ContinuousClock.now < deadline { usleep(2000) }
    }

    func stop() {
        app.drain { _ in true }
        try? FileManager.default.removeItem(at: folder)
    }
}
