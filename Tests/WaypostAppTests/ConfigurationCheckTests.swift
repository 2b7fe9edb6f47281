import Foundation
import Testing
import WaypostApp
import WaypostConfiguration
import WaypostCore

@Suite struct ConfigurationCheckTests {
    @Test func `a good file is good, and says its version`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("waypost.yaml", relay + "auth: {keys: [{name: a, token: b, scopes: [send]}]}")
        let check = ConfigurationCheck(path: path, environment: [:])
        #expect(check.exitCode == 0)
        #expect(check.problems == [])
        #expect(check.warnings == [])
        #expect(check.summary?.hasPrefix("\(path): good; version ") == true)
    }

    @Test func `a bad file is 78, and every problem is a line that editors can jump to`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("waypost.yaml", "log: {level: loud}\nserver: {listen: 5}")
        let check = ConfigurationCheck(path: path, environment: [:])
        #expect(check.exitCode == 78)
        #expect(check.problems.count == 2)
        #expect(check.problems.first?.hasPrefix("\(path):1: log.level: ") == true)
        #expect(check.summary == nil)
    }

    @Test func `a store whose folder is not there is a problem`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("waypost.yaml", "store: {path: gone/waypost.db}")
        let check = ConfigurationCheck(path: path, environment: [:])
        #expect(check.exitCode == 78)
        #expect(
            check.problems == [
                "\(path): store.path: lies in \(folder.path)/gone, which cannot be written to: "
                    + "No such file or directory; make the folder, or name another"
            ])
    }

    @Test(arguments: [
        ("", "auth.keys is empty: only loopback clients without forwarding headers may call"),
        ("", "providers: none is enabled, so no message can be sent"),
        (
            "store: {synchronous: normal}",
            "store.synchronous is normal: a power failure may lose the last messages that were accepted"
        ),
        (
            "providers: {r: {kind: smtp, tls: none, url: 'smtp://mail.example.com', from: a@example.com}}",
            "providers.r: credentials and messages go to mail.example.com without TLS"
        ),
    ])
    func `what deserves a look is a warning`(yaml: String, warning: String) throws {
        #expect(try configuration(yaml).warnings.contains(warning))
    }

    @Test func `a tolerance where nobody calls back has no effect, and is a warning`() throws {
        let entry = "kind: smtp, url: 'smtps://mail.example.com', from: a@example.com"
        let loaded = try configuration("providers: {p: {\(entry), webhook_tolerance: 1h}}")
        #expect(
            loaded.warnings.contains(
                "providers.p.webhook_tolerance: has no effect, this kind of provider does not call back"))
    }

    @Test(arguments: [
        "kind: sendgrid, api_key: x, from: a@example.com",
        "kind: ses, region: eu-west-1, access_key_id: x, secret_access_key: y, from: a@example.com, "
            + "sns_topic_arns: ['arn:aws:sns:eu-west-1:123456789012:waypost']",
        "kind: messagebird, access_key: x, originator: Example, signing_key: z",
    ])
    func `callbacks that work deserve no look`(entry: String) throws {
        let loaded = try configuration("providers: {p: {\(entry), webhook_tolerance: 1h}}")
        #expect(loaded.warnings.filter { $0.contains("has no effect") } == [])
    }

    @Test func `clear text to this machine deserves no look`() throws {
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            let yaml = "providers: {r: {kind: smtp, tls: none, url: 'smtp://\(host):25', from: a@example.com}}"
            #expect(try !configuration(yaml).warnings.contains { $0.contains("without TLS") })
        }
    }
}

@Suite struct ConfigurationExampleTests {
    private static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/waypost.example.yaml").path

    /// The variables that stand in the file without a default, comments aside.
    private static func environment() throws -> [String: String] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
        var names: [String: String] = [:]
        for match in lines.joined(separator: "\n").matches(of: /\$\{([A-Z_]+)\}/) {
            names[String(match.1)] = "value-of-\(match.1)"
        }
        return names
    }

    @Test func `the example is good once its variables are set`() throws {
        let environment = try Self.environment()
        #expect(environment.keys.contains("SENDGRID_API_KEY"))
        let check = ConfigurationCheck(path: Self.path, environment: environment)
        #expect(check.problems == [])
        #expect(check.warnings == [])
        let configuration = try Configuration.load(path: Self.path, environment: environment)
        #expect(configuration.providers.map(\.name) == ["sendgrid", "ses", "relay", "twilio", "messagebird"])
        #expect(configuration.routes[.sms]?.providers == ["twilio", "messagebird"])
        #expect(configuration.routes[.email]?.providers == ["sendgrid", "ses", "relay"])
    }

    @Test func `without its variables every one of them is asked for`() throws {
        let check = ConfigurationCheck(path: Self.path, environment: [:])
        let names = try Self.environment().keys
        #expect(check.problems.count == names.count)
        for name in names {
            #expect(check.problems.contains { $0.contains("needs the environment variable \(name), ") })
        }
    }

    @Test func `what the example calls a default is one`() throws {
        let example = try Configuration.load(path: Self.path, environment: try Self.environment())
        let silent = try configuration(
            "providers: {sendgrid: {kind: sendgrid, api_key: a, from: {email: news@example.com, name: Example}}}")
        #expect(example.server.maxBody == silent.server.maxBody)
        #expect(example.server.maxConnections == silent.server.maxConnections)
        #expect(example.server.maxConnectionsPerAddress == silent.server.maxConnectionsPerAddress)
        #expect(example.server.requestTimeout == silent.server.requestTimeout)
        #expect(example.server.drainDelay == silent.server.drainDelay)
        #expect(example.server.drainTimeout == silent.server.drainTimeout)
        #expect(example.store.maxQueued == silent.store.maxQueued)
        #expect(example.store.retention == silent.store.retention)
        #expect(example.delivery == silent.delivery)
        #expect(example.limits.recipient == silent.limits.recipient)
        #expect(example.policy == silent.policy)
        #expect(example.log == silent.log)
        #expect(example.metrics == silent.metrics)
        let (written, usual) = (example.providers[0], silent.providers[0])
        #expect(written.transfer == usual.transfer)
        #expect(written.callbacks.tolerance == usual.callbacks.tolerance)
        #expect(written.gate.breakers == usual.gate.breakers)
        #expect(written.gate.weight == usual.gate.weight)
        #expect(written.gate.maxInFlight == usual.gate.maxInFlight)
    }

    /// Every key that the loader knows stands in the file, in force or behind a comment sign.
    @Test func `the example names every key that the loader knows`() throws {
        let text = try String(contentsOfFile: Self.path, encoding: .utf8)
        for key in try Self.knownKeys() { #expect(text.contains("\(key):"), "\(key)") }
    }

    /// What an unknown key's complaint lists as known.
    private static func knownKeys() throws -> Set<String> {
        let smtp = "kind: smtp, url: 'smtps://host', from: a@example.com"
        let wrong = [
            "server: {zzzzzz: 1}", "store: {zzzzzz: 1}", "auth: {zzzzzz: 1}", "auth: {keys: [{zzzzzz: 1}]}",
            "zzzzzz: 1", "delivery: {zzzzzz: 1}", "limits: {zzzzzz: 1}", "policy: {zzzzzz: 1}",
            "events: {zzzzzz: 1}", "events: {endpoints: [{zzzzzz: 1}]}", "events: {incoming: [{zzzzzz: 1}]}",
            "log: {zzzzzz: 1}", "metrics: {zzzzzz: 1}", "store: {retention: {zzzzzz: 1}}",
            "store: {encryption_keys: [{zzzzzz: 1}]}", "delivery: {retry: {zzzzzz: 1}}",
            "policy: {quiet_hours: {zzzzzz: 1}}", "policy: {require_consent: {zzzzzz: 1}}",
            "policy: {pii: {zzzzzz: 1}}", "server: {tls: {zzzzzz: 1}}",
            relay + "routes: {email: {zzzzzz: 1}}", relay + "routes: {email: {rules: [{zzzzzz: 1}]}}",
            relay + "routes: {email: {rules: [{match: {zzzzzz: 1}}]}}",
            "providers: {a: {\(smtp), breaker: {zzzzzz: 1}}}", "providers: {a: {\(smtp), price: {zzzzzz: 1}}}",
            "providers: {a: {kind: sendgrid, zzzzzz: 1}}", "providers: {a: {kind: ses, zzzzzz: 1}}",
            "providers: {a: {kind: smtp, zzzzzz: 1}}", "providers: {a: {kind: twilio, zzzzzz: 1}}",
            "providers: {a: {kind: messagebird, zzzzzz: 1}}", "providers: {a: {kind: fcm, zzzzzz: 1}}",
            "providers: {a: {kind: apns, zzzzzz: 1}}",
        ]
        var keys: Set<String> = []
        for yaml in wrong {
            let complaint = try #require(problems(yaml).first { $0.contains("zzzzzz: is not a setting") }, "\(yaml)")
            let list = try #require(complaint.components(separatedBy: "write one of ").dropFirst().first)
            keys.formUnion(list.components(separatedBy: ", "))
        }
        return keys
    }
}
