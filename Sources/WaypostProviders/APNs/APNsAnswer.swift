import WaypostCore
import WaypostHTTP
import WaypostJSON

extension APNs {
    package func repetition(after reply: TransportReply) -> Repetition? {
        guard case .http(let response) = reply, response.status != 200 else { return nil }
        return switch APNsError(in: response).reason {
        case "ExpiredProviderToken": .newCredential
        // The connection belongs to another key, or this server is going down.
        case "IdleTimeout", "Shutdown", "UnrelatedKeyIdInToken": .newConnection
        default: nil
        }
    }

    package func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        guard case .http(let response) = reply else { return .failed(Failure.foreignReply) }
        if response.status == 200, response.body.isEmpty {
            return ExchangeResult(.accepted(reference: response.headers["apns-id"]), httpStatus: 200)
        }
        let error = APNsError(in: response)
        let detail = "APNs answered \(response.status) \(error.reason ?? "without a reason")"
        let device = context.deliveries.first.flatMap { context.message.content.push?.target(of: $0)?.device }
        return .failed(
            error.failure(detail, registeredAt: device?.registeredAt, at: context.startedAt),
            httpStatus: response.status)
    }
}

/// What an error of APNs says: `{"reason": "Unregistered", "timestamp": 1760000000000}`.
struct APNsError {
    let status: Int
    /// nil where there is none, or none that could be one.
    let reason: String?
    /// Of a 410: when APNs last saw that the token was dead.
    let deadSince: Timestamp?

    init(in response: HTTPResponse) {
        status = response.status
        let body = try? JSONValue(parsing: response.body)
        reason = body?["reason"]?.codeWord
        deadSince = body?["timestamp"]?.integer.map(Timestamp.init(milliseconds:))
    }

    /// `registeredAt`: when the app last reported the token.
    func failure(_ detail: String, registeredAt: Timestamp?, at now: Timestamp) -> Failure {
        if status == 410 {
            if let registeredAt, let deadSince, registeredAt > deadSince {
                // The app came back after APNs had judged its token: it is kept, and sent to again.
                return Failure(
                    .unavailable, detail + " before the device registered again", scope: .endpoint, code: reason,
                    breaker: BreakerEffect.none)
            }
            return Failure(.refusedRecipient, detail, scope: .endpoint, code: reason ?? "410", breaker: .success)
        }
        if let reason, let failure = AppleReason.failure(reason, detail, at: now) { return failure }
        switch status {
        case 500...: return Failure(.unavailable, detail, code: reason)  // Apple: repeat it later
        case 400, 404, 405, 413: return Failure(.refusedMessage, detail, code: reason, breaker: .failure)
        default: return .answered(status, detail, code: reason)
        }
    }
}
