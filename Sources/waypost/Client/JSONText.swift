import WaypostJSON

/// JSON on its way out: an answer's own bytes, or a value.
struct JSONText {
    let text: String

    init(_ answer: Client.Answer) { text = answer.body.isEmpty ? "{}" : answer.text }
    init(_ value: JSONValue) { text = String(decoding: value.bytes, as: UTF8.self) }
}

extension JSONValue {
    /// An object of those members that have a value.
    static func object(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(members.compactMap { name, value in value.map { Member(name, $0) } })
    }

    init?(_ text: String?) {
        guard let text else { return nil }
        self = .string(text)
    }

    init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }
}
