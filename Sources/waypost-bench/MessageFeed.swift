import Glibc
import WaypostJSON

/// Sends messages over one connection, in batches, and remembers their ids.
struct MessageFeed {
    private var connection: BlockingConnection

    init(port: Int) throws { connection = try BlockingConnection(port: port) }

    /// The ids of the messages, in order.
    mutating func send(_ count: Int) throws -> [String] {
        var ids: [String] = []
        while ids.count < count { ids += try sendBatch(min(1000, count - ids.count)) }
        return ids
    }

    private mutating func sendBatch(_ count: Int) throws -> [String] {
        let messages = (0..<count).map { _ in
            """
            {"channel":"email","to":"u\(UInt64.random(in: .min ... .max))@example.org","content":{"subject":"Your order",\
            "text":"It has shipped."}}
            """
        }
        let body = "{\"messages\":[\(messages.joined(separator: ","))]}"
        let request = """
            POST /v1/messages/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(Router.token)\r\n\
            Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)
            """
        let answer = try connection.exchange(Array(request.utf8))
        let results = (try? JSONValue(parsing: answer.body))?["results"]?.array ?? []
        let ids = results.compactMap { $0["id"]?.string }
        guard answer.status == 202, ids.count == count else {
            throw BenchFailure("a batch of \(count) was answered \(answer.status) with \(ids.count) ids")
        }
        return ids
    }
}
