import WaypostCore
import WaypostJSON
import WaypostTemplates

/// `template`: a name from the configuration, and the variables that all recipients share.
struct TemplateFields {
    let name: String
    let channel: Channel
    private let wording: MessageTemplate.Wording
    private let variables: [JSONValue.Member]

    /// nil when it is not to be had, which is told to the reader.
    static func read(
        _ reader: inout FieldReader, on channel: Channel?, from templates: TemplateBook
    ) -> TemplateFields? {
        reader.object("template") { reader in
            let variables = reader.freeObject("variables") ?? []
            guard reader.require("id") != nil, let name = reader.string("id") else { return nil }
            guard let template = templates[name] else {
                reader.complain(.name("id"), "there is no template named \"\(name.prefix(100))\"")
                return nil
            }
            guard let channel else { return nil }
            guard let wording = template.wordings[channel] else {
                reader.complain(.name("id"), "names a template that says nothing on \(channel.rawValue)")
                return nil
            }
            return TemplateFields(name: name, channel: channel, wording: wording, variables: variables)
        }
    }

    /// The content with the variables in it, one recipient's own winning over the shared ones.
    ///
    /// - Parameter place: where in the body what the variables lack is told.
    /// - Returns: nil where they lack something or make a message that cannot be.
    func fill(
        _ own: [JSONValue.Member], at place: [FieldReader.Step], with reader: inout FieldReader
    ) -> (fields: ContentFields, template: AppliedTemplate)? {
        let names = Set(own.map(\.name))
        let all = own.isEmpty ? variables : variables.filter { !names.contains($0.name) } + own
        let applied = AppliedTemplate(
            name: name, providerIDs: wording.providerIDs, hasText: wording.hasText, variables: .object(all))
        switch wording.render(.object(all)) {
        case .failure(.missing(let names)):
            for name in names {
                let detail = "is missing: the template \(self.name) needs it"
                reader.complain(below: place + name.map { .name($0) }, detail, code: .missingVariable)
            }
            return nil
        case .failure(.tooMuch(let field)):
            reader.complain(below: place, "make more of \(field) than \(TextTemplate.outputLimit >> 20) MiB")
            return nil
        case .success(let texts):
            return fields(of: texts, applied, at: place, &reader).map { ($0, applied) }
        }
    }

    /// What was made is held against the same rules as what is sent.
    private func fields(
        of texts: [Message.KeyValue], _ template: AppliedTemplate, at place: [FieldReader.Step],
        _ reader: inout FieldReader
    ) -> ContentFields? {
        guard template.hasText else { return wordless(texts, template) }
        // What a variable left empty is as if it were not there; what must be there is missed then.
        let members = texts.filter { !$0.value.isEmpty }.map { JSONValue.Member($0.key, .string($0.value)) }
        let words = members.filter { channel != .whatsapp || $0.name != MessageTemplate.Wording.language }
        let content: JSONValue = channel == .voice ? ["say": .object(words)] : .object(words)
        let made = FieldReader.read(["content": content]) { reader -> ContentFields? in
            reader.take("content").flatMap { ContentFields.read($0, on: channel, with: &reader) }
        }
        switch made {
        case .success(let fields): return fields
        case .failure(let problem):
            for finding in problem.errors {
                let field = finding.pointer.split(separator: "/").last.map(String.init) ?? "content"
                reader.complain(below: place, "make a message whose \(field) \(finding.detail)")
            }
            return nil
        }
    }

    /// WhatsApp's templates are asked for in a language, also where nobody writes a word of theirs.
    private func wordless(_ texts: [Message.KeyValue], _ template: AppliedTemplate) -> ContentFields? {
        guard channel == .whatsapp else { return .nothing(on: channel) }
        let language = texts.first { $0.key == MessageTemplate.Wording.language }?.value
        var message = WhatsApp(to: .nobody)
        message.template = WhatsApp.Template(
            name: name, language: language ?? WhatsAppFields.defaultLanguage,
            variables: (template.variables.members ?? []).map { .init(key: $0.name, value: Self.text($0.value)) })
        return .whatsapp(message)
    }

    private static func text(_ value: JSONValue) -> String {
        value.string ?? (value == .null ? "" : String(decoding: value.bytes, as: UTF8.self))
    }
}

extension WhatsApp.Template {
    /// What the configuration says of a template that the client named itself; nil where it says nothing.
    func applied(from templates: TemplateBook) -> AppliedTemplate? {
        guard let wording = templates[name]?.wordings[.whatsapp], !wording.providerIDs.isEmpty else { return nil }
        return AppliedTemplate(
            name: name, providerIDs: wording.providerIDs, hasText: false,
            variables: .object(variables.map { JSONValue.Member($0.key, .string($0.value)) }))
    }
}
