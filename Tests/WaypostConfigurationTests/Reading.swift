import Foundation
import WaypostConfiguration

/// Reads a text as if it were the file; throws what is wrong with it.
func read<Value>(
    _ yaml: String, environment: [String: String] = [:], folder: String = "/nowhere",
    _ body: (inout SectionReader) -> Value
) throws(ConfigurationProblems) -> Value {
    let file = try ConfigurationFile(bytes: Array(yaml.utf8), folder: folder, environment: environment)
    return try file.read(body)
}

/// Every problem that reading a text with `body` finds, as the operator sees it.
func problems<Value>(
    _ yaml: String, environment: [String: String] = [:], folder: String = "/nowhere",
    _ body: (inout SectionReader) -> Value
) -> [String] {
    do throws(ConfigurationProblems) {
        _ = try read(yaml, environment: environment, folder: folder, body)
        return []
    } catch {
        return error.problems.map(\.description)
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

    /// The path of a file in it that holds `bytes`.
    @discardableResult
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        try Data(bytes).write(to: URL(filePath: path).appending(path: name))
        return "\(path)/\(name)"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
