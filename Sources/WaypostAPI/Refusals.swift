import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostServer

extension IntakeRefusal {
    /// What the client is told; `now` is what the time to wait is counted from.
    func problem(at now: Timestamp) -> Problem {
        switch self {
        case .queueFull: Problem(.queueFull, "As much waits as may wait; send it again later.", retryAfter: .seconds(5))
        case .draining: Problem(.draining, "This router is shutting down.", retryAfter: .seconds(5))
        case .storeUnavailable: Problem(.storeUnavailable, "Nothing can be kept just now.", retryAfter: .seconds(1))
        case .recipientLimited(let ordinal, let resumeAt):
            Problem(
                .recipientLimited, "Recipient \(ordinal + 1) of the envelope has had as many messages as one may have.",
                errors: [.init("/to", "is over its limit", code: .recipientLimited)],
                retryAfter: resumeAt.map { max(.seconds(1), $0 - now) })
        case .noRoute(let why):
            Problem(
                .noRoute, "No provider can carry this message: \(why).",
                errors: [.init("/channel", why, code: .noRoute)])
        case .consentRequired: Problem(.consentRequired, "A recipient has not agreed to this message.")
        case .idempotencyMismatch:
            Problem(.idempotencyMismatch, "This Idempotency-Key was used for another request; take a new one.")
        case .idempotencyInProgress:
            Problem(
                .idempotencyInProgress, "The first request with this Idempotency-Key is not answered yet.",
                retryAfter: .seconds(1))
        }
    }
}

extension IntakeRefusal {
    /// The same of a change in many transactions: how far it came before the store failed, and that the rest can be had by
    /// asking again. `done`: what is on disk, in words; nil: nothing is.
    func problem(at now: Timestamp, halfway done: String?) -> Problem {
        var problem = problem(at: now)
        guard case .storeUnavailable = self, let done else { return problem }
        problem.detail =
            "The store failed on the way: \(done), the rest is as before. Ask again, with the same Idempotency-Key or "
            + "none, to do the rest; that answer counts the rest alone."
        return problem
    }
}

extension IntakeRefusal {
    /// The same of one message, with its recipients named where they are why.
    func problem(of candidate: Candidate, at now: Timestamp) -> Problem {
        if case .consentRequired(let objections) = self { candidate.problem(objections) } else { problem(at: now) }
    }
}

extension Problem {
    /// The members alone: one result of a batch.
    func body(requestID: String) -> [UInt8] { response(requestID: requestID).body }
}

extension Refusal {
    /// The server's own refusals in the API's form: no endpoint has seen such a request.
    package var answer: HTTPResponse {
        let requestID = RequestID(at: SystemTime().wallNow).description
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("type", "urn:waypost:problem:\(code)")
            json.member("title", "The request cannot be taken")
            json.member("status", status)
            json.member("detail", detail)
            json.member("code", code)
            json.member("retryable", status >= 500)
            json.member("request_id", requestID)
        }
        let headers = HTTPHeaders(["Content-Type": "application/problem+json", "X-Request-Id": requestID])
        return HTTPResponse(status: status, headers: headers, body: json.bytes)
    }
}
