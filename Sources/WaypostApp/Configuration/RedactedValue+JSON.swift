import WaypostConfiguration
import WaypostJSON

extension JSONValue {
    /// As `GET /v1/configuration` shows it.
    init(_ value: RedactedValue) {
        switch value {
        case .unset: self = .null
        case .flag(let flag): self = .bool(flag)
        case .integer(let number): self = .integer(number)
        case .text(let text): self = .string(text)
        case .list(let elements): self = .array(elements.map(JSONValue.init))
        case .section(let members): self = .object(members.map { Member($0.key, JSONValue($0.value)) })
        }
    }
}
