import WaypostCore
import WaypostJSON

/// The answers to what was taken in, written straight into bytes.
package enum AcceptedBody {
    /// The body of the 202: `{"id", "status", "channel", "created_at"}`.
    package static func bytes(id: MessageID, status: DeliveryState, channel: Channel, createdAt: Timestamp) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160)
        bytes.append(contentsOf: "{\"id\":\"".utf8)
        bytes.append(contentsOf: id.bytes)
        bytes.append(contentsOf: "\",\"status\":\"".utf8)
        bytes.append(contentsOf: status.word.utf8)
        bytes.append(contentsOf: "\",\"channel\":\"".utf8)
        bytes.append(contentsOf: channel.rawValue.utf8)
        bytes.append(contentsOf: "\",\"created_at\":\"".utf8)
        bytes.append(contentsOf: createdAt.bytes)
        bytes.append(contentsOf: "\"}".utf8)
        return bytes
    }

    /// What became of one message of a batch.
    package typealias BatchResult = Result<(id: MessageID, status: DeliveryState), Problem>

    /// The body of a batch's 202: `{"results": […], "accepted", "rejected"}`, results in the order of the request.
    package static func batch(_ results: [BatchResult], requestID: String) -> [UInt8] {
        var json = JSONWriter(capacity: 96 * results.count + 64)
        var accepted = 0
        json.object { json in
            json.array("results") { json in
                for result in results {
                    json.object { json in
                        switch result {
                        case .success(let message):
                            accepted += 1
                            json.member("id", plain: message.id.bytes)
                            json.member("status", message.status.word)
                        case .failure(let problem):
                            json.name("error")
                            problem.write(to: &json, requestID: requestID)
                        }
                    }
                }
            }
            json.member("accepted", accepted)
            json.member("rejected", results.count - accepted)
        }
        return json.bytes
    }
}
