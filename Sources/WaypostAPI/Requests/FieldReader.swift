import WaypostCore
import WaypostJSON

/// Reads a tree of JSON field by field and collects every problem on its way, each with its JSON pointer.
///
/// What the contract's schema excludes (a wrong type, an unknown field) is `malformed`; a value of the right type that cannot
/// be right, a missing one too, is `invalid`. Every getter answers nil for a field that is absent or wrong, so a reader goes on
/// to the next; whether the whole is good is known at the end. `null` is a value of its own, not an absent field.
package struct FieldReader {
    /// One step of a JSON pointer.
    package enum Step: Equatable, Sendable {
        case name(String)
        case index(Int)
    }

    private var path: [Step] = []
    private var members: [JSONValue.Member] = []
    /// A bit for each member that somebody asked for.
    private var taken: UInt64 = 0
    /// The names somebody asked for: what an unknown field might have been.
    private var known: [String] = []
    package private(set) var findings: [Problem.Finding] = []

    /// No object of the API has more fields than this; `pairs` alone reads wider ones.
    private static let fieldLimit = 64
    /// Findings listed in one answer; what is wrong beyond them is not told.
    private static let findingLimit = 100

    /// Reads one value with `body`: what it makes of it, or all that is wrong.
    package static func read<T>(
        _ value: JSONValue, at path: [Step] = [], _ body: (inout FieldReader) -> T?
    ) -> Result<T, Problem> {
        var reader = FieldReader(path: path)
        let result = reader.fields(of: value, body)
        if let problem = Problem(reader.findings) { return .failure(problem) }
        guard let result else {
            return .failure(Problem(.malformed, "The body is not understood."))
        }
        return .success(result)
    }

    private init(path: [Step]) {
        self.path = path
        known.reserveCapacity(16)
    }

    // MARK: Complaining

    /// A finding about the current value, or about the field of it that `step` names.
    package mutating func complain(_ step: Step? = nil, _ detail: String, code: ProblemCode = .invalid) {
        guard findings.count < Self.findingLimit else { return }
        findings.append(.init(Self.pointer(path, step), detail, code: code))
    }

    /// A finding about something that stands deeper than the current value.
    package mutating func complain(below steps: [Step], _ detail: String, code: ProblemCode = .invalid) {
        guard findings.count < Self.findingLimit else { return }
        findings.append(.init(Self.pointer(path + steps, nil), detail, code: code))
    }

    private mutating func complain(_ step: Step, needs kind: String, not value: JSONValue) {
        complain(step, "must be \(kind), not \(value.kind)", code: .malformed)
    }

    /// Whether anything was found since `count` findings were known.
    package func hasFindings(since count: Int) -> Bool { findings.count > count }

    private static func pointer(_ path: [Step], _ step: Step?) -> String {
        var text = ""
        for step in path { append(step, to: &text) }
        if let step { append(step, to: &text) }
        return text
    }

    /// RFC 6901 section 3: `~` and `/` in a name are escaped.
    private static func append(_ step: Step, to text: inout String) {
        text += "/"
        switch step {
        case .index(let index): text += String(index)
        case .name(let name):
            for scalar in name.unicodeScalars.prefix(200) {
                switch scalar {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
    }

    // MARK: Objects and arrays

    /// Takes a field: it counts as known from now on. nil when it is absent.
    package mutating func take(_ name: String) -> JSONValue? {
        known.append(name)
        guard let index = members.firstIndex(where: { $0.name == name }), index < Self.fieldLimit else { return nil }
        taken |= 1 << UInt64(index)
        return members[index].value
    }

    /// Complains when the field is absent.
    package mutating func require(_ name: String) -> JSONValue? {
        let value = take(name)
        if value == nil { complain(.name(name), "is required") }
        return value
    }

    /// Whether the field is there, without taking it.
    package func has(_ name: String) -> Bool { members.contains { $0.name == name } }

    /// Takes whatever there is, for an object whose fields are free, or cannot be judged.
    package mutating func takeAll() -> Bool? {
        taken = .max
        return true
    }

    /// Reads the fields of an object within; those that `body` did not take are complained of.
    package mutating func fields<T>(
        of value: JSONValue, at step: Step? = nil, _ body: (inout FieldReader) -> T?
    ) -> T? {
        guard case .object(let inner) = value else {
            complain(step, "must be an object, not \(value.kind)", code: .malformed)
            return nil
        }
        guard inner.count <= Self.fieldLimit else {
            complain(step, "has more than \(Self.fieldLimit) fields", code: .malformed)
            return nil
        }
        let outer = (members, taken, known)
        if let step { path.append(step) }
        (members, taken, known) = (inner, 0, [])
        let result = body(&self)
        finish()
        (members, taken, known) = outer
        if step != nil { path.removeLast() }
        return result
    }

    private mutating func finish() {
        for (index, member) in members.enumerated() where taken & 1 << UInt64(index) == 0 {
            let names = Set(known).sorted().joined(separator: ", ")
            complain(
                .name(member.name), names.isEmpty ? "is not known here" : "is not known here; known: \(names)",
                code: .malformed)
        }
    }

    /// The object under a name, read with `body`.
    package mutating func object<T>(_ name: String, _ body: (inout FieldReader) -> T?) -> T? {
        guard let value = take(name) else { return nil }
        return fields(of: value, at: .name(name), body)
    }

    /// An object whose names and values are the caller's own.
    package mutating func freeObject(_ name: String) -> [JSONValue.Member]? {
        guard let value = take(name) else { return nil }
        if case .object(let members) = value { return members }
        complain(.name(name), needs: "an object", not: value)
        return nil
    }

    /// Reads each element of an array with `body`, the pointer going along; complains of too many, and then reads none.
    package mutating func elements(
        _ name: String, of value: JSONValue, count: ClosedRange<Int>,
        _ body: (inout FieldReader, Step, JSONValue) -> Void
    ) {
        guard case .array(let elements) = value else { return complain(.name(name), needs: "an array", not: value) }
        guard count.contains(elements.count) else {
            let bounds =
                count.lowerBound > 0 ? "\(count.lowerBound) to \(count.upperBound)" : "at most \(count.upperBound)"
            return complain(.name(name), "must hold \(bounds) elements, not \(elements.count)")
        }
        path.append(.name(name))
        for (index, element) in elements.enumerated() { body(&self, .index(index), element) }
        path.removeLast()
    }

    /// An object of strings under names of the caller's own.
    package mutating func pairs(
        _ name: String, atMost limit: Int, _ body: (inout FieldReader, String, String) -> Void
    ) {
        guard let value = take(name) else { return }
        guard case .object(let pairs) = value else { return complain(.name(name), needs: "an object", not: value) }
        guard pairs.count <= limit else {
            return complain(.name(name), "must hold at most \(limit) pairs, not \(pairs.count)")
        }
        path.append(.name(name))
        for pair in pairs {
            guard let text = string(pair.value, at: .name(pair.name)) else { continue }
            body(&self, pair.name, text)
        }
        path.removeLast()
    }

    // MARK: Values

    /// The value as a string; complains of any other kind.
    package mutating func string(_ value: JSONValue, at step: Step) -> String? {
        guard case .string(let text) = value else {
            complain(step, needs: "a string", not: value)
            return nil
        }
        return text
    }

    package mutating func string(_ name: String) -> String? {
        guard let value = take(name) else { return nil }
        return string(value, at: .name(name))
    }

    package mutating func bool(_ name: String) -> Bool? {
        guard let value = take(name) else { return nil }
        guard case .bool(let flag) = value else {
            complain(.name(name), needs: "a boolean", not: value)
            return nil
        }
        return flag
    }

    /// One of the words of an enumeration.
    package mutating func word<Word: RawRepresentable & CaseIterable>(_ name: String, as: Word.Type) -> Word?
    where Word.RawValue == String {
        guard let text = string(name) else { return nil }
        if let word = Word(rawValue: text) { return word }
        complain(.name(name), "must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// A duration above zero and up to `limit`.
    package mutating func duration(_ name: String, upTo limit: Duration) -> Duration? {
        guard let text = string(name) else { return nil }
        guard let duration = DurationText.parse(text) else {
            complain(.name(name), "must be a duration like 500ms, 10s, 5m, 24h or 7d")
            return nil
        }
        guard duration > .zero, duration <= limit else {
            complain(.name(name), "must be more than zero and at most \(DurationText.write(limit))")
            return nil
        }
        return duration
    }

    /// A duration within bounds that are both good.
    package mutating func duration(_ name: String, in range: ClosedRange<Duration>) -> Duration? {
        guard let duration = duration(name, upTo: range.upperBound) else { return nil }
        guard duration >= range.lowerBound else {
            complain(.name(name), "must be \(DurationText.write(range.lowerBound)) or more")
            return nil
        }
        return duration
    }

    package mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = take(name) else { return nil }
        guard case .integer(let number) = value else {
            complain(.name(name), needs: "a whole number", not: value)
            return nil
        }
        guard let number = Int(exactly: number), range.contains(number) else {
            complain(.name(name), "must be \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// A text of any lines, up to so many characters (Unicode scalars), not empty unless that is allowed.
    package mutating func text(_ name: String, atMost limit: Int, orEmpty: Bool = false) -> String? {
        guard let text = string(name) else { return nil }
        if text.isEmpty, !orEmpty {
            complain(.name(name), "must not be empty; leave it out instead")
        } else if text.unicodeScalars.count > limit {
            complain(.name(name), "must be at most \(limit) characters long, not \(text.unicodeScalars.count)")
        } else if text.utf8.contains(0) {
            complain(.name(name), "must not hold a NUL")
        }
        return text
    }

    /// RFC 3339.
    package mutating func time(_ name: String) -> Timestamp? {
        guard let text = string(name) else { return nil }
        guard let time = Timestamp(text) else {
            complain(.name(name), "must be a time like 2026-01-31T12:00:00Z")
            return nil
        }
        return time
    }

    /// One line of text: no control character, `bytes` long in UTF-8.
    package mutating func line(_ value: JSONValue, at step: Step, bytes: ClosedRange<Int>) -> String? {
        guard let text = string(value, at: step) else { return nil }
        if let flaw = LineOfText.flaw(in: text, bytes: bytes) {
            complain(step, flaw)
            return nil
        }
        return text
    }

    package mutating func line(_ name: String, bytes: ClosedRange<Int>) -> String? {
        guard let value = take(name) else { return nil }
        return line(value, at: .name(name), bytes: bytes)
    }
}
