import Glibc
import WaypostConfiguration

/// `waypost check`: the file and everything it names, looked at without a connection and without opening the store.
package struct ConfigurationCheck: Sendable {
    /// 0, or 78 (`EX_CONFIG` of sysexits.h).
    package let exitCode: Int32
    /// What is wrong, a line each; for standard error.
    package let problems: [String]
    /// What deserves a look, a line each; for standard error.
    package let warnings: [String]
    /// For standard output; nil where there are problems.
    package let summary: String?

    package static let badConfiguration: Int32 = 78

    package init(path: String, environment: [String: String]) {
        do throws(ConfigurationProblems) {
            let configuration = try Configuration.load(path: path, environment: environment)
            warnings = configuration.warnings.map { "\(path): warning: \($0)" }
            problems = Self.storeProblem(configuration, file: path).map { [$0.description] } ?? []
            exitCode = problems.isEmpty ? 0 : Self.badConfiguration
            summary = problems.isEmpty ? "\(path): good; version \(configuration.version)" : nil
        } catch {
            problems = error.problems.map(\.description)
            warnings = []
            exitCode = Self.badConfiguration
            summary = nil
        }
    }

    /// The store may not exist yet, but its folder must. At start this is the store's own error.
    private static func storeProblem(_ configuration: Configuration, file: String) -> ConfigurationProblem? {
        let folder = FilePath.folder(of: configuration.store.path)
        guard access(folder, W_OK | X_OK) != 0 else { return nil }
        return ConfigurationProblem(
            file: file, path: "store.path",
            complaint: "lies in \(folder), which cannot be written to: \(String(cString: strerror(errno)))",
            wayOut: "make the folder, or name another")
    }
}
