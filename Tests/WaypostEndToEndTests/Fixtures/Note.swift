import Synchronization
import Testing
import WaypostJSON

/// Messages of every channel to send.
enum Note {
    private static let next = Atomic<Int>(1)

    private static func number() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue }

    /// A number in the United States that nobody was written to before.
    static func phone() -> String { "+1415\(5_550_000 + number())" }

    /// A device's token at FCM that was not used before.
    static func fcmToken() -> String { "fcm:device-\(number())" }

    /// A device's token at APNs that was not used before: 64 digits, none of which means anything to the stand-in.
    static func apnsToken() -> String { apnsToken(beginning: "c0de") }

    /// One whose first digits tell the stand-in what becomes of it.
    static func apnsToken(beginning: String) -> String {
        let end = String(number(), radix: 16)
        return beginning + String(repeating: "0", count: 64 - beginning.count - end.count) + end
    }

    /// A device of its own with a token at both services.
    static func device() -> String {
        #"{"platform":"ios","fcm_token":"\#(fcmToken())","apns_token":"\#(apnsToken())"}"#
    }

    /// `to` is JSON, a text with its quotes; nil is somebody new. `more` are further members, beginning with a comma.
    static func body(_ channel: String, to: String? = nil, more: String = "") -> String {
        let recipient =
            switch channel {
            case "email": #""\#(Letter.address())""#
            case "push": device()
            default: #""\#(phone())""#
            }
        return #"{"channel":"\#(channel)","to":\#(to ?? recipient),"content":\#(content(of: channel))\#(more)}"#
    }

    private static func content(of channel: String) -> String {
        switch channel {
        case "email": #"{"subject":"Hello","text":"It works."}"#
        case "voice": #"{"say":{"text":"It works.","language":"en-GB"}}"#
        case "push": #"{"title":"Hello","body":"It works."}"#
        default: #"{"text":"It works."}"#
        }
    }
}

extension Wire {
    /// Sends one message of that channel and returns its id; see `Note.body`.
    func send(
        _ channel: String, to: String? = nil, more: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let reply = try post("/v1/messages", Note.body(channel, to: to, more: more))
        #expect(reply.status == 202, "\(reply)", sourceLocation: sourceLocation)
        return try #require(reply["id"]?.string, "\(reply)", sourceLocation: sourceLocation)
    }

    /// Sends many at once, in one batch, and returns their ids. `bodies` are those of `POST /v1/messages`.
    func sendBatch(_ bodies: [String], sourceLocation: SourceLocation = #_sourceLocation) throws -> [String] {
        let reply = try post("/v1/messages/batch", #"{"messages":[\#(bodies.joined(separator: ","))]}"#)
        #expect(reply.status == 202 && reply["rejected"]?.integer == 0, "\(reply)", sourceLocation: sourceLocation)
        return (reply["results"]?.array ?? []).compactMap { $0["id"]?.string }
    }

    /// Waits until each of them has come to an end or is in doubt, and returns them in order.
    func ends(
        of ids: [String], within limit: Duration = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [JSONValue] {
        var ended: [String: JSONValue] = [:]
        try eventually("all have come to an end", within: limit, sourceLocation: sourceLocation) {
            for id in ids where ended[id] == nil {
                let message = try message(id)
                guard let status = message["status"]?.string else { continue }
                if ["queued", "sending", "scheduled"].contains(status) { return false }
                ended[id] = message
            }
            return true
        }
        return ids.compactMap { ended[$0] }
    }

    /// Reports a device of a user. `tokens` are members of the body.
    func report(
        _ device: String, of user: String, _ tokens: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let reply = try ask("PUT", "/v1/users/\(user)/devices/\(device)", "{\(tokens)}")
        #expect(reply.status == 201, "\(reply)", sourceLocation: sourceLocation)
    }

    func device(_ device: String, of user: String) throws -> JSONValue {
        try get("/v1/users/\(user)/devices/\(device)").json
    }
}
