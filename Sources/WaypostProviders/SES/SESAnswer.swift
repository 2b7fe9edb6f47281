import WaypostCore
import WaypostHTTP
import WaypostJSON

extension SES {
    package func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        guard case .http(let response) = reply else { return .failed(Failure.foreignReply) }
        guard !(200..<300).contains(response.status) else { return acceptance(response) }

        let error = SESError(in: response)
        let detail = redaction.sentence(
            "SES answered \(response.status) \(error.code ?? "without a code")", error.message)
        let asked = RetryAfter.moment(in: response.headers, after: context.startedAt)
        return .failed(
            error.failure(detail, status: response.status, at: context.startedAt, until: asked),
            httpStatus: response.status)
    }

    private func acceptance(_ response: HTTPResponse) -> ExchangeResult {
        guard response.status == 200,
            let id = (try? JSONValue(parsing: response.body))?["MessageId"]?.string, !id.isEmpty
        else {
            return .failed(
                .answered(response.status, "SES answered \(response.status) without a MessageId"),
                httpStatus: response.status)
        }
        return ExchangeResult(.accepted(reference: id), httpStatus: 200)
    }
}

/// What an error of the AWS rest-json protocol says. The name decides, not the status: SES reports suspended accounts and
/// exceeded limits as 400.
struct SESError {
    /// `TooManyRequestsException`; nil where only the status says anything.
    let code: String?
    let message: String?

    /// As botocore's parser finds it: the header, else `__type`, else `code`; cut at the first colon, then what follows the
    /// last `#`.
    init(in response: HTTPResponse) {
        let body = try? JSONValue(parsing: response.body)
        let named =
            response.headers["x-amzn-errortype"] ?? body?["__type"]?.string ?? body?["code"]?.string
            ?? body?["Code"]?.string
        let name = named?.prefix { $0 != ":" }.split(separator: "#").last.map(String.init)
        code = name.flatMap { $0.isEmpty ? nil : String($0.prefix(100)) }
        message = body?["message"]?.string ?? body?["Message"]?.string
    }

    /// `resumeAt` is what the answer itself asked for.
    func failure(_ detail: String, status: Int, at now: Timestamp, until resumeAt: Timestamp?) -> Failure {
        guard let code else {
            return .answered(status, detail, until: resumeAt ?? now + Self.pause)
        }
        switch code {
        case "TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException":
            return Failure(.throttled, detail, code: code, until: resumeAt ?? now + rest)
        case "AccountSuspendedException", "SendingPausedException", "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationTokenException",
            "IncompleteSignature", "IncompleteSignatureException", "ExpiredTokenException", "ExpiredToken",
            "AccessDeniedException", "AccessDenied", "OptInRequired":
            return Failure(.misconfigured, detail, scope: .account, code: code)
        case "RequestExpired":  // a clock is wrong: ours, which opening a breaker does not mend
            return Failure(.misconfigured, detail, code: code, breaker: BreakerEffect.none)
        case "MailFromDomainNotVerifiedException":
            return Failure(.unsuitable, detail, code: code)
        case "MessageRejected" where says("email address is not verified"):
            return Failure(.unsuitable, detail, code: code)
        case "MessageRejected", "BadRequestException", "NotFoundException":
            return Failure(.refusedMessage, detail, code: code)
        case "InternalServiceErrorException", "InternalFailure", "RequestTimeout", "RequestTimeoutException":
            return Failure(.ambiguous, detail, code: code)
        default: return .answered(status, detail, code: code, until: resumeAt ?? now + Self.pause)
        }
    }

    /// "Maximum sending rate exceeded": a second and up.
    private static let pause: Duration = .seconds(1)
    /// The daily quota is a window that slides, so something is free again long before a day is over; asking costs nothing,
    /// since SES drops what it refuses.
    private static let pauseForQuota: Duration = .seconds(15 * 60)

    private var rest: Duration { says("daily message quota exceeded") ? Self.pauseForQuota : Self.pause }

    private func says(_ words: String) -> Bool { message?.lowercased().contains(words) == true }
}
