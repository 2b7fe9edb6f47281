import Foundation
import WaypostJSON

/// What support needs to know of a router, in one archive, with nothing in it of people or secrets.
package struct SupportBundle {
    /// A page of the router's and the name of its file.
    package static let pages: [(path: String, file: String)] = [
        ("/metrics", "metrics.txt"), ("/healthz", "health.json"), ("/readyz?verbose", "ready.txt"),
        ("/v1/configuration", "configuration.json"), ("/v1/providers", "providers.json"),
        ("/v1/routes", "routes.json"), ("/v1/overrides", "overrides.json"), ("/v1/diagnostics", "diagnostics.json"),
        ("/v1/audit?limit=200", "audit.json"),
    ]

    /// Why it could not be written.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let redaction: Redaction
    private var files: [(name: String, text: String)] = []
    private var manifest: [String] = []

    package init(_ redaction: Redaction) { self.redaction = redaction }

    /// A file of a page's answer. What is not 200 is noted and left out, but for health, which says so by its status.
    package mutating func add(_ file: String, status: Int, body: [UInt8]) {
        manifest.append("\(file): \(status)")
        guard status == 200 || status == 503 && (file == "health.json" || file == "ready.txt") else { return }
        add(file, body)
    }

    package mutating func add(_ file: String, _ body: [UInt8]) {
        if file.hasSuffix(".json") {
            // What cannot be read cannot be masked by its names either.
            guard let value = try? JSONValue(parsing: body, depth: 64) else { return }
            var json = JSONWriter()
            json.element(redaction.mask(value))
            files.append((file, String(decoding: json.bytes, as: UTF8.self) + "\n"))
        } else {
            files.append((file, redaction.mask(String(decoding: body, as: UTF8.self))))
        }
    }

    package mutating func note(_ line: String) { manifest.append(redaction.mask(line)) }

    /// Writes the archive with the system's `tar`, readable by its owner alone.
    package func write(to path: String) throws(Failure) {
        let root = FileManager.default.temporaryDirectory.appending(path: "waypost-support-\(UUID().uuidString)")
        let folder = root.appending(path: "waypost-support")
        defer { try? FileManager.default.removeItem(at: root) }
        do {
            let onlyUs: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: onlyUs)
            for file in files + [("manifest.txt", manifest.joined(separator: "\n") + "\n")] {
                try Data(file.text.utf8).write(to: folder.appending(path: file.name))
            }
            let tar = Process()
            tar.executableURL = URL(filePath: "/usr/bin/env")
            tar.arguments = ["tar", "-czf", URL(filePath: path).path, "-C", root.path, "waypost-support"]
            tar.standardError = FileHandle.nullDevice
            try tar.run()
            tar.waitUntilExit()
            guard tar.terminationStatus == 0 else {
                throw Failure(description: "tar could not write \(path); look at its folder and the disk")
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(description: "\(path) could not be written: \(error.localizedDescription)")
        }
    }
}
