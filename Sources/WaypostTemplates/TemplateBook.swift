import WaypostCore
import WaypostJSON

/// The templates of the configuration, compiled.
package struct TemplateBook: Equatable, Sendable {
    private var templates: [String: MessageTemplate]

    package init(_ templates: [String: MessageTemplate] = [:]) { self.templates = templates }

    package var isEmpty: Bool { templates.isEmpty }
    package subscript(name: String) -> MessageTemplate? { templates[name] }
}

/// One template: what it says on each channel that it knows.
package struct MessageTemplate: Equatable, Sendable {
    package var wordings: [Channel: Wording]

    package init(_ wordings: [Channel: Wording]) { self.wordings = wordings }

    /// What is said on one channel, in our words, under the providers' own names for it, or both.
    package struct Wording: Equatable, Sendable {
        /// `subject`, `text`, `html`, …, in the order in which the channel names them.
        package var fields: [Field]
        /// The providers' own templates, by instance name or kind.
        package var providerIDs: [Message.KeyValue]

        package init(fields: [Field], providerIDs: [Message.KeyValue] = []) {
            self.fields = fields
            self.providerIDs = providerIDs
        }

        /// Without words of ours only a provider that has a template of its own can carry the message.
        package var hasText: Bool { fields.contains { $0.name != Self.language } }

        /// A field that says how, and nothing.
        package static let language = "language"

        package subscript(field: String) -> TextTemplate? { fields.first { $0.name == field }?.text }
    }

    package struct Field: Equatable, Sendable {
        package var name: String
        package var text: TextTemplate

        package init(_ name: String, _ text: TextTemplate) {
            self.name = name
            self.text = text
        }
    }
}

extension MessageTemplate.Wording {
    /// Why there is no message.
    package enum Shortfall: Error, Equatable, Sendable {
        /// Every name that any of the fields lacks, as steps among the variables.
        case missing([[String]])
        /// The field that would grow beyond all bounds.
        case tooMuch(field: String)
    }

    /// Each field with the variables in it.
    package func render(_ variables: JSONValue) -> Result<[Message.KeyValue], Shortfall> {
        var texts: [Message.KeyValue] = []
        var missing: [[String]] = []
        for field in fields {
            switch field.text.render(variables) {
            case .text(let text): texts.append(.init(key: field.name, value: text))
            case .missing(let names): missing += names.filter { !missing.contains($0) }
            case .tooMuch: return .failure(.tooMuch(field: field.name))
            }
        }
        return missing.isEmpty ? .success(texts) : .failure(.missing(missing))
    }
}
