/// Whether a text is one well-formed XML element, as far as hand-written markup goes wrong: tags closed in order, quoted
/// attributes, every `&` the beginning of an entity (XML 1.0 sections 2.1 and 4.1). Comments, CDATA and doctypes are
/// taken for faults.
struct XMLText {
    private var rest: Substring
    private var open: [Substring] = []

    private init(_ text: Substring) { rest = text }

    /// The root element's name; nil when the text is not well-formed.
    static func root(of text: String) -> String? {
        var body = text.drop { $0.isWhitespace }
        if body.hasPrefix("<?xml"), let end = body.firstIndex(of: ">") {
            body = body[body.index(after: end)...].drop { $0.isWhitespace }
        }
        while body.last?.isWhitespace == true { body.removeLast() }
        var reader = XMLText(body)
        return reader.element()
    }

    private mutating func element() -> String? {
        var root: String?
        while !rest.isEmpty {
            guard rest.first == "<" else {
                guard !open.isEmpty, text() else { return nil }
                continue
            }
            // What follows the root's end is a second root.
            if root != nil, open.isEmpty { return nil }
            guard let name = tag() else { return nil }
            root = root ?? name
        }
        return open.isEmpty ? root : nil
    }

    private mutating func text() -> Bool {
        let text = rest.prefix { $0 != "<" }
        rest = rest[text.endIndex...]
        return Self.isText(text)
    }

    private mutating func tag() -> String? {
        rest.removeFirst()
        let isEnd = rest.first == "/"
        if isEnd { rest.removeFirst() }
        let name = rest.prefix { $0.isLetter || $0.isNumber || "-_.:".contains($0) }
        guard let first = name.first, first.isLetter || first == "_" else { return nil }
        rest = rest[name.endIndex...]
        while true {
            let blanks = rest.prefix { $0.isWhitespace }
            rest = rest[blanks.endIndex...]
            if rest.first == ">" {
                rest.removeFirst()
                if isEnd { return open.popLast() == name ? String(name) : nil }
                open.append(name)
                return String(name)
            }
            guard !isEnd else { return nil }
            if rest.hasPrefix("/>") {
                rest.removeFirst(2)
                return String(name)
            }
            guard !blanks.isEmpty, attribute() else { return nil }
        }
    }

    private mutating func attribute() -> Bool {
        let name = rest.prefix { $0.isLetter || $0.isNumber || "-_.:".contains($0) }
        rest = rest[name.endIndex...]
        guard !name.isEmpty, rest.first == "=" else { return false }
        rest.removeFirst()
        guard let quote = rest.first, quote == "\"" || quote == "'" else { return false }
        rest.removeFirst()
        let value = rest.prefix { $0 != quote }
        rest = rest[value.endIndex...]
        guard !rest.isEmpty, !value.contains("<"), Self.isText(value) else { return false }
        rest.removeFirst()
        return true
    }

    private static func isText(_ text: Substring) -> Bool {
        text.split(separator: "&", omittingEmptySubsequences: false).dropFirst().allSatisfy { part in
            guard let end = part.firstIndex(of: ";") else { return false }
            let name = part[..<end]
            return ["amp", "lt", "gt", "quot", "apos"].contains(name) || name.first == "#" && name.count > 1
        }
    }
}
