import WaypostCore
import WaypostJSON

/// The values for a template that the provider keeps, as texts under their placeholders.
struct TemplateVariables: Equatable, Sendable {
    private(set) var pairs: [Message.KeyValue]

    init(_ pairs: [Message.KeyValue]) { self.pairs = pairs }

    /// Of a template of the configuration; what is no text becomes the JSON of it.
    init(_ template: AppliedTemplate) {
        pairs = (template.variables.members ?? []).map { member in
            let value =
                switch member.value {
                case .string(let text): text
                case .null: ""
                default: String(decoding: member.value.bytes, as: UTF8.self)
                }
            return Message.KeyValue(key: member.name, value: value)
        }
    }

    /// What the message says itself, else what its template was given.
    init(for message: Message) {
        let own = message.content.whatsapp?.template?.variables ?? []
        self = own.isEmpty ? message.template.map(Self.init) ?? Self([]) : Self(own)
    }

    /// `{"1":"Ann"}`; nil without any.
    var json: String? {
        guard !pairs.isEmpty else { return nil }
        var json = JSONWriter()
        json.object { json in for pair in pairs { json.member(pair.key, pair.value) } }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// For placeholders that are counted: by their numbers where all are numbers, else in the order given.
    var positional: [String] {
        let numbered = pairs.compactMap { pair in Int(pair.key).map { ($0, pair.value) } }
        guard numbered.count == pairs.count else { return pairs.map(\.value) }
        return numbered.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
