import Synchronization
import WaypostCore
import WaypostHTTP
import WaypostTesting

@testable import WaypostServer

/// Starts a server on a free port; its refusals carry their code as body.
func serve(
    host: String = "127.0.0.1", changing change: (inout HTTPServer.Settings) -> Void,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPAnswer = echo
) throws -> HTTPServer {
    // Few, for all servers of a process share its file limit.
    var settings = HTTPServer.Settings(
        host: host, port: 0, maxBody: 1000, maxConnections: 200, requestTimeout: .seconds(20))
    change(&settings)
    return try HTTPServer(
        settings, refusal: { HTTPResponse(status: $0.status, body: Array($0.code.utf8)) }, handler: handler)
}

func serve(
    host: String = "127.0.0.1", handler: @escaping @Sendable (HTTPRequest) -> HTTPAnswer = echo
) throws -> HTTPServer {
    try serve(host: host, changing: { _ in }, handler: handler)
}

/// Answers with what was asked.
@Sendable func echo(_ request: HTTPRequest) -> HTTPAnswer {
    .now(.text("\(request.method) \(request.target) \(String(decoding: request.body, as: UTF8.self))"))
}

extension HTTPResponse {
    static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, body: Array(text.utf8))
    }
}

extension HTTPServer {
    func client() throws -> LoopbackStream { try LoopbackStream(port: address.port) }
}

extension LoopbackStream {
    func sendGet(_ target: String) { send("GET \(target) HTTP/1.1\r\nHost: waypost\r\n\r\n") }
}

/// The requests that a handler has put off, for the test to answer.
final class PutOff: Sendable {
    private let pending = Monitor<[PendingResponse]>([])

    var handler: @Sendable (HTTPRequest) -> HTTPAnswer {
        { _ in .later { response in self.pending.change { $0.append(response) } } }
    }

    /// The oldest that is still here; nil when none comes.
    func next() -> PendingResponse? {
        pending.wait(atMost: .seconds(20)) { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
