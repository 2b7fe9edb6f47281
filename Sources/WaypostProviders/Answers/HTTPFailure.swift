import WaypostCore
import WaypostHTTP

extension Failure {
    /// What an HTTP status means where the provider's file says nothing better: the defaults of contract/behaviour.md and
    /// the `unknown_code_rule` of the error taxonomy. `until` counts for 429 alone.
    static func answered(
        _ status: Int, _ detail: String, code: String? = nil, until resumeAt: Timestamp? = nil
    ) -> Failure {
        switch status {
        case 300..<400: Failure(.unavailable, detail, code: code)  // never followed: a redirected POST may double
        case 401, 403: Failure(.misconfigured, detail, scope: .account, code: code)
        case 408: Failure(.ambiguous, detail, code: code)  // it gave up reading: perhaps not before the end
        case 429: Failure(.throttled, detail, code: code, until: resumeAt)
        case 400..<500: Failure(.refusedMessage, detail, code: code)
        case 503: Failure(.unavailable, detail, code: code)  // not handled: RFC 9110 section 15.6.4
        default: Failure(.ambiguous, detail, code: code)  // other 5xx, and a 2xx that is not what it should be
        }
    }

    /// For a reply of the wrong protocol, which only a broken transport could hand over.
    static let foreignReply = Failure(.ambiguous, "the reply was not one of this provider's protocol")
}

extension ExchangeResult {
    /// A failure for the whole envelope; its words are the result's.
    static func failed(_ failure: Failure, exceptions: [Int: Failure] = [:], httpStatus: Int? = nil) -> ExchangeResult {
        ExchangeResult(
            .failed(failure), exceptions: exceptions, httpStatus: httpStatus, providerCode: failure.providerCode,
            detail: failure.detail)
    }
}
