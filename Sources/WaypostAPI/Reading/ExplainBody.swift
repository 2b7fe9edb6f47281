import WaypostCore
import WaypostJSON

/// Why a message went where it went: `GET /v1/messages/{id}/explain` and `POST /v1/routes/explain`.
package enum ExplainBody {
    /// `decisions` are JSON already, as they were recorded; `message` is nil for one that was not sent.
    package static func bytes(of message: MessageID?, _ decisions: [String]) -> [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.object { json in
            if let message { json.member("message_id", plain: message.bytes) } else { json.null("message_id") }
            json.array("rounds") { json in for decision in decisions { json.raw(decision.utf8) } }
        }
        return json.bytes
    }
}
