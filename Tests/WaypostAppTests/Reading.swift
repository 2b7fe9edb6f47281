import Foundation
import WaypostApp
import WaypostConfiguration

/// An entry of `providers` that is good as it stands, and that other sections can name.
let relay = "providers: {relay: {kind: smtp, url: 'smtps://mail.example.com', from: news@example.com}}\n"

/// The configuration that a text makes; throws what is wrong with it.
func configuration(
    _ yaml: String, environment: [String: String] = [:], folder: String = "/nowhere"
) throws(ConfigurationProblems) -> Configuration {
    let file = try ConfigurationFile(bytes: Array(yaml.utf8), folder: folder, environment: environment)
    return try Configuration(file: file)
}

/// What is wrong with a text, without the file's name: `1: server.listen: …`.
func problems(_ yaml: String, environment: [String: String] = [:], folder: String = "/nowhere") -> [String] {
    do throws(ConfigurationProblems) {
        _ = try configuration(yaml, environment: environment, folder: folder)
        return []
    } catch {
        return error.problems.map { String($0.description.dropFirst("waypost.yaml:".count)) }
    }
}

/// A folder of one test's own, gone when the test is over.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "waypost-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    /// The path of a file in it that holds `text`.
    @discardableResult
    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path).appending(path: name))
        return "\(path)/\(name)"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
