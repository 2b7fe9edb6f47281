import Testing
import WaypostAPI
import WaypostCore
import WaypostJSON

/// 2025-01-15T12:00:00Z.
let noon = Timestamp(milliseconds: 1_736_942_400_000)

/// The body of a good message; `fields` and `content` come on top, or in place of what stands there.
func message(_ fields: String = "", content: String = "") throws -> JSONValue {
    func object(_ base: [String], _ more: String) throws -> JSONValue {
        let own = try JSONValue(parsing: Array("{\(more)}".utf8))
        let shared = try JSONValue(parsing: Array("{\(base.joined(separator: ","))}".utf8))
        let ownNames = (own.members ?? []).map(\.name)
        return .object((shared.members ?? []).filter { !ownNames.contains($0.name) } + (own.members ?? []))
    }
    let content = try object([#""subject": "Hi""#, #""text": "Hello""#], content)
    guard case .object(let members) = try object([#""channel": "email""#, #""to": "jane@example.com""#], fields) else {
        return .null
    }
    let hasContent = members.contains { $0.name == "content" || $0.name == "template" }
    return .object(members + (hasContent ? [] : [JSONValue.Member("content", content)]))
}

/// What is wrong with a body, each as `pointer detail`.
func findings<Value>(_ result: Result<Value, Problem>) -> [String] {
    guard case .failure(let problem) = result else { return [] }
    return problem.errors.map { "\($0.pointer) \($0.detail)" }
}

/// Where something is wrong with a body.
func pointers<Value>(_ result: Result<Value, Problem>) -> [String] {
    guard case .failure(let problem) = result else { return [] }
    return problem.errors.map(\.pointer)
}

func code<Value>(_ result: Result<Value, Problem>) -> ProblemCode? {
    guard case .failure(let problem) = result else { return nil }
    return problem.code
}

extension Draft {
    /// The email in it.
    var email: Email? { content.email }
}
