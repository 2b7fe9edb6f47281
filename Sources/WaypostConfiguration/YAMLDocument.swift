import Yams

/// YAML in, a tree of texts out: the only place that knows Yams.
///
/// Yams resolves scalars by YAML 1.1, where `NO` is false and `21:00` is 1260; here they all stay text. Anchors arrive as
/// copies; merge keys (`<<`) are applied here.
enum YAMLDocument {
    /// The one document in `bytes`, expanded; an empty one is an empty section. nil when it cannot be read at all, which
    /// `log` then tells; a value that cannot be expanded is told too, and stays in the tree as `broken`.
    static func parse(_ bytes: [UInt8], expanding expansion: Expansion, log: ProblemLog) -> ConfigurationNode? {
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        guard var text = String(validating: bytes.dropFirst(hasMark ? 3 : 0), as: UTF8.self) else {
            log.add(line: nil, path: "", "is not UTF-8", wayOut: "save it as UTF-8")
            return nil
        }
        // Yams keeps a pointer into the string from call to call, but a string of up to 15 bytes has no fixed place.
        if text.utf8.count < 16 { text += String(repeating: "\n", count: 16) }
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else { return ConfigurationNode(line: 1, value: .section([])) }
            var builder = TreeBuilder(expansion: expansion, log: log)
            let tree = builder.node(root, path: "")
            switch tree.value {
            case .section: return tree
            case .unset: return ConfigurationNode(line: 1, value: .section([]))
            default:
                log.add(
                    line: tree.line, path: "", "is \(tree.kind)",
                    wayOut: "write sections like `server:` and `providers:`")
                return nil
            }
        } catch {
            report(error, in: text, to: log)
            return nil
        }
    }

    /// Only Yams' own words and its line are passed on: its errors carry the whole text, secrets and all.
    private static func report(_ error: any Error, in text: String, to log: ProblemLog) {
        let wayOut = "check the indentation, the quotes and the colons there"
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            log.add(line: mark.line, path: "", "is not YAML: \(problem)", wayOut: wayOut)
        case .composer(_, let problem, let mark, _) where problem.contains("another document"):
            log.add(line: mark.line, path: "", "holds a second document", wayOut: "keep one, without `---` between")
        case .composer(_, let problem, let mark, _):
            log.add(line: mark.line, path: "", "is not YAML: \(problem)", wayOut: "define the anchor above its use")
        case .reader(let problem, let offset, _, _):
            let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
            log.add(line: line, path: "", "is not YAML: \(problem)", wayOut: "remove the character")
        case .duplicatedKeysInMapping(let duplicates, let context):
            for key in duplicates {
                log.add(
                    line: context.mark.line, path: key, "stands twice in its section", wayOut: "keep one of the two")
            }
        default: log.add(line: nil, path: "", "is not YAML", wayOut: wayOut)
        }
    }
}

/// Turns Yams' nodes into ours.
private struct TreeBuilder {
    let expansion: Expansion
    let log: ProblemLog
    /// Anchors of anchors can make a small file huge; no honest configuration comes near this.
    private var budget = 200_000

    init(expansion: Expansion, log: ProblemLog) {
        self.expansion = expansion
        self.log = log
    }

    mutating func node(_ node: Node, path: String) -> ConfigurationNode {
        let line = node.mark?.line ?? 1
        budget -= 1
        guard budget > 0 else {
            log.add(line: nil, path: "", "grows beyond 200000 values through its anchors", wayOut: "use fewer of them")
            return ConfigurationNode(line: line, value: .broken)
        }
        let tag = node.tag.description
        guard tag.isEmpty || tag.hasPrefix("tag:yaml.org,2002:") else {
            log.add(line: line, path: path, "has the tag \(tag), which means nothing here", wayOut: "remove it")
            return ConfigurationNode(line: line, value: .broken)
        }
        switch node {
        case .scalar(let scalar): return ConfigurationNode(line: line, value: value(scalar, line: line, path: path))
        case .sequence(let sequence):
            let elements = sequence.enumerated().map { index, element in
                self.node(element, path: "\(path)[\(index)]")
            }
            return ConfigurationNode(line: line, value: .list(elements))
        case .mapping(let mapping):
            return ConfigurationNode(line: line, value: .section(entries(of: mapping, path: path)))
        case .alias: return ConfigurationNode(line: line, value: .broken)  // the parser has replaced them all
        }
    }

    private func value(_ scalar: Node.Scalar, line: Int, path: String) -> ConfigurationNode.Value {
        let isPlain = scalar.style == .plain
        if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .unset }
        do throws(Expansion.Flaw) {
            let expanded = try expansion.scalar(scalar.string, isPlain: isPlain)
            // `session_token: ${AWS_SESSION_TOKEN:-}` leaves the key unset, quoted or not.
            return expanded.text.isEmpty && !scalar.string.isEmpty ? .unset : .scalar(expanded)
        } catch {
            log.add(line: line, path: path, error.complaint, wayOut: error.wayOut)
            return .broken
        }
    }

    private mutating func entries(of mapping: Node.Mapping, path: String) -> [ConfigurationNode.Entry] {
        var own: [ConfigurationNode.Entry] = []
        var merged: [ConfigurationNode.Entry] = []
        var known: Set<String> = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                log.add(line: key.mark?.line, path: path, "has a key that is no text", wayOut: "write a plain name")
                continue
            }
            let line = scalar.mark?.line ?? 1
            let keyPath = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
            if scalar.string == "<<", scalar.style == .plain {
                merged += merge(value, line: line, path: path)
            } else if known.insert(scalar.string).inserted {
                own.append(.init(key: scalar.string, line: line, node: node(value, path: keyPath)))
            } else {
                log.add(line: line, path: keyPath, "stands twice in its section", wayOut: "keep one of the two")
            }
        }
        // What the section says itself wins, then what was merged first.
        for entry in merged where known.insert(entry.key).inserted { own.append(entry) }
        return own
    }

    private mutating func merge(_ value: Node, line: Int, path: String) -> [ConfigurationNode.Entry] {
        switch value {
        case .mapping(let mapping): return entries(of: mapping, path: path)
        case .sequence(let sequence): return sequence.flatMap { merge($0, line: line, path: path) }
        default:
            log.add(
                line: line, path: path, "merges something that is no section", wayOut: "write <<: *anchor of a section")
            return []
        }
    }
}
