import WaypostConfiguration
import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostProviders
import WaypostStore

extension Configuration {
    /// The section `events`: whom the router tells, and whose callbacks it passes on.
    package struct Events: Sendable {
        package var endpoints: [Endpoint]
        package var incoming: [Incoming]

        /// Gets events in the form of Standard Webhooks.
        package struct Endpoint: Sendable {
            package var name: String
            package var url: String
            /// Of Standard Webhooks: `whsec_` and base 64 of 24 to 64 bytes.
            package var secret: Secret
            /// Signed with as well while receivers change over from it.
            package var previousSecret: Secret?
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
        let allowPrivate = section.boolean("allow_private", default: false)
        let url = section.endpointURL("url", allowPrivate: allowPrivate)
        let secret = section.requiredSecret("secret")
        section.checkSigningSecret(secret, "secret")
        let previousSecret = section.secret("previous_secret")
        section.checkSigningSecret(previousSecret, "previous_secret")
        let types = section.stringList("types") { text in
            EventTypes.isKnown(text)
                ? nil
                : ("is no type of event", "write message.*, message.delivered or another that GET /v1/events shows")
        }
        section.finish()
        guard let name, let url, let secret else { return nil }
        self.init(
            name: name, url: url, secret: secret, previousSecret: previousSecret, types: types ?? [],
            allowPrivate: allowPrivate)
    }

    /// As the teller takes it.
    package var endpoint: EventEndpoint {
        let isLiteral = ServiceURL(url).flatMap { IPAddress($0.host) } != nil
        return EventEndpoint(
            name: name, url: url,
            keys: [secret, previousSecret].compactMap(\.self).compactMap(StandardWebhooks.Key.init),
            types: EventTypes(types), addresses: isLiteral || allowPrivate ? .any : .publicOnly)
    }
}

extension SectionReader {
    /// Where events are posted to, as it was written. In the clear only to an address that is given as such and is not
    /// public, to localhost, or where `allow_private` says that the name is one of ours.
    fileprivate mutating func endpointURL(_ key: String, allowPrivate: Bool) -> String? {
        guard let text = requiredString(key) else { return nil }
        // Not quoted anywhere: it may hold a password.
        guard let url = ServiceURL(text), ["http", "https"].contains(url.scheme), url.user == nil, !text.contains("#")
        else {
            complain(
                key, "is not the URL of an endpoint", wayOut: "write https://host/path, without a user or a fragment")
            return nil
        }
        let address = IPAddress(url.host)
        let isOurs = address.map { !PublicAddress.isPublic($0.bytes) } ?? (url.host.lowercased() == "localhost")
        guard url.scheme == "https" || isOurs || allowPrivate else {
            complain(
                key, "would send events in the clear",
                wayOut: "write https, or allow_private: true where the name is one of your own network")
            return nil
        }
        return text
    }

    fileprivate func checkSigningSecret(_ secret: Secret?, _ key: String) {
        guard let secret else { return }
        let wayOut = "write whsec_ and base 64 of 24 to 64 random bytes: echo whsec_$(openssl rand -base64 32)"
        guard secret.value.hasPrefix("whsec_"), let read = StandardWebhooks.Key(secret), read.canSign else {
            return complain(key, "is no secret of Standard Webhooks", wayOut: wayOut)
        }
        if !(24...64).contains(read.size) { complain(key, "is of \(read.size) bytes", wayOut: wayOut) }
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
        // No more than events are remembered: what is older could be taken in a second time.
        let tolerance = section.duration(
            "webhook_tolerance", default: ForeignSender.usualTolerance, in: .seconds(1)...SeenName.lifetime)
        section.finish()
        guard let name, let scheme, let secret else { return nil }
        let secrets = [secret] + (previous.map { [$0] } ?? [])
        guard let sender = ForeignSender(scheme, secrets: secrets, tolerance: tolerance) else {
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
