import Synchronization
import Testing
import WaypostJSON

import class WaypostTesting.LoopbackListener
import struct WaypostTesting.LoopbackMessage

/// Somebody who is told of events: keeps what comes and answers as the test wants it.
final class Receiver: Sendable {
    /// One try.
    struct Told: Sendable {
        var path: String
        var headers: [String: String]
        var body: [UInt8]
        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
        var type: String? { json["type"]?.string }
        var message: String? { json["data"]?["message_id"]?.string }
        var id: String? { headers["webhook-id"] }
    }

    private struct State: Sendable {
        var told: [Told] = []
        /// The whole head of an answer, without the empty line; nil: none is given.
        var answer: @Sendable (Told) -> String?
    }

    private final class Shelf: Sendable {
        let state: Mutex<State>
        init(_ answer: @escaping @Sendable (Told) -> String?) { state = Mutex(State(answer: answer)) }
    }

    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private let shelf: Shelf
    private let listener: LoopbackListener

    init(answering answer: @escaping @Sendable (Told) -> String? = { _ in "204 Taken" }) throws {
        let shelf = Shelf(answer)
        self.shelf = shelf
        listener = try LoopbackListener { stream, _ in
            while true {
                let message = try stream.readMessage()
                let fields = message.headers.fields.map { ($0.name.lowercased(), $0.value) }
                let told = Told(
                    path: message.firstLine, headers: Dictionary(fields, uniquingKeysWith: { first, _ in first }),
                    body: message.body)
                let answer = shelf.state.withLock { state in
                    state.told.append(told)
                    return state.answer
                }
                guard let head = answer(told) else { continue }
                stream.send("HTTP/1.1 \(head)\r\n" + (head.hasPrefix("204") ? "" : "Content-Length: 0\r\n") + "\r\n")
            }
        }
    }

    deinit { stop() }

    var port: Int { listener.port }
    var url: String { "http://127.0.0.1:\(port)/hooks" }
    /// Every try, in the order of arrival.
    var told: [Told] { shelf.state.withLock { $0.told } }
    func answer(_ answer: @escaping @Sendable (Told) -> String?) { shelf.state.withLock { $0.answer = answer } }
    func stop() { listener.stop() }

    /// An entry of `events.endpoints`.
    func entry(_ name: String = "shop", url: String? = nil, more: String = "") -> String {
        "{name: \(name), url: '\(url ?? self.url)', secret: \(Self.secret)\(more)}"
    }
}

extension Setup {
    /// Emails through one provider, with these endpoints.
    static func telling(_ entries: String...) -> Setup {
        var setup = Setup.through("sendgrid")
        setup.sections["events"] = "{endpoints: [\(entries.joined(separator: ", "))]}"
        return setup
    }
}

extension Wire {
    func endpoint(_ name: String) throws -> JSONValue? {
        try get("/v1/endpoints")["data"]?.array?.first { $0["name"]?.string == name }
    }
}
