extension SectionReader {
    /// The section under the key; nil when it is not set. A section that holds nothing counts as set.
    package mutating func section(_ key: String) -> SectionReader? {
        guard case .node(let node) = find(key) else { return nil }
        guard case .section = node.value else {
            complain(key, "is \(node.kind)", wayOut: "write a section, like {name: value}")
            return nil
        }
        return reader(of: node, path: path(of: key))
    }

    /// The section under the key, an empty one where it is not set, so that defaults come from one place.
    package mutating func sectionOrEmpty(_ key: String) -> SectionReader {
        section(key)
            ?? reader(of: ConfigurationNode(line: line ?? 1, value: .section([])), path: path(of: key))
    }

    /// The sections under the section `key` with their names, in the order of the file.
    package mutating func sections(_ key: String) -> [(name: String, section: SectionReader)] {
        guard var holder = section(key) else { return [] }
        return holder.sections()
    }

    /// The sections that make up this section, with their names, in the order of the file.
    package mutating func sections() -> [(name: String, section: SectionReader)] {
        keys.compactMap { name in section(name).map { (name, $0) } }
    }

    /// The sections in the list under the key; nil when it is not set.
    package mutating func sectionList(_ key: String) -> [SectionReader]? {
        guard case .node(let node) = find(key) else { return nil }
        guard case .list(let elements) = node.value else {
            complain(key, "is \(node.kind)", wayOut: "write a list of sections, like [{name: value}]")
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            let path = "\(path(of: key))[\(index)]"
            switch element.value {
            case .section: return reader(of: element, path: path)
            case .broken: return nil
            case .unset, .scalar, .list:
                complain(at: element, path: path, "is \(element.kind)", wayOut: "write a section, like {name: value}")
                return nil
            }
        }
    }

    /// What stands under the words of `Key` in this section; `read` is asked for those that are set. Finishes the section.
    package mutating func table<Key, Value>(
        of type: Key.Type = Key.self, _ read: (inout SectionReader, Key) -> Value?
    ) -> [Key: Value] where Key: RawRepresentable<String> & CaseIterable & Hashable {
        var table: [Key: Value] = [:]
        for key in Key.allCases {
            if case .nothing = find(key.rawValue) { continue }
            table[key] = read(&self, key)
        }
        finish()
        return table
    }
}
