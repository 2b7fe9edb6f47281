import WaypostCore
import WaypostCrypto
import WaypostDelivery
import WaypostHTTP
import WaypostServer
import WaypostStore

/// One request once it is known who sent it and what it is for.
struct Call: Sendable {
    var request: HTTPRequest
    var endpoint: Endpoint
    /// From the path, decoded.
    var parameters: [String: String]
    var caller: Caller
    var requestID: String
    var now: Timestamp
    /// Under which the answer is kept with whatever the request commits.
    private(set) var idempotency: IdempotencyRecord?

    init(
        request: HTTPRequest, endpoint: Endpoint, parameters: [String: String], caller: Caller, requestID: String,
        now: Timestamp
    ) {
        self.request = request
        self.endpoint = endpoint
        self.parameters = parameters
        self.caller = caller
        self.requestID = requestID
        self.now = now
    }

    /// With the `Idempotency-Key` that a POST may carry, good or not; what commits nothing makes no use of it.
    func keyed() throws(Problem) -> Call {
        guard request.method == "POST", let key = try IdempotencyKey.of(request.headers) else { return self }
        var call = self
        call.idempotency = IdempotencyRecord(
            key: Array(SHA256.hash(Array(caller.name.text.utf8) + [0] + Array(key.text.utf8)).prefix(16)),
            fingerprint: Array(SHA256.hash(IdempotencyKey.fingerprintInput(of: request)).prefix(16)))
        return call
    }

    /// With an idempotency key of what it says, where it carries none of its own. `text` holds all that matters of it.
    func keyed(orElse text: String) -> Call {
        guard idempotency == nil else { return self }
        let hash = SHA256.hash(Array("\(caller.name.text)\u{0}\(endpoint.rawValue)\u{0}\(text)".utf8))
        var call = self
        call.idempotency = IdempotencyRecord(key: Array(hash.prefix(16)), fingerprint: Array(hash.suffix(16)))
        return call
    }

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

    /// Answers where the connection is held already.
    func send(to reply: Reply) {
        switch self {
        case .now(let response): reply.send(response)
        case .later(let work): work(reply)
        }
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
    func send(_ refusal: IntakeRefusal, _ call: Call) { send(refusal.problem(at: call.now), call) }
}

extension HTTPResponse {
    /// An answer that was kept, or would have been under a key.
    init(_ answer: StoredAnswer, isReplay: Bool = false) {
        self = .json(answer.body, status: answer.status)
        if let location = answer.location { headers.add("Location", location) }
        if isReplay { headers.add("Idempotent-Replayed", "true") }
    }

    static func json(_ body: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: HTTPHeaders(["Content-Type": "application/json"]), body: body)
    }

    static func text(_ body: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: HTTPHeaders(["Content-Type": "text/plain; charset=utf-8"]), body: Array(body.utf8))
    }
}
