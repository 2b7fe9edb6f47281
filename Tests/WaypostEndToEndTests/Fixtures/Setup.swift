import Foundation
import WaypostSandbox

/// What a test's `waypost.yaml` says: everything needed to send through a sandbox, and what the test changes of it.
struct Setup {
    /// Each is written as the value of its section, in YAML's flow form.
    var sections: [String: String] = [
        "server": "{listen: 127.0.0.1:0, drain_timeout: 10s, max_body: 16MiB, max_connections: 500}",
        "store": "{path: store/waypost.db}",
        "delivery": "{retry: {delays: [100ms, 200ms, 400ms], jitter: 0}}",
        "limits": "{recipient: off}",
        "routes": "{email: {providers: [sendgrid, ses, relay]}}",
        "log": "{level: debug}",
    ]
    /// Keys of every provider's entry.
    var common: [String: String] = ["timeout": "30s", "connect_timeout": "5s", "breaker": "{failures: off}"]
    /// The providers that have an entry, of those that the sandbox stands in for.
    var configured: Set<String> = ["sendgrid", "ses", "relay"]
    /// The providers tell what becomes of messages, and the router can prove that it is they.
    var isToldOf = false
    /// Keys of one provider's entry; they go before the common ones.
    var providers: [String: [String: String]] = [:]

    /// A setup whose one provider is this; the others are configured, and on no route.
    static func through(_ providers: String...) -> Setup {
        var setup = Setup()
        setup.sections["routes"] = "{email: {providers: [\(providers.joined(separator: ", "))]}}"
        return setup
    }

    /// A setup with these routes; their providers alone are configured.
    static func routing(_ routes: KeyValuePairs<String, [String]>) -> Setup {
        var setup = Setup()
        let lines = routes.map { "\($0.key): {providers: [\($0.value.joined(separator: ", "))]}" }
        setup.sections["routes"] = "{\(lines.joined(separator: ", "))}"
        setup.configured = Set(routes.flatMap(\.value))
        return setup
    }

    mutating func set(_ provider: String, _ key: String, _ value: String) {
        providers[provider, default: [:]][key] = value
    }

    private static let callbackKeys: Set = [
        "webhook_public_key", "signing_key", "sns_topic_arns", "sns_endpoint", "configuration_set",
    ]

    /// The file's text. `authority` is where the sandbox's CA certificate lies.
    func text(for sandbox: Sandbox, authority: String) -> String {
        var lines: [String] = []
        for (name, value) in sections.sorted(by: { $0.key < $1.key }) { lines.append("\(name): \(value)") }
        lines.append("providers:")
        for (name, known) in sandbox.entries(authority: authority) where configured.contains(name) {
            let keys = isToldOf ? known : known.filter { !Self.callbackKeys.contains($0.key) }
            lines.append("  \(name):")
            let all = common.merging(keys) { $1 }.merging(providers[name] ?? [:]) { $1 }
            for (key, value) in all.sorted(by: { $0.key < $1.key }) { lines.append("    \(key): \(value)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// A folder for one test's files, gone with it.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/waypost-test.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Wire.Broken(description: "no temporary folder") }
        path = String(cString: made)
        try FileManager.default.createDirectory(atPath: path + "/store", withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
    func write(_ text: String, to name: String) throws {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    }
}
