import WaypostCore

/// What Apple's `reason` strings mean, as APNs itself says them and FCM passes them on.
///
/// https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
enum AppleReason {
    /// Apple asks for it after errors of its own.
    private static let pause: Duration = .seconds(15 * 60)
    /// Between two provider tokens.
    private static let pauseBetweenTokens: Duration = .seconds(20 * 60)

    /// nil for a reason that is not known.
    static func failure(_ reason: String, _ detail: String, at now: Timestamp) -> Failure? {
        switch reason {
        case "BadDeviceToken", "DeviceTokenNotForTopic":
            return Failure(.refusedRecipient, detail, scope: .endpoint, code: reason)
        case "Unregistered", "ExpiredToken":  // 410 is no error in Apple's books
            return Failure(.refusedRecipient, detail, scope: .endpoint, code: reason, breaker: .success)
        case "BadCollapseId", "BadExpirationDate", "BadMessageId", "BadPriority", "InvalidPushType", "PayloadEmpty",
            "PayloadTooLarge", "MissingDeviceToken":
            return Failure(.refusedMessage, detail, code: reason)
        case "DuplicateHeaders", "BadPath", "MethodNotAllowed":  // a fault of ours, or of a proxy's
            return Failure(.refusedMessage, detail, code: reason, breaker: .failure)
        case "BadTopic", "MissingTopic":  // another topic of the same account may do
            return Failure(.misconfigured, detail, code: reason, breaker: .failure)
        case "TopicDisallowed":
            return Failure(.misconfigured, detail, code: reason)
        case "BadCertificate", "BadCertificateEnvironment", "Forbidden", "InvalidProviderToken",
            "MissingProviderToken", "ExpiredProviderToken",
            // Apple's page prints the first, the wire has been seen to say the second.
            "BadEnvironmentKeyIdInToken", "BadEnvironmentKeyInToken":
            return Failure(.misconfigured, detail, scope: .account, code: reason)
        case "IdleTimeout", "Shutdown", "UnrelatedKeyIdInToken":
            return Failure(.unavailable, detail, scope: .connection, code: reason, breaker: BreakerEffect.none)
        case "TooManyRequests":  // to one device in a row
            return Failure(.throttled, detail, scope: .endpoint, code: reason)
        case "TooManyProviderTokenUpdates":
            return Failure(.throttled, detail, code: reason, until: now + pauseBetweenTokens, breaker: .failure)
        case "InternalServerError", "ServiceUnavailable":
            return Failure(.unavailable, detail, code: reason, until: now + pause)
        default: return nil
        }
    }
}
