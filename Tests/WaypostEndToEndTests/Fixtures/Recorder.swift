import Synchronization
import WaypostJSON

import class WaypostTesting.LoopbackListener

/// A provider that takes everything and keeps it: for words that a stand-in checks and then forgets.
final class Recorder: Sendable {
    private final class Shelf: Sendable { let bodies = Mutex<[JSONValue]>([]) }

    private let shelf = Shelf()
    private let listener: LoopbackListener

    /// Answers each POST with that status, SendGrid's id in the header and SES's in the body.
    init(answering status: Int) throws {
        let shelf = self.shelf
        listener = try LoopbackListener { stream, _ in
            while true {
                let request = try stream.readMessage()
                if request.firstLine.hasPrefix("POST"), let body = try? JSONValue(parsing: request.body) {
                    shelf.bodies.withLock { $0.append(body) }
                }
                let answer = #"{"MessageId":"0100"}"#
                stream.send(
                    """
                    HTTP/1.1 \(status) Answered\r\nX-Message-Id: 0100\r\nContent-Type: application/json\r\n\
                    Content-Length: \(answer.utf8.count)\r\n\r\n\(answer)
                    """)
            }
        }
    }

    var url: String { "http://127.0.0.1:\(listener.port)" }
    /// What was posted, in order.
    var bodies: [JSONValue] { shelf.bodies.withLock { $0 } }
    func stop() { listener.stop() }
}
