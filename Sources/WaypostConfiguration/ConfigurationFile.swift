/// `waypost.yaml` parsed and expanded, not yet understood: that is the business of whoever owns a section.
package struct ConfigurationFile: Sendable {
    /// As the operator gave it; it begins every problem's line.
    package let path: String
    /// Where relative paths in it begin; absolute when the file was loaded.
    package let folder: String
    /// Twelve hexadecimal digits that change when the file does.
    package let version: String
    private let root: ConfigurationNode
    /// What could not be expanded: told together with what the sections' owners find.
    private let flaws: [ConfigurationProblem]

    /// A larger file than this is surely another. In bytes.
    package static let maxSize = 16 << 20

    /// Reads the file at `path`; what is in it may still mean nothing.
    package static func load(
        path: String, environment: [String: String]
    ) throws(ConfigurationProblems) -> ConfigurationFile {
        let bytes: [UInt8]
        do throws(FileContents.Flaw) {
            bytes = try FileContents.read(path, atMost: maxSize)
        } catch {
            throw ConfigurationProblems([
                ConfigurationProblem(
                    file: path, complaint: "cannot be read: \(error.reason)", wayOut: "name the file with --config")
            ])
        }
        let folder = FilePath.folder(of: FilePath.absolute(path, in: FilePath.current))
        return try ConfigurationFile(bytes: bytes, path: path, folder: folder, environment: environment)
    }

    /// Parses what `load` has read; throws where it is not one YAML document made of sections.
    package init(
        bytes: [UInt8], path: String = "waypost.yaml", folder: String, environment: [String: String]
    ) throws(ConfigurationProblems) {
        let log = ProblemLog(file: path)
        let expansion = Expansion(environment: environment, folder: folder)
        guard let root = YAMLDocument.parse(bytes, expanding: expansion, log: log) else {
            throw ConfigurationProblems(log.problems)
        }
        self.path = path
        self.folder = folder
        self.root = root
        version = Self.digest(of: bytes)
        flaws = log.problems
    }

    /// Hands one section of the file to `body`, for what needs no other: whatever is wrong elsewhere, such as a variable that
    /// is not set, is of no concern.
    package func read<Value>(
        only name: String, _ body: (inout SectionReader) -> Value
    ) throws(ConfigurationProblems) -> Value {
        let log = ProblemLog(file: path)
        var root = SectionReader(root, path: "", folder: folder, log: log)
        var section = root.sectionOrEmpty(name)
        let value = body(&section)
        let problems = (flaws + log.problems).filter {
            $0.path.isEmpty || $0.path == name || $0.path.hasPrefix(name + ".")
        }
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return value
    }

    /// Hands the whole file to `body`, which takes it apart section by section. Throws every problem that came up, or gives
    /// what `body` made of it.
    package func read<Value>(_ body: (inout SectionReader) -> Value) throws(ConfigurationProblems) -> Value {
        let log = ProblemLog(file: path)
        var section = SectionReader(root, path: "", folder: folder, log: log)
        let value = body(&section)
        let problems = flaws + log.problems
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return value
    }

    /// The file for people to see: expanded, in its own order, secrets as `***`.
    package var redacted: RedactedValue { RedactedValue(root) }

    /// FNV-1a: it tells versions apart, it proves nothing.
    private static func digest(of bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String((String(repeating: "0", count: 16 - digits.count) + digits).suffix(12))
    }
}
