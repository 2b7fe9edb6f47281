import WaypostCore
import WaypostHTTP
import WaypostJSON

extension FCM {
    /// 401 in Google's own name is about the access token; 401 in FCM's is about a credential that Firebase keeps.
    package func repetition(after reply: TransportReply) -> Repetition? {
        guard case .http(let response) = reply, response.status == 401, FCMError(in: response).code == nil else {
            return nil
        }
        return .newCredential
    }

    package func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        guard case .http(let response) = reply else { return .failed(Failure.foreignReply) }
        guard !(200..<300).contains(response.status) else { return acceptance(response) }

        let error = FCMError(in: response)
        let target = context.deliveries.first.flatMap { context.message.content.push?.target(of: $0) }
        let message = target.flatMap { target in
            context.message.content.push.map { FCMMessage($0, of: context.message, to: target) }
        }
        let blamed: FCMError.Suspect =
            target?.device == nil ? .noDevice : message?.isSurelyGood == true ? .device : .deviceOrMessage
        let failure = error.failure(error.detail(redaction), suspect: blamed, at: context.startedAt)
        return .failed(failure, httpStatus: response.status)
    }

    /// The name holds `:` and `%` and is kept as it is.
    private func acceptance(_ response: HTTPResponse) -> ExchangeResult {
        guard response.status == 200, let name = (try? JSONValue(parsing: response.body))?["name"]?.string,
            !name.isEmpty
        else {
            return .failed(
                .answered(response.status, "FCM answered \(response.status) without a message's name"),
                httpStatus: response.status)
        }
        return ExchangeResult(.accepted(reference: name), httpStatus: 200)
    }
}

/// What an error of FCM says: `google.rpc.Status` with details, of which several may stand together. What decides, in this
/// order: Apple's reason, FCM's code, a named field, the canonical status, the HTTP status.
struct FCMError {
    /// Whom an INVALID_ARGUMENT that names nothing is about.
    enum Suspect { case device, deviceOrMessage, noDevice }

    let status: Int
    /// FCM's own verdict; nil where only Google's front end speaks.
    let code: String?
    /// The canonical code; nil where the body is not Google's JSON.
    let canonical: String?
    let apple: (status: Int, reason: String)?
    /// Whether a field of the body is named.
    let namesField: Bool
    private let isDeviceRate: Bool
    private let asked: (headers: HTTPHeaders, delay: Duration?)
    private let message: String?

    init(in response: HTTPResponse) {
        status = response.status
        let error = (try? JSONValue(parsing: response.body))?["error"]
        canonical = error?["status"]?.codeWord
        message = error?["message"]?.string
        let details = error?["details"]?.array ?? []
        func detail(_ names: String...) -> JSONValue? {
            details.first { detail in
                let type = detail["@type"]?.string ?? ""
                return names.contains { type.hasSuffix("." + $0) }
            }
        }
        code = detail("FcmError", "FcmErrorCode")?["errorCode"]?.codeWord  // the second is 2018's spelling
        apple = detail("ApnsError").flatMap { detail in
            detail["reason"]?.codeWord.map { (Int(detail["statusCode"]?.integer ?? 0), $0) }
        }
        namesField = detail("BadRequest") != nil
        isDeviceRate = (detail("QuotaFailure")?["violations"]?.array ?? []).contains { violation in
            // Not documented: the reports agree only on the word.
            [violation["subject"]?.string, violation["description"]?.string].contains { text in
                text?.lowercased().hasPrefix("device") == true
            }
        }
        asked = (response.headers, Self.delay(detail("RetryInfo")?["retryDelay"]?.string))
    }

    /// In words, for an operator.
    func detail(_ redaction: Redaction) -> String {
        let nested = apple.map { " (APNs: \($0.status) \($0.reason))" } ?? ""
        return redaction.sentenceWithoutTokens(
            "FCM answered \(status) \(code ?? canonical ?? "without a code")\(nested)", message)
    }

    /// `now` nil: where nobody waits for a time.
    func failure(_ detail: String, suspect: Suspect, at now: Timestamp?) -> Failure {
        switch code {
        case "UNREGISTERED": return deadDevice(detail, suspect, breaker: .success)
        case "SENDER_ID_MISMATCH": return deadDevice(detail, suspect)
        case "INVALID_ARGUMENT": return invalidArgument(detail, suspect, at: now)
        case "QUOTA_EXCEEDED": return throttled(detail, at: now)
        case "UNAVAILABLE", "INTERNAL":
            return Failure(.unavailable, detail, code: code, until: resumeAt(now))
        case "THIRD_PARTY_AUTH_ERROR", "APNS_AUTH_ERROR":
            // The key that Firebase keeps for Apple or browsers is bad: Android goes on, and direct APNs may do.
            return Failure(.unsuitable, detail, code: code)
        default: break
        }
        if code == nil, namesField { return Failure(.refusedMessage, detail, code: canonical) }
        switch status {
        case 404 where canonical == nil:  // a page of the front end: a wrong URL, or an incident
            return Failure(.unsuitable, detail, breaker: .failure)
        case 404 where code == nil:  // the project
            return Failure(.misconfigured, detail, scope: .account, code: canonical)
        case 429: return throttled(detail, at: now)
        case 504: return Failure(.ambiguous, detail, code: code ?? canonical)
        case 500...: return Failure(.unavailable, detail, code: code ?? canonical, until: resumeAt(now))
        default: return .answered(status, detail, code: code ?? canonical)
        }
    }

    private func deadDevice(_ detail: String, _ suspect: Suspect, breaker: BreakerEffect? = nil) -> Failure {
        guard suspect != .noDevice else { return Failure(.refusedMessage, detail, code: code) }
        return Failure(.refusedRecipient, detail, scope: .endpoint, code: code, breaker: breaker)
    }

    /// The code alone does not tell a bad token from a bad message.
    private func invalidArgument(_ detail: String, _ suspect: Suspect, at now: Timestamp?) -> Failure {
        if let apple {
            // A 410 in a 400: undocumented, and seen.
            if apple.status == 410 { return deadDevice(detail, suspect, breaker: .success) }
            let known = AppleReason.failure(apple.reason, detail, at: now ?? Timestamp(milliseconds: 0))
            switch known?.kind {
            case .refusedRecipient: return deadDevice(detail, suspect)
            case .misconfigured: return Failure(.unsuitable, detail, code: apple.reason)
            default: return Failure(.refusedMessage, detail, code: apple.reason)
            }
        }
        if namesField { return Failure(.refusedMessage, detail, code: code) }
        return suspect == .device ? deadDevice(detail, suspect) : Failure(.refusedMessage, detail, code: code)
    }

    // MARK: Waiting

    /// FCM's rates are counted by the minute.
    private static let pause: Duration = .seconds(60)

    private func throttled(_ detail: String, at now: Timestamp?) -> Failure {
        let until = resumeAt(now) ?? now.map { $0 + max(Self.pause, asked.delay ?? .zero) }
        return Failure(
            .throttled, detail, scope: isDeviceRate ? .endpoint : .provider, code: code ?? canonical, until: until)
    }

    private func resumeAt(_ now: Timestamp?) -> Timestamp? {
        now.flatMap { RetryAfter.moment(in: asked.headers, after: $0) }
    }

    /// `12.5s`; whoever names more than a day is not believed.
    private static func delay(_ text: String?) -> Duration? {
        guard let text, text.last == "s", let seconds = Double(text.dropLast()), seconds > 0 else { return nil }
        return min(.seconds(min(seconds, 86_400)), RetryAfter.longest)
    }
}
