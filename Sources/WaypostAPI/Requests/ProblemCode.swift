/// Every way in which the API says no. The raw value is the `code` of the answer, and stable.
package enum ProblemCode: String, CaseIterable, Sendable {
    case malformed, unauthorized, forbidden
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case requestTimeout = "request_timeout"
    case idempotencyInProgress = "idempotency_in_progress"
    case tooLate = "too_late"
    case diagnosticsRunning = "diagnostics_running"
    case lengthRequired = "length_required"
    case tooLarge = "too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case invalid
    case consentRequired = "consent_required"
    case contentRejected = "content_rejected"
    case noRoute = "no_route"
    case missingVariable = "missing_variable"
    case idempotencyMismatch = "idempotency_mismatch"
    case clientLimited = "client_limited"
    case recipientLimited = "recipient_limited"
    case internalError = "internal_error"
    case queueFull = "queue_full"
    case draining
    case storeUnavailable = "store_unavailable"

    /// What a code stands for, all in one table. Retryable: the same request may succeed later, unchanged.
    package var meaning: (status: Int, title: String, isRetryable: Bool) {
        switch self {
        case .malformed: (400, "The request is not understood", false)
        case .unauthorized: (401, "Who calls is not known", false)
        case .forbidden: (403, "Not allowed to this caller", false)
        case .notFound: (404, "There is no such thing", false)
        case .methodNotAllowed: (405, "Not with this method", false)
        case .requestTimeout: (408, "The request took too long to arrive", true)
        case .idempotencyInProgress: (409, "The first request with this key is under way", true)
        case .tooLate: (409, "The message has left", false)
        case .diagnosticsRunning: (409, "A diagnosis is under way", true)
        case .lengthRequired: (411, "The length of the body is not given", false)
        case .tooLarge: (413, "The body is too large", false)
        case .unsupportedMediaType: (415, "The body is not JSON", false)
        case .invalid: (422, "A value cannot be right", false)
        case .consentRequired: (422, "The recipient has not agreed", false)
        case .contentRejected: (422, "The content is not allowed", false)
        case .noRoute: (422, "No provider can carry it", false)
        case .missingVariable: (422, "A variable of the template is missing", false)
        case .idempotencyMismatch: (422, "The key was used for another request", false)
        case .clientLimited: (429, "Too many requests of this client", true)
        case .recipientLimited: (429, "Too many messages to this recipient", true)
        case .internalError: (500, "Our fault", true)
        case .queueFull: (503, "The queue is full", true)
        case .draining: (503, "Shutting down", true)
        case .storeUnavailable: (503, "The store does not take anything now", true)
        }
    }

    package var status: Int { meaning.status }

    /// The `type` member (RFC 9457 section 3.1.1): a name, not an address to fetch.
    package var uri: String { "urn:waypost:problem:\(rawValue)" }

    /// Which of several findings names the whole answer, the smallest first: what cannot be read, then what cannot be right,
    /// then the policies in the order in which they are asked (behaviour: "Policy, in this order").
    var rank: Int {
        switch self {
        case .malformed: 0
        case .invalid: 1
        case .missingVariable: 2
        case .consentRequired: 3
        case .contentRejected: 4
        case .recipientLimited: 5
        case .noRoute: 6
        default: 7
        }
    }
}
