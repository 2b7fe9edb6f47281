import WaypostCore
import WaypostHTTP
import WaypostProviders
import WaypostStore

/// One of `events.endpoints`: who is told of which events, and where.
package struct EventEndpoint: Sendable {
    /// It labels metrics and stands in paths.
    package var name: String
    package var url: String
    /// The first is today's; another one is signed with as well while receivers change over.
    package var keys: [StandardWebhooks.Key]
    package var types: EventTypes
    /// Whether its name may lead to a private address.
    package var addresses: TransferSettings.Addresses

    package init(
        name: String, url: String, keys: [StandardWebhooks.Key], types: EventTypes,
        addresses: TransferSettings.Addresses
    ) {
        self.name = name
        self.url = url
        self.keys = keys
        self.types = types
        self.addresses = addresses
    }

    /// Requests at once.
    static let width = 8
    /// For one try, connecting included.
    static let patience: Duration = .seconds(15)

    /// Connections are kept apart by what they may lead to: one to a private address is not used again once that is refused.
    var pool: String { "events/\(name)" + (addresses == .any ? "/any" : "") }

    var transfer: TransferSettings {
        var settings = TransferSettings(connectTimeout: .seconds(5), timeout: Self.patience, maxConnections: Self.width)
        settings.addresses = addresses
        settings.ignoresBodyBeyond = 4096
        return settings
    }

    /// One try; `now` is its moment, which the signature holds.
    func request(for event: EventToTell, userAgent: String, at now: Timestamp) -> HTTPRequest {
        let id = event.event.id.description
        let body = ToldBody.bytes(of: event)
        return .post(
            url, json: body,
            headers: HTTPHeaders([
                StandardWebhooks.idHeader: id,
                StandardWebhooks.timestampHeader: String(now.unixSeconds),
                StandardWebhooks.signatureHeader: StandardWebhooks.sign(
                    id: id, timestamp: now, body: body, secrets: keys),
                "User-Agent": userAgent,
            ]))
    }
}

/// Which events an endpoint is told of: names, or `message.*` for all that begin so.
package struct EventTypes: Equatable, Sendable {
    /// As the configuration has them; empty: all.
    package let patterns: [String]
    private let wanted: Set<EventType>

    package init(_ patterns: [String]) {
        self.patterns = patterns
        wanted = Set(
            EventType.allCases.filter { type in
                patterns.isEmpty || patterns.contains { Self.matches($0, type.rawValue) }
            })
    }

    package func contains(_ type: EventType) -> Bool { wanted.contains(type) }

    /// Whether any event could be meant by the pattern.
    package static func isKnown(_ pattern: String) -> Bool {
        EventType.allCases.contains { matches(pattern, $0.rawValue) }
    }

    private static func matches(_ pattern: String, _ type: String) -> Bool {
        pattern == type || pattern == "*" || pattern.hasSuffix(".*") && type.hasPrefix(pattern.dropLast())
    }
}
