import WaypostJSON

/// Checks the shape of a JSON text and gathers every complaint. Paths are built only when there is something to say.
struct Shape {
    struct Problem: Equatable, Sendable {
        var path: String
        var complaint: String
    }

    private(set) var problems: [Problem] = []

    /// Path and complaint as one sentence each.
    var complaints: [String] { problems.map { "\($0.path) \($0.complaint)" } }

    mutating func complain(_ path: @autoclosure () -> String, _ complaint: @autoclosure () -> String) {
        if problems.count < 50 { problems.append(Problem(path: path(), complaint: complaint())) }
    }

    /// The members; `allowed` nil lets every name pass.
    mutating func object(
        _ value: JSONValue?, _ path: @autoclosure () -> String, allowed: [String]?, required: Bool = true
    ) -> [JSONValue.Member]? {
        guard let value else {
            if required { complain(path(), "is required") }
            return nil
        }
        guard let members = value.members else {
            complain(path(), "must be an object, not \(value.kind)")
            return nil
        }
        if let allowed {
            for member in members where !allowed.contains(member.name) {
                complain(path(), "has no \(member.name)")
            }
        }
        return members
    }

    /// The elements; their number must lie in the range.
    mutating func array(
        _ value: JSONValue?, _ path: @autoclosure () -> String, _ range: ClosedRange<Int>, required: Bool = false
    ) -> [JSONValue]? {
        guard let value else {
            if required { complain(path(), "is required") }
            return nil
        }
        guard let elements = value.array else {
            complain(path(), "must be an array, not \(value.kind)")
            return nil
        }
        guard range.contains(elements.count) else {
            complain(path(), "must have \(range.lowerBound) to \(range.upperBound) elements")
            return nil
        }
        return elements
    }

    /// The text; its length in bytes must lie in the range.
    mutating func string(
        _ value: JSONValue?, _ path: @autoclosure () -> String, _ range: ClosedRange<Int> = 0...Int.max,
        required: Bool = false
    ) -> String? {
        guard let value else {
            if required { complain(path(), "is required") }
            return nil
        }
        guard let text = value.string else {
            complain(path(), "must be a string, not \(value.kind)")
            return nil
        }
        guard range.contains(text.utf8.count) else {
            complain(path(), "must have \(range.lowerBound) to \(range.upperBound) characters")
            return nil
        }
        return text
    }

    mutating func integer(_ value: JSONValue?, _ path: @autoclosure () -> String, required: Bool = false) -> Int64? {
        guard let value else {
            if required { complain(path(), "is required") }
            return nil
        }
        guard let number = value.integer else {
            complain(path(), "must be a whole number, not \(value.kind)")
            return nil
        }
        return number
    }

    mutating func number(_ value: JSONValue?, _ path: @autoclosure () -> String) -> Double? {
        switch value {
        case nil: return nil
        case .integer(let number): return Double(number)
        case .number(let number): return number
        case .some(let other):
            complain(path(), "must be a number, not \(other.kind)")
            return nil
        }
    }

    mutating func boolean(_ value: JSONValue?, _ path: @autoclosure () -> String) -> Bool? {
        guard let value else { return nil }
        guard let flag = value.bool else {
            complain(path(), "must be a boolean, not \(value.kind)")
            return nil
        }
        return flag
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: JSONValue?, _ path: @autoclosure () -> String, of type: Choice.Type, required: Bool = false
    ) -> Choice? {
        guard let text = string(value, path(), required: required) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        complain(path(), "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }
}
