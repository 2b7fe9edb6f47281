import WaypostConfiguration
import WaypostCore
import WaypostJSON
import WaypostPolicy
import WaypostTemplates

/// The whole of `waypost.yaml` as one value: checked, every default filled in, nothing left to ask the file.
///
/// Each part is read beside the code it configures where that code knows the configuration's reader, and in
/// `Configuration/` where it does not.
package struct Configuration: Sendable {
    package var server: Server
    package var store: Store
    /// `auth.keys`, in the file's order. Empty: only loopback clients may call.
    package var clients: [Client]
    /// In the file's order, disabled ones included.
    package var providers: [ProviderEntry]
    /// For every channel that some provider can carry or that the file names.
    package var routes: [Channel: RouteSettings]
    package var delivery: DeliverySettings
    package var limits: LimitSettings
    package var policy: Policy
    package var templates: TemplateBook
    package var events: Events
    package var log: Log
    package var metrics: Metrics
    /// Twelve hexadecimal digits that change when the file does.
    package var version: String
    /// The file as people may see it: expanded, in its own order, secrets as `***`.
    package var redacted: JSONValue

    /// Reads the file at `path` and all that it names; tells every problem at once.
    package static func load(
        path: String, environment: [String: String]
    ) throws(ConfigurationProblems) -> Configuration {
        try Configuration(file: ConfigurationFile.load(path: path, environment: environment))
    }

    /// The section `store` alone, for what works on the store without a router: a copy must be had where the secrets that
    /// other sections name are not.
    package static func store(
        path: String, environment: [String: String]
    ) throws(ConfigurationProblems) -> Store {
        try store(of: ConfigurationFile.load(path: path, environment: environment))
    }

    package static func store(of file: ConfigurationFile) throws(ConfigurationProblems) -> Store {
        try file.read(only: "store", Store.init(reading:))
    }

    package init(file: ConfigurationFile) throws(ConfigurationProblems) {
        self = try file.read { root in
            Configuration(reading: &root, version: file.version, redacted: JSONValue(file.redacted))
        }
    }

    private init(reading root: inout SectionReader, version: String, redacted: JSONValue) {
        server = Self.part("server", of: &root, Server.init(reading:))
        store = Self.part("store", of: &root, Store.init(reading:))
        clients = Self.part("auth", of: &root, Client.readAll)
        var candidates: [RouteSettings.Candidate] = []
        providers = root.sections("providers").compactMap { name, section in
            var section = section
            let entry = ProviderEntry(reading: &section, name: name)
            if let candidate = entry?.candidate ?? ProviderEntry.candidate(inPlaceOf: section, name: name) {
                candidates.append(candidate)
            }
            return entry
        }
        routes = Self.part("routes", of: &root) { Self.routes(reading: &$0, among: candidates) }
        delivery = Self.part("delivery", of: &root, DeliverySettings.init(reading:))
        limits = Self.part("limits", of: &root, LimitSettings.init(reading:))
        policy = Self.part("policy", of: &root, Policy.init(reading:))
        templates = TemplateSection.read(&root, providers: providers)
        events = Self.part("events", of: &root, Events.init(reading:))
        log = Self.part("log", of: &root, Log.init(reading:))
        metrics = Self.part("metrics", of: &root, Metrics.init(reading:))
        self.version = version
        self.redacted = redacted
        root.ignore { $0.hasPrefix("x-") }  // a place for anchors, as in Compose files
        root.finish()
    }

    private static func part<Value>(
        _ key: String, of root: inout SectionReader, _ read: (inout SectionReader) -> Value
    ) -> Value {
        var section = root.sectionOrEmpty(key)
        return read(&section)
    }

    /// The section `routes`, and the routes that nobody has to write.
    private static func routes(
        reading section: inout SectionReader, among candidates: [RouteSettings.Candidate]
    ) -> [Channel: RouteSettings] {
        var routes = section.table(of: Channel.self) { table, channel in
            table.section(channel.rawValue).map { section in
                var section = section
                return RouteSettings(reading: &section, channel: channel, among: candidates)
            }
        }
        for channel in Channel.allCases where routes[channel] == nil {
            routes[channel] = RouteSettings(defaultFor: channel, among: candidates)
        }
        return routes
    }
}
