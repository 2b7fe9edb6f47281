import WaypostCore
import WaypostJSON
import WaypostStore

/// An event as it is read, and as endpoints are told of it: the same fields under the same names.
package enum EventBody {
    package enum Place: Sendable {
        /// Within its message.
        case ofMessage
        /// In the feed, where it also says whose it is.
        case inFeed
    }

    package static func write(_ event: EventRecord, _ place: Place, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", plain: event.id.bytes)
            json.member("type", event.type.rawValue)
            if place == .inFeed { writeMessage(event, to: &json) }
            json.member("at", plain: event.at.bytes)
            json.member("provider", orNull: event.provider?.text)
            json.member("detail", orNull: event.detail)
            if let data = event.data { json.member("data", raw: data) }
            if place == .inFeed { writeMetadata(event, to: &json) }
        }
    }

    fileprivate static func writeMessage(_ event: EventRecord, to json: inout JSONWriter) {
        if let message = event.message {
            json.member("message_id", plain: message.bytes)
        } else {
            json.null("message_id")
        }
    }

    fileprivate static func writeMetadata(_ event: EventRecord, to json: inout JSONWriter) {
        json.object("metadata") { json in for pair in event.metadata { json.member(pair.key, pair.value) } }
    }
}

/// What an endpoint is told of an event: `{"type", "timestamp", "data"}` as Standard Webhooks wants it, `data` with the
/// feed's fields beside the channel and the status that the event tells of.
package enum ToldBody {
    /// Receivers may refuse more; the specification says about 20 KB.
    static let maxBytes = 20_000

    /// What is left out of a body that came out too large, one after another; it then says `"truncated": true`.
    private enum Cut: CaseIterable { case nothing, data, metadata, detail }

    package static func bytes(of event: EventToTell) -> [UInt8] {
        var bytes: [UInt8] = []
        for (place, _) in Cut.allCases.enumerated() {
            bytes = Self.bytes(of: event, without: Cut.allCases[1..<max(1, place + 1)])
            if bytes.count <= maxBytes { break }
        }
        return bytes
    }

    private static func bytes(of told: EventToTell, without cuts: ArraySlice<Cut>) -> [UInt8] {
        let event = told.event
        var json = JSONWriter(capacity: 768)
        json.object { json in
            json.member("type", event.type.rawValue)
            json.member("timestamp", plain: event.at.bytes)
            json.object("data") { json in
                json.member("id", plain: event.id.bytes)
                EventBody.writeMessage(event, to: &json)
                json.member("channel", orNull: told.channel?.rawValue)
                json.member("status", orNull: event.type.state?.word)
                json.member("provider", orNull: event.provider?.text)
                json.member("detail", orNull: cuts.contains(.detail) ? nil : event.detail)
                if let data = event.data, !cuts.contains(.data) { json.member("data", raw: data) }
                if cuts.contains(.metadata) {
                    json.object("metadata") { _ in }
                } else {
                    EventBody.writeMetadata(event, to: &json)
                }
                if !cuts.isEmpty { json.member("truncated", true) }
            }
        }
        return json.bytes
    }
}

extension EventType {
    /// The state that it tells of being entered; nil where it tells of something else.
    fileprivate var state: DeliveryState? { DeliveryState.allCases.first { EventType(entering: $0) == self } }
}

extension JSONWriter {
    package mutating func member(_ name: String, orNull text: String?) {
        if let text { member(name, text) } else { null(name) }
    }
}
