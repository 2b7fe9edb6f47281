/// Takes one section of the configuration apart, key by key, and notes every complaint on the way instead of stopping at
/// the first.
///
/// ```swift
/// init(reading section: inout SectionReader) {
///     failures = section.integer("failures", in: 1...1000) ?? 5
///     recovery = section.duration("recovery", default: .seconds(30))
///     section.finish()  // "breaker.recovry: is not a setting; did you mean recovery?"
/// }
/// ```
///
/// A key that is absent or unset reads as nil or as the default. So does one with a wrong value, which is complained about:
/// what was read is thrown away then, but reading goes on and finds the other faults.
package struct SectionReader {
    /// `providers.sendgrid`; empty for the file itself.
    package let path: String
    /// Where the section stands in the file.
    package let line: Int?
    /// Where relative paths begin: the folder of the configuration file.
    package let folder: String
    private let entries: [ConfigurationNode.Entry]
    private let log: ProblemLog
    /// Every key that was asked for, which makes it known.
    private var asked: [String] = []

    init(_ node: ConfigurationNode, path: String, folder: String, log: ProblemLog) {
        self.path = path
        self.folder = folder
        self.log = log
        line = node.line
        if case .section(let entries) = node.value { self.entries = entries } else { entries = [] }
    }

    /// The keys that are set, in the order of the file.
    package var keys: [String] { entries.filter { $0.node.value != .unset }.map(\.key) }

    /// Whether the key is set to anything, a wrong value included. Does not make it known.
    package func has(_ key: String) -> Bool { entries.contains { $0.key == key && $0.node.value != .unset } }

    /// Whether a section stands under the key, for those that also take a single value. Does not make it known.
    package func isSection(_ key: String) -> Bool {
        guard let node = entries.first(where: { $0.key == key })?.node, case .section = node.value else { return false }
        return true
    }

    /// Notes a complaint about `key`; `text` follows the key's path.
    package func complain(_ key: String, _ text: String, wayOut: String? = nil) {
        let line = entries.first { $0.key == key }?.line ?? line
        log.add(line: line, path: path(of: key), text, wayOut: wayOut)
    }

    /// Notes a complaint about the section as a whole.
    package func complain(_ text: String, wayOut: String? = nil) {
        log.add(line: line, path: path, text, wayOut: wayOut)
    }

    /// Complains about every key that nobody has asked for. The last thing a section's owner does.
    package func finish() {
        for entry in entries where !asked.contains(entry.key) {
            let wayOut =
                if let meant = Spelling.nearest(to: entry.key, among: asked) {
                    "did you mean \(meant)?"
                } else if asked.isEmpty {
                    "remove it"
                } else {
                    "remove it, or write one of \(asked.joined(separator: ", "))"
                }
            complain(entry.key, "is not a setting", wayOut: wayOut)
        }
    }

    /// Makes keys known that have no use here.
    package mutating func ignore(where isIgnored: (String) -> Bool) {
        asked += keys.filter { isIgnored($0) && !asked.contains($0) }
    }

    // MARK: For the accessors

    enum Found {
        case nothing
        /// Its fault was told already.
        case broken
        case node(ConfigurationNode)
    }

    /// What stands under the key, which is known from now on.
    mutating func find(_ key: String) -> Found {
        if !asked.contains(key) { asked.append(key) }
        guard let node = entries.first(where: { $0.key == key })?.node else { return .nothing }
        return switch node.value {
        case .unset: .nothing
        case .broken: .broken
        case .scalar, .list, .section: .node(node)
        }
    }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// A reader for a section somewhere below this one.
    func reader(of node: ConfigurationNode, path: String) -> SectionReader {
        SectionReader(node, path: path, folder: folder, log: log)
    }

    /// Notes a complaint about an element of a list, which has a line and a path of its own.
    func complain(at node: ConfigurationNode, path: String, _ text: String, wayOut: String?) {
        log.add(line: node.line, path: path, text, wayOut: wayOut)
    }
}
