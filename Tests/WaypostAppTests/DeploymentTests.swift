import Foundation
import Testing
import WaypostApp
import WaypostConfiguration

/// What lies in `deploy`: units, manifests and scripts, as those see them who will read them.
@Suite struct DeploymentTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func path(_ name: String) -> String { Self.root.appending(path: name).path }
    private func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    /// The configuration in a text; store and secrets are of no concern.
    @Test(arguments: ["deploy/docker/waypost.yaml", "deploy/deb/waypost.yaml"])
    func `a configuration that is handed out is good`(name: String) throws {
        let configuration = try configuration(
            text(name), environment: ["WAYPOST_TOKEN": "wp_demo"],
            folder: (path(name) as NSString).deletingLastPathComponent)
        #expect(configuration.store.path == "/var/lib/waypost/waypost.db")
    }

    @Test func `the configuration for Kubernetes is good, and the Secret's example has all that it names`() throws {
        let yaml = try embedded("waypost.yaml", in: text("deploy/kubernetes/configmap.yaml"))
        var secrets: [String: String] = [:]
        for line in try text("deploy/kubernetes/secret.example.yaml").split(separator: "\n") {
            let words = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if line.hasPrefix("  "), words.count == 2, words[0].allSatisfy({ $0.isUppercase || $0 == "_" }) {
                secrets[words[0]] = words[1]
            }
        }
        let configuration = try configuration(yaml, environment: secrets)
        #expect(configuration.server.operationsListen?.port == 9090)
        let set = try text("deploy/kubernetes/statefulset.yaml")
        #expect(set.contains("containerPort: \(configuration.server.listen.port)"))
        let grace = try #require(number(after: "terminationGracePeriodSeconds: ", in: set))
        #expect(.seconds(grace) > configuration.server.drainDelay + configuration.server.drainTimeout + .seconds(10))
    }

    @Test func `the unit waits longer than the drain takes where nothing else is written`() throws {
        let unit = try text("deploy/systemd/waypost.service")
        let wait = try #require(number(after: "TimeoutStopSec=", in: unit))
        let server = try configuration("{}").server
        #expect(.seconds(wait) > server.drainDelay + server.drainTimeout + .seconds(30))
        #expect(unit.contains("RestartPreventExitStatus=\(ConfigurationCheck.badConfiguration)\n"))
        let socket = try text("deploy/systemd/waypost.socket")
        #expect(socket.contains("ListenStream=\(server.listen)\n"))
        #expect(socket.contains("FileDescriptorName=listen\n"))
    }

    @Test(.enabled(if: Tool.isThere("systemd-analyze"), "systemd-analyze is not here"))
    func `systemd has nothing to say against the units, and finds the service well shut in`() throws {
        // The program that the unit names is not installed: another stands in its place.
        let folder = try TemporaryFolder()
        let unit = try text("deploy/systemd/waypost.service")
        let stand = try folder.file(
            "waypost.service", unit.replacingOccurrences(of: "/usr/bin/waypost ", with: "/bin/true "))
        let socket = try folder.file("waypost.socket", text("deploy/systemd/waypost.socket"))
        let verified = try Tool.run("systemd-analyze", ["verify", "--man=no", stand, socket])
        #expect(verified.status == 0 && verified.said.isEmpty, "\(verified.said)")
        let secured = try Tool.run(
            "systemd-analyze", ["security", "--offline=yes", "--threshold=20", path("deploy/systemd/waypost.service")])
        #expect(secured.status == 0, "\(secured.said)")
    }

    @Test(.enabled(if: Tool.isThere("shellcheck"), "shellcheck is not here"))
    func `shellcheck finds nothing in any script`() throws {
        var scripts: [String] = []
        let folders = FileManager.default.enumerator(atPath: path("deploy"))
        while let name = folders?.nextObject() as? String {
            let file = path("deploy/" + name)
            guard let handle = FileHandle(forReadingAtPath: file), let start = try? handle.read(upToCount: 2) else {
                continue
            }
            if start == Data("#!".utf8) { scripts.append(file) }
        }
        #expect(scripts.count >= 7)
        let checked = try Tool.run("shellcheck", scripts + [path(".ci/run")])
        #expect(checked.status == 0, "\(checked.said)")
    }

    @Test(.enabled(if: Tool.isThere("kubernetes-validate"), "kubernetes-validate is not here"))
    func `the manifests are what Kubernetes takes`() throws {
        let folder = path("deploy/kubernetes")
        let manifests = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
        // Of these no schema comes with it.
        let foreign = ["kustomization.yaml", "servicemonitor.yaml"]
        let own = manifests.filter { !foreign.contains($0) }.map { folder + "/" + $0 }
        #expect(own.count >= 8)
        let validated = try Tool.run("kubernetes-validate", ["--strict", "--kubernetes-version", "1.27"] + own)
        #expect(validated.status == 0 && !validated.said.contains("WARN"), "\(validated.said)")
        let listed = try text("deploy/kubernetes/kustomization.yaml")
        for name in manifests where name != "kustomization.yaml" { #expect(listed.contains("- \(name)\n")) }
    }

    @Test func `kubernetes-validate would not be silent about a flaw`() throws {
        guard Tool.isThere("kubernetes-validate") else { return }
        let folder = try TemporaryFolder()
        let flawed = try folder.file(
            "flawed.yaml",
            text("deploy/kubernetes/statefulset.yaml").replacingOccurrences(of: "replicas: 1", with: "replica: 1"))
        #expect(try Tool.run("kubernetes-validate", ["--strict", "--kubernetes-version", "1.27", flawed]).status != 0)
    }

    @Test(arguments: [
        "deploy/docker/compose.yaml", "deploy/docker/prometheus.yml", "deploy/docker/alertmanager.yml",
        "deploy/kubernetes/kustomization.yaml", "deploy/kubernetes/servicemonitor.yaml",
    ])
    func `the rest is YAML, and names files that are there`(name: String) throws {
        let text = try text(name)
        _ = try ConfigurationFile(bytes: Array(text.utf8), folder: "/", environment: ["WAYPOST_TOKEN": ""])
        let folder = (name as NSString).deletingLastPathComponent
        for match in text.matches(of: #/(\.\.?\/[\w.\/-]+):\//#) {
            #expect(FileManager.default.fileExists(atPath: path(folder + "/" + match.output.1)), "\(match.output.1)")
        }
    }

    /// A block of text that stands under a key, without its indentation.
    private func embedded(_ key: String, in yaml: String) throws -> String {
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasSuffix("\(key): |") })
        return lines[(start + 1)...].prefix { $0.isEmpty || $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
            .joined(separator: "\n")
    }

    private func number(after word: String, in text: String) -> Int? {
        text.firstRange(of: word).flatMap { Int(text[$0.upperBound...].prefix { $0.isNumber }) }
    }
}

/// A program of the machine's.
private enum Tool {
    static func isThere(_ name: String) -> Bool {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }

    static func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, said: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
}
