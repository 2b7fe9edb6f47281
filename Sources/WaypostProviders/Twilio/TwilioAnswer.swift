import WaypostCore
import WaypostHTTP
import WaypostJSON

extension Twilio {
    package func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        guard case .http(let response) = reply else { return .failed(Failure.foreignReply) }
        let body = try? JSONValue(parsing: response.body)
        guard (200..<300).contains(response.status) else { return refusal(response, body, of: context) }

        guard response.status == 200 || response.status == 201, let sid = body?["sid"]?.string, !sid.isEmpty else {
            return .failed(
                .answered(response.status, "Twilio answered \(response.status) without a sid"),
                httpStatus: response.status)
        }
        if let status = body?["status"]?.string, status == "failed" || status == "undelivered" {
            return .failed(failure(status, in: body, of: context), httpStatus: response.status)
        }
        return ExchangeResult(.accepted(reference: sid), httpStatus: response.status)
    }

    private func refusal(_ response: HTTPResponse, _ body: JSONValue?, of context: AttemptContext) -> ExchangeResult {
        let error = TwilioError(in: body)
        let detail = redaction.sentence(error.summary(status: response.status), error.message)
        let asked = RetryAfter.moment(in: response.headers, after: context.startedAt)
        let failure =
            known(error.code, detail, until: asked, of: context)
            ?? .answered(response.status, detail, code: error.code.map(String.init), until: asked)
        return .failed(failure, httpStatus: response.status)
    }

    /// A message that was made, and had failed by the time of the answer.
    private func failure(_ status: String, in body: JSONValue?, of context: AttemptContext) -> Failure {
        let code = TwilioError.number(body?["error_code"])
        let detail = redaction.sentence(
            "Twilio made it \(status)\(code.map { " with code \($0)" } ?? "")", body?["error_message"]?.string)
        // Not sent, and nobody says why: another may.
        return known(code, detail, until: nil, of: context)
            ?? Failure(.unavailable, detail, code: code.map(String.init), breaker: BreakerEffect.none)
    }

    private func known(
        _ code: Int?, _ detail: String, until resumeAt: Timestamp?, of context: AttemptContext
    ) -> Failure? {
        guard let code else { return nil }
        let content = context.message.content
        // "To is not valid" is also said where nobody but the sender himself is meant.
        if code == 21211, let to = content.phone?.text, sender(of: content) == .address(to) {
            return Failure(.refusedMessage, detail, code: String(code))
        }
        return TwilioError.failure(code, detail, until: resumeAt)
    }
}
