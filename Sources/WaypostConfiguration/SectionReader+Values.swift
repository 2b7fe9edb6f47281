extension SectionReader {
    // MARK: Text

    /// One line of text, not empty.
    package mutating func string(_ key: String) -> String? {
        guard let scalar = scalar(key) else { return nil }
        guard !scalar.text.isEmpty else {
            complain(key, "is empty", wayOut: "write a value, or remove the key")
            return nil
        }
        guard scalar.text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            complain(key, "holds a line break or another control character", wayOut: "write it on one line")
            return nil
        }
        return scalar.text
    }

    /// `string`, and a complaint where there is none.
    package mutating func requiredString(_ key: String) -> String? { required(key) { $0.string(key) } }

    /// Text of any form, several lines and none included.
    package mutating func text(_ key: String) -> String? { scalar(key)?.text }

    /// A credential of one line; `multiline` for keys and documents. It is never quoted in a complaint.
    package mutating func secret(_ key: String, multiline: Bool = false) -> Secret? {
        multiline ? text(key).map(Secret.init) : string(key).map(Secret.init)
    }

    /// `secret`, and a complaint where there is none.
    package mutating func requiredSecret(_ key: String, multiline: Bool = false) -> Secret? {
        required(key) { $0.secret(key, multiline: multiline) }
    }

    /// The absolute path of a file; a relative one begins at the configuration file's folder.
    package mutating func path(_ key: String) -> String? {
        guard let scalar = scalar(key) else { return nil }
        guard !scalar.isFromFile else {
            complain(key, "takes the path of a file, not its contents", wayOut: "write the path without file:")
            return nil
        }
        return string(key).map { FilePath.absolute($0, in: folder) }
    }

    /// `path`, and a complaint where that file cannot be read now.
    package mutating func readableFile(_ key: String) -> String? {
        guard let path = path(key) else { return nil }
        do throws(FileContents.Flaw) {
            _ = try FileContents.read(path, atMost: 1 << 24)
        } catch {
            complain(key, "\(path) cannot be read: \(error.reason)", wayOut: "check the path and its rights")
        }
        return path
    }

    // MARK: Numbers

    /// A whole decimal number.
    package mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        value(key, range, "is not a whole number", "write a whole number \(Self.span(range, String.init))") { Int($0) }
    }

    package mutating func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        integer(key, in: range) ?? fallback
    }

    /// A decimal number, with or without a fraction.
    package mutating func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        let wayOut = "write a number from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
        return value(key, range, "is not a number", wayOut) { text in
            // Double also takes 0x1p3, inf and nan.
            text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D } ? Double(text) : nil
        }
    }

    package mutating func number(_ key: String, default fallback: Double, in range: ClosedRange<Double>) -> Double {
        number(key, in: range) ?? fallback
    }

    /// `true` or `false`, and the other words people use for them in YAML.
    package mutating func boolean(_ key: String, default fallback: Bool) -> Bool {
        guard let text = string(key) else { return fallback }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            complain(key, "\"\(text)\" is neither true nor false", wayOut: "write true or false")
            return fallback
        }
    }

    // MARK: Units

    /// A span of time with its unit.
    package mutating func duration(_ key: String, in range: ClosedRange<Duration> = .zero ... .century) -> Duration? {
        scalar(key).flatMap { duration($0, in: range) { self.complain(key, $0, wayOut: $1) } }
    }

    package mutating func duration(
        _ key: String, default fallback: Duration, in range: ClosedRange<Duration> = .zero ... .century
    ) -> Duration { duration(key, in: range) ?? fallback }

    /// Spans of time with their units.
    package mutating func durations(_ key: String, in range: ClosedRange<Duration>) -> [Duration]? {
        elements(key)?.compactMap { element in
            duration(element.scalar, in: range) { complain(at: element.node, path: element.path, $0, wayOut: $1) }
        }
    }

    /// A number of bytes, with or without a unit.
    package mutating func byteSize(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        let wayOut =
            "write \(Units.text(bytes: range.lowerBound)) to \(Units.text(bytes: range.upperBound)), like 512KiB or 10MB"
        return value(key, range, "is not a size", wayOut, Units.bytes) ?? fallback
    }

    // MARK: Words

    /// One of the words that `Choice` knows.
    package mutating func enumeration<Choice>(_ key: String, of type: Choice.Type = Choice.self) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        scalar(key).flatMap { choice($0) { self.complain(key, $0, wayOut: $1) } }
    }

    package mutating func enumeration<Choice>(_ key: String, default fallback: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable { enumeration(key) ?? fallback }

    /// Words that `Choice` knows, each at most once; one alone needs no list.
    package mutating func enumerations<Choice>(_ key: String, of type: Choice.Type = Choice.self) -> [Choice]?
    where Choice: RawRepresentable<String> & CaseIterable & Equatable {
        guard let elements = elements(key) else { return nil }
        var choices: [Choice] = []
        for element in elements {
            let choice: Choice? = choice(element.scalar) {
                complain(at: element.node, path: element.path, $0, wayOut: $1)
            }
            guard let choice else { continue }
            if choices.contains(choice) {
                complain(
                    at: element.node, path: element.path, "\(quoted(element.scalar)) stands twice", wayOut: "keep one")
            } else {
                choices.append(choice)
            }
        }
        return choices
    }

    /// Lines of text; one alone needs no list. `flaw` says what is wrong with one, to follow it in quotes, and the
    /// way out.
    package mutating func stringList(
        _ key: String, flaw: (String) -> (complaint: String, wayOut: String?)? = { _ in nil }
    ) -> [String]? {
        elements(key)?.compactMap { element in
            if let (complaint, wayOut) = flaw(element.scalar.text) {
                let text = "\(quoted(element.scalar)) \(complaint)"
                complain(at: element.node, path: element.path, text, wayOut: wayOut)
                return nil
            }
            return element.scalar.text
        }
    }

    // MARK: Off

    /// Whether the key says `off`, which is how a rule with a default is switched off.
    package mutating func isOff(_ key: String) -> Bool {
        guard case .node(let node) = find(key), case .scalar(let scalar) = node.value else { return false }
        return scalar.text == "off"
    }

    /// nil where the key says `off`, else what `read` finds, or the default.
    package mutating func unlessOff<Value>(
        _ key: String, default fallback: Value?, _ read: (inout SectionReader) -> Value?
    ) -> Value? { isOff(key) ? nil : read(&self) ?? fallback }

    // MARK: Parts

    /// What `read` finds under the key; a complaint where the key is not set.
    private mutating func required<Value>(_ key: String, _ read: (inout SectionReader) -> Value?) -> Value? {
        if case .nothing = find(key) { complain(key, "is missing", wayOut: "add it") }
        return read(&self)
    }

    private mutating func scalar(_ key: String) -> ConfigurationNode.Scalar? {
        guard case .node(let node) = find(key) else { return nil }
        if case .scalar(let scalar) = node.value { return scalar }
        complain(key, "is \(node.kind)", wayOut: "write a single value")
        return nil
    }

    private mutating func value<Value: Comparable>(
        _ key: String, _ range: ClosedRange<Value>, _ complaint: String, _ wayOut: String, _ parse: (String) -> Value?
    ) -> Value? {
        guard let scalar = scalar(key) else { return nil }
        guard let value = parse(scalar.text) else {
            complain(key, "\(quoted(scalar)) \(complaint)", wayOut: wayOut)
            return nil
        }
        guard range.contains(value) else {
            complain(key, "\(quoted(scalar)) is out of range", wayOut: wayOut)
            return nil
        }
        return value
    }

    private func quoted(_ scalar: ConfigurationNode.Scalar) -> String {
        scalar.isFromFile ? "what the file holds" : "\"\(scalar.text)\""
    }

    private func duration(
        _ scalar: ConfigurationNode.Scalar, in range: ClosedRange<Duration>,
        _ complain: (_ text: String, _ wayOut: String) -> Void
    ) -> Duration? {
        guard let duration = Units.duration(scalar.text) else {
            complain("\(quoted(scalar)) is not a duration", "write 500ms, 10s, 5m, 24h or 7d")
            return nil
        }
        guard range.contains(duration) else {
            let wayOut =
                range.upperBound == .century
                ? "write \(Units.text(range.lowerBound)) or more"
                : "write \(Units.text(range.lowerBound)) to \(Units.text(range.upperBound))"
            complain("\(quoted(scalar)) is out of range", wayOut)
            return nil
        }
        return duration
    }

    private func choice<Choice>(
        _ scalar: ConfigurationNode.Scalar, _ complain: (_ text: String, _ wayOut: String?) -> Void
    ) -> Choice? where Choice: RawRepresentable<String> & CaseIterable {
        if let choice = Choice(rawValue: scalar.text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        let meant = Spelling.nearest(to: scalar.text, among: words).map { "did you mean \($0)?" }
        complain("\(quoted(scalar)) is not known here", meant ?? "write \(Self.alternatives(words))")
        return nil
    }

    private typealias Element = (scalar: ConfigurationNode.Scalar, node: ConfigurationNode, path: String)

    /// The elements of a list of single values; a single value is a list of one.
    private mutating func elements(_ key: String) -> [Element]? {
        guard case .node(let node) = find(key) else { return nil }
        let path = path(of: key)
        switch node.value {
        case .scalar(let scalar): return [(scalar, node, path)]
        case .list(let nodes):
            return nodes.enumerated().compactMap { index, node in
                let path = "\(path)[\(index)]"
                switch node.value {
                case .scalar(let scalar) where !scalar.text.isEmpty: return (scalar, node, path)
                case .broken: return nil
                default:
                    let kind = if case .scalar = node.value { "empty" } else { node.kind }
                    complain(at: node, path: path, "is \(kind)", wayOut: "write a single value")
                    return nil
                }
            }
        default:
            complain(key, "is \(node.kind)", wayOut: "write a list, like [a, b]")
            return nil
        }
    }

    private static func span<Bound>(_ range: ClosedRange<Bound>, _ text: (Bound) -> String) -> String
    where Bound: FixedWidthInteger {
        range.upperBound == .max
            ? "from \(text(range.lowerBound))" : "from \(text(range.lowerBound)) to \(text(range.upperBound))"
    }

    /// 100, not 100.0.
    private static func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }

    /// `a, b or c`.
    static func alternatives(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.joined() }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}

extension Duration {
    /// More than any setting means; a bound for arithmetic's sake.
    package static let century: Duration = .seconds(100 * 365 * 86_400)
}
