import WaypostConfiguration
import WaypostCore
import WaypostDelivery

extension Configuration {
    /// The section `events`: whom the router tells, and whose callbacks it passes on.
    package struct Events: Sendable {
        package var endpoints: [Endpoint]
        package var incoming: [Incoming]

        /// Gets events in the form of Standard Webhooks.
        package struct Endpoint: Sendable {
            package var name: String
            package var url: String
            package var secret: Secret
            /// Event types, `message.*` for all that begin so; empty: all.
            package var types: [String]
            /// Whether its name may resolve to a private address.
            package var allowPrivate: Bool
        }

        /// A sender of signed callbacks, taken at `/webhooks/incoming/{name}`.
        package struct Incoming: Sendable {
            package var name: String
            package var sender: ForeignSender
        }

        init(reading section: inout SectionReader) {
            let endpoints = section.sectionList("endpoints") ?? []
            let incoming = section.sectionList("incoming") ?? []
            self.endpoints = endpoints.compactMap { endpoint in
                var endpoint = endpoint
                return Endpoint(reading: &endpoint)
            }
            self.incoming = incoming.compactMap { sender in
                var sender = sender
                return Incoming(reading: &sender)
            }
            Self.checkNames(self.endpoints.map(\.name), "endpoints", in: section)
            Self.checkNames(self.incoming.map(\.name), "incoming", in: section)
            section.finish()
            NotSupportedYet.eventsOut(section, count: endpoints.count)
        }

        private static func checkNames(_ names: [String], _ key: String, in section: SectionReader) {
            var seen: Set<String> = []
            for name in names where !seen.insert(name).inserted {
                section.complain(key, "holds the name \"\(name)\" twice", wayOut: "give each a name of its own")
            }
        }
    }
}

extension Configuration.Events.Endpoint {
    fileprivate init?(reading section: inout SectionReader) {
        let name = section.eventName()
        if !section.has("url") { section.complain("url", "is missing", wayOut: "add it") }
        let url = section.url("url")
        let secret = section.requiredSecret("secret")
        let types = section.stringList("types") ?? []
        let allowPrivate = section.boolean("allow_private", default: false)
        section.finish()
        guard let name, let url, let secret else { return nil }
        self.init(name: name, url: url, secret: secret, types: types, allowPrivate: allowPrivate)
    }
}

extension Configuration.Events.Incoming {
    fileprivate init?(reading section: inout SectionReader) {
        let name = section.eventName()
        if !section.has("scheme") { section.complain("scheme", "is missing", wayOut: "write stripe or standard") }
        let scheme: ForeignSender.Scheme? = section.enumeration("scheme")
        let secret = section.requiredSecret("secret")
        // While one is exchanged for another both are good.
        let previous = section.secret("previous_secret")
        section.finish()
        guard let name, let scheme, let secret else { return nil }
        guard let sender = ForeignSender(scheme, secrets: [secret] + (previous.map { [$0] } ?? [])) else {
            section.complain("secret", "is none for \(scheme.rawValue)", wayOut: "copy it whole, whsec_ at its front")
            return nil
        }
        self.init(name: name, sender: sender)
    }
}

extension SectionReader {
    /// It labels metrics and stands in paths: the rule for providers' names serves here too.
    fileprivate mutating func eventName() -> String? {
        guard let text = requiredString("name") else { return nil }
        guard ProviderName(text) != nil else {
            complain("name", "\"\(text)\" is no name", wayOut: "use 1 to 40 of a-z, 0-9 and -")
            return nil
        }
        return text
    }
}
