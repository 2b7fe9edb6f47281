import WaypostCore
import WaypostHTTP
import WaypostServer

/// One request once it is known who sent it and what it is for.
struct Call: Sendable {
    var request: HTTPRequest
    var endpoint: Endpoint
    /// From the path, decoded.
    var parameters: [String: String]
    var caller: Caller
    var requestID: String
    var now: Timestamp

    /// Whose messages may be seen: nil is everybody's.
    var visibleClient: ClientName? { caller.seesAll ? nil : caller.name }
}

/// What an endpoint says.
enum Answer: Sendable {
    case now(HTTPResponse)
    case later(@Sendable (Reply) -> Void)

    static func problem(_ problem: Problem, _ call: Call) -> Answer {
        .now(problem.response(requestID: call.requestID))
    }
}

/// The way back for an answer that comes later; what every answer carries is added on the way.
final class Reply: Sendable {
    private let pending: PendingResponse
    private let finish: @Sendable (HTTPResponse) -> HTTPResponse

    init(_ pending: PendingResponse, finish: @escaping @Sendable (HTTPResponse) -> HTTPResponse) {
        self.pending = pending
        self.finish = finish
    }

    func send(_ response: HTTPResponse) { pending.send(finish(response)) }
    func send(_ problem: Problem, _ call: Call) { send(problem.response(requestID: call.requestID)) }
}

extension HTTPResponse {
    static func json(_ body: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: HTTPHeaders(["Content-Type": "application/json"]), body: body)
    }

    static func text(_ body: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: HTTPHeaders(["Content-Type": "text/plain; charset=utf-8"]), body: Array(body.utf8))
    }
}
