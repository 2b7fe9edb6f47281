import Mustache
import WaypostJSON

/// What one rendering has used up, and what it did not find.
final class Tally {
    private(set) var missing: [[String]] = []
    /// Whether the bounds were passed; nothing more is written then.
    private(set) var isOver = false
    private var bytes: Int
    private var rounds: Int

    /// - Parameters:
    ///   - bytes: of variables, as often as they are written.
    ///   - rounds: through lists, all of them together.
    init(bytes: Int, rounds: Int) {
        self.bytes = bytes
        self.rounds = rounds
    }

    func note(missing path: [String]) {
        // Enough to mend by; a list of a thousand lacks the same name a thousand times.
        guard missing.count < 100, !missing.contains(path) else { return }
        missing.append(path)
    }

    /// What is written of a text: all, or nothing once there was too much.
    func write(_ text: String) -> String {
        spend(text.utf8.count)
        return isOver ? "" : text
    }

    /// Counts work that writes nothing as if it did.
    func spend(_ count: Int) {
        bytes -= count
        if bytes < 0 { isOver = true }
    }

    /// Whether there may be one more round through a list.
    func beginRound() -> Bool {
        rounds -= 1
        if rounds < 0 { isOver = true }
        return !isOver
    }
}

/// A variable, or the lack of one, as the renderer sees it.
///
/// Where the text asks for a name that is not there, it is handed a variable without a value, which tells of itself only on
/// being written: a section may well ask. A variable that a section has entered answers nil instead, so that the
/// renderer goes on to what stands around the section. The renderer asks `isNull` of what it is about to enter and of
/// nothing else, and each look-up makes a variable of its own: that is how the one is known from the other.
final class Variable: MustacheParent, MustacheCustomRenderable, MustacheTransformable {
    /// nil: it was not given.
    private let value: JSONValue?
    private let path: [String]
    private let tally: Tally
    private var isEntered: Bool
    /// What a section asks of an object with many members, once a round.
    private lazy var index: [String: JSONValue] = {
        let members = value?.members ?? []
        tally.spend(members.count)
        return Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }()

    init(_ value: JSONValue?, at path: [String] = [], tally: Tally, isEntered: Bool = false) {
        self.value = value
        self.path = path
        self.tally = tally
        self.isEntered = isEntered
    }

    func child(named name: String) -> Any? {
        let below = path + [name]
        if let child = member(name) { return Self.shown(child, at: below, tally) }
        // The outermost has nothing around it.
        return isEntered && !path.isEmpty ? nil : Variable(nil, at: below, tally: tally)
    }

    private func member(_ name: String) -> JSONValue? {
        guard case .object(let members)? = value else { return nil }
        if members.count > 16 {
            if isEntered { return index[name] }
            tally.spend(members.count)
        }
        return value?[name]
    }

    /// Flags and lists are the renderer's own; all else is ours, so that no number overflows in its hands.
    static func shown(_ value: JSONValue, at path: [String], _ tally: Tally) -> Any {
        switch value {
        case .bool(let flag): flag
        case .array(let elements): VariableList(elements: elements, path: path, tally: tally)
        default: Variable(value, at: path, tally: tally)
        }
    }

    var renderText: String {
        switch value {
        case nil:
            tally.note(missing: path)
            return ""
        case .null?: return ""
        case .string(let text)?: return tally.write(text)
        case let value?: return tally.write(String(decoding: value.bytes, as: UTF8.self))
        }
    }

    /// Nothing, `null` and the empty text open no section.
    var isNull: Bool {
        isEntered = true
        return value == nil || value == .null || value == .string("")
    }

    /// `{{uppercased(name)}}`: what the renderer can do with texts.
    func transform(_ name: String) -> Any? {
        guard case .string(let text)? = value else { return value == nil ? self : nil }
        tally.spend(text.utf8.count)
        switch text.transform(name) {
        case let text as String: return Variable(.string(text), at: path, tally: tally)
        case let text as Substring: return Variable(.string(String(text)), at: path, tally: tally)
        case let flag as Bool: return flag
        default: return nil
        }
    }
}

/// A variable that is a list.
struct VariableList: MustacheSequence, MustacheParent, MustacheCustomRenderable {
    let elements: [JSONValue]
    let path: [String]
    let tally: Tally

    func makeIterator() -> AnyIterator<Any> {
        var index = 0
        return AnyIterator {
            guard index < elements.count, tally.beginRound() else { return nil }
            defer { index += 1 }
            let below = path + [String(index)]
            switch elements[index] {
            case .bool(let flag): return flag
            case .array(let inner): return VariableList(elements: inner, path: below, tally: tally)
            case let value: return Variable(value, at: below, tally: tally, isEntered: true)
            }
        }
    }

    func child(named name: String) -> Any? { nil }

    var renderText: String { tally.write(String(decoding: JSONValue.array(elements).bytes, as: UTF8.self)) }
    var isNull: Bool { elements.isEmpty }
}
