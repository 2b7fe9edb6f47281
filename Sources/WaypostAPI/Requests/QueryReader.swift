import WaypostCore

/// Reads a query string parameter by parameter and collects every problem, each under `?` and the parameter's name.
///
/// `%XX` is decoded as UTF-8; a `+` stands for itself, so that times with an offset and phone numbers need no escape. A
/// parameter that nobody asks for, one that stands twice and one that is not of its type are `malformed`.
package struct QueryReader {
    private var parameters: [(name: String, value: String, isTaken: Bool)] = []
    private var known: [String] = []
    package private(set) var findings: [Problem.Finding] = []

    /// `query` is what follows the `?`, as it stood on the request line.
    /// `repeatable`: the parameters that may stand several times.
    package init(_ query: Substring, repeatable: Set<String> = []) {
        for part in query.utf8.split(separator: UInt8(ascii: "&")) {
            let mark = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let value = mark == part.endIndex ? part[mark...] : part[part.index(after: mark)...]
            guard let name = Self.decode(part[..<mark]), let text = Self.decode(value) else {
                findings.append(
                    .init("?", "holds a % without two digits, or bytes that are not UTF-8", code: .malformed))
                continue
            }
            if !repeatable.contains(name), parameters.contains(where: { $0.name == name }) {
                findings.append(.init("?" + name.prefix(64), "stands twice", code: .malformed))
            } else {
                parameters.append((name, text, false))
            }
        }
    }

    package mutating func complain(_ name: String, _ detail: String, code: ProblemCode = .invalid) {
        findings.append(.init("?" + name, detail, code: code))
    }

    /// Takes a parameter: it counts as known from now on.
    package mutating func take(_ name: String) -> String? {
        known.append(name)
        guard let index = parameters.firstIndex(where: { $0.name == name }) else { return nil }
        parameters[index].isTaken = true
        return parameters[index].value
    }

    /// Takes a parameter as often as it stands.
    package mutating func takeAll(_ name: String) -> [String] {
        known.append(name)
        for index in parameters.indices where parameters[index].name == name { parameters[index].isTaken = true }
        return parameters.filter { $0.name == name }.map(\.value)
    }

    /// `true` or `false`; nothing after the name means `true`.
    package mutating func flag(_ name: String) -> Bool {
        switch take(name) {
        case nil, "false"?: return false
        case "true"?, ""?: return true
        default:
            complain(name, "must be true or false", code: .malformed)
            return false
        }
    }

    package mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = take(name) else { return nil }
        guard let number = Int(text) else {
            complain(name, "must be a whole number", code: .malformed)
            return nil
        }
        guard range.contains(number) else {
            complain(name, "must be \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    package mutating func word<Word: RawRepresentable & CaseIterable>(_ name: String, as: Word.Type) -> Word?
    where Word.RawValue == String {
        guard let text = take(name) else { return nil }
        if let word = Word(rawValue: text) { return word }
        complain(name, "must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    package mutating func time(_ name: String) -> Timestamp? {
        guard let text = take(name) else { return nil }
        if let time = Timestamp(text) { return time }
        complain(name, "must be a time like 2026-01-31T12:00:00Z")
        return nil
    }

    /// One line of text.
    package mutating func line(_ name: String, bytes: ClosedRange<Int>) -> String? {
        guard let text = take(name) else { return nil }
        guard let flaw = LineOfText.flaw(in: text, bytes: bytes) else { return text }
        complain(name, flaw)
        return nil
    }

    /// All that was wrong, parameters that nobody asked for included; nil when nothing was.
    package consuming func finish() -> Problem? {
        for parameter in parameters where !parameter.isTaken {
            let names = Set(known).sorted().joined(separator: ", ")
            findings.append(
                .init(
                    "?" + parameter.name.prefix(64),
                    names.isEmpty ? "is not known here" : "is not known here; known: \(names)",
                    code: .malformed))
        }
        return Problem(findings)
    }

    /// nil for a broken escape, and for what is not UTF-8 afterwards.
    private static func decode(_ text: Substring.UTF8View) -> String? {
        guard text.contains(UInt8(ascii: "%")) else { return String(validating: text, as: UTF8.self) }
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x57
        case 0x41...0x46: byte - 0x37
        default: nil
        }
    }
}
