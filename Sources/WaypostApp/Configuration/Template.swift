import WaypostConfiguration
import WaypostCore
import WaypostProviders
import WaypostTemplates

/// The section `templates`: what to say on each channel, in our words and under each provider's own name for it.
enum TemplateSection {
    /// Octets of a template's name.
    private static let nameLimit = 100

    /// Every text is compiled here, so that a tag left open is found at start and not at the first message.
    static func read(_ root: inout SectionReader, providers: [ProviderEntry]) -> TemplateBook {
        let names = providers.map(\.name.text) + ProviderKind.allCases.map(\.rawValue)
        let entries = root.sections("templates")
        return TemplateBook(
            entries.reduce(into: [:]) { templates, entry in
                var section = entry.section
                if entry.name.utf8.count > nameLimit {
                    section.complain("has a name of more than \(nameLimit) bytes", wayOut: "shorten it")
                }
                let wordings = section.table(of: Channel.self) { table, channel in
                    table.section(channel.rawValue).map { section in
                        var section = section
                        return MessageTemplate.Wording(reading: &section, channel: channel, providers: names)
                    }
                }
                if wordings.isEmpty { section.complain("says nothing", wayOut: "add a channel, like sms: {text: …}") }
                templates[entry.name] = MessageTemplate(wordings)
            })
    }
}

extension MessageTemplate.Wording {
    fileprivate init(reading section: inout SectionReader, channel: Channel, providers: [String]) {
        let known = Self.fields(of: channel)
        self.init(fields: [])
        for name in known {
            guard let source = section.text(name) else { continue }
            do throws(TextTemplate.Flaw) {
                let isHTML = channel == .email && name == "html"
                fields.append(.init(name, try TextTemplate(source, form: isHTML ? .html : .plain)))
            } catch {
                section.complain(name, error.complaint, wayOut: error.wayOut)
            }
        }
        for name in providers where !known.contains(name) && !providerIDs.contains(where: { $0.key == name }) {
            if let id = section.string(name) { providerIDs.append(.init(key: name, value: id)) }
        }
        complain(of: section, channel, isSaid: known.contains(where: section.has))
        section.finish()
    }

    private static func fields(of channel: Channel) -> [String] {
        switch channel {
        case .email: ["subject", "text", "html"]
        case .sms: ["text"]
        case .whatsapp, .voice: ["text", language]
        case .push: ["title", "body", "image"]
        case .realtime: ["event", "data"]
        }
    }

    /// What a channel needs before it says anything. `isSaid`: some field of ours is there, if not a good one.
    private func complain(of section: SectionReader, _ channel: Channel, isSaid: Bool) {
        if !isSaid, providerIDs.isEmpty, section.keys.isEmpty {
            section.complain("says nothing", wayOut: "write what it says, or a provider's own template")
        }
        guard isSaid else { return }
        switch channel {
        case .email:
            if !section.has("subject") { section.complain("has no subject", wayOut: "add one") }
            if !section.has("text"), !section.has("html") {
                section.complain("has no text", wayOut: "add text or html")
            }
        case .voice:
            if !section.has("text") { section.complain("has no text", wayOut: "add it") }
        case .sms, .whatsapp, .push, .realtime: break
        }
    }
}
