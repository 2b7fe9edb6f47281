import Testing
import WaypostAPI
import WaypostJSON

@Suite struct ProblemTests {
    @Test func `a problem is answered in the form of RFC 9457`() throws {
        let problem = Problem(
            .recipientLimited, "Too much.", errors: [.init("/to", "is over its limit", code: .recipientLimited)],
            retryAfter: .milliseconds(1500))
        let response = problem.response(requestID: "req_1")
        #expect(response.status == 429)
        #expect(response.headers["Content-Type"] == "application/problem+json")
        #expect(response.headers["Retry-After"] == "2")
        #expect(
            try JSONValue(parsing: response.body)
                == [
                    "type": "urn:waypost:problem:recipient_limited", "title": "Too many messages to this recipient",
                    "status": 429, "detail": "Too much.", "code": "recipient_limited", "retryable": true,
                    "request_id": "req_1", "errors": [["pointer": "/to", "detail": "is over its limit"]],
                ])
    }

    /// The status words of the API's contract.
    @Test(arguments: [
        ("malformed", 400, false), ("unauthorized", 401, false), ("forbidden", 403, false), ("not_found", 404, false),
        ("idempotency_in_progress", 409, true), ("too_late", 409, false), ("too_large", 413, false),
        ("invalid", 422, false), ("idempotency_mismatch", 422, false), ("consent_required", 422, false),
        ("content_rejected", 422, false), ("no_route", 422, false), ("missing_variable", 422, false),
        ("client_limited", 429, true), ("recipient_limited", 429, true), ("queue_full", 503, true),
        ("draining", 503, true), ("store_unavailable", 503, true), ("method_not_allowed", 405, false),
        ("length_required", 411, false), ("unsupported_media_type", 415, false),
    ])
    func `every code has its status`(word: String, status: Int, isRetryable: Bool) throws {
        let code = try #require(ProblemCode(rawValue: word))
        #expect(code.status == status)
        #expect(code.meaning.isRetryable == isRetryable)
    }

    @Test func `a wait is told in whole seconds, at least one`() {
        for (wait, seconds) in [
            (Duration.milliseconds(1), "1"), (.zero, "1"), (.seconds(5), "5"), (.milliseconds(5001), "6"),
        ] {
            let response = Problem(.queueFull, "", retryAfter: wait).response(requestID: "")
            #expect(response.headers["Retry-After"] == seconds)
        }
    }

    @Test func `401 says how to prove oneself, 405 what would do`() {
        #expect(Problem(.unauthorized, "").response(requestID: "").headers["WWW-Authenticate"] == "Bearer")
        let problem = Problem.methodNotAllowed("PATCH", allow: ["GET", "POST"])
        #expect(problem.response(requestID: "").headers["Allow"] == "GET, POST")
    }

    @Test func `of several policies the first asked names the code, and all are listed`() {
        let problem = Problem([
            .init("/channel", "a", code: .noRoute), .init("/to", "b", code: .recipientLimited),
            .init("/to", "c", code: .consentRequired),
        ])
        #expect(problem?.code == .consentRequired)
        #expect(problem?.errors.count == 3)
        #expect(Problem([]) == nil)
    }
}
