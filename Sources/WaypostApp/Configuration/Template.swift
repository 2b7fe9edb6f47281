import WaypostConfiguration
import WaypostCore
import WaypostProviders

extension Configuration {
    /// One entry of `templates`: what to say on each channel, in our words and under each provider's own name for it.
    package struct Template: Equatable, Sendable {
        package struct Text: Equatable, Sendable {
            /// `subject`, `text`, `html`, …, by key.
            package var fields: [String: String]
            /// The provider's own template, by instance name or kind.
            package var providerIDs: [String: String]
        }
        package var texts: [Channel: Text]

        /// The section `templates`.
        static func readAll(_ root: inout SectionReader, providers: [ProviderEntry]) -> [String: Template] {
            let names = providers.map(\.name.text) + ProviderKind.allCases.map(\.rawValue)
            let entries = root.sections("templates")
            NotSupportedYet.templates(root, count: entries.count)
            return entries.reduce(into: [:]) { templates, entry in
                var section = entry.section
                if entry.name.utf8.count > 100 {
                    section.complain("has a name of more than 100 bytes", wayOut: "shorten it")
                }
                let texts = section.table(of: Channel.self) { table, channel in
                    table.section(channel.rawValue).map { section in
                        var section = section
                        return Text(reading: &section, channel: channel, providers: names)
                    }
                }
                if texts.isEmpty { section.complain("says nothing", wayOut: "add a channel, like sms: {text: …}") }
                templates[entry.name] = Template(texts: texts)
            }
        }
    }
}

extension Configuration.Template.Text {
    fileprivate init(reading section: inout SectionReader, channel: Channel, providers: [String]) {
        let known: [String] =
            switch channel {
            case .email: ["subject", "text", "html"]
            case .sms, .whatsapp: ["text"]
            case .voice: ["text", "language"]
            case .push: ["title", "body", "image"]
            case .realtime: ["event", "data"]
            }
        fields = [:]
        providerIDs = [:]
        for key in known { fields[key] = section.text(key) }
        for name in providers where !known.contains(name) { providerIDs[name] = section.string(name) }
        section.finish()
    }
}
