import WaypostCore
import WaypostHTTP
import WaypostProviders

/// When an event is told again that an endpoint did not take (contract/api.md: 8 tries in about 28 hours).
enum TellingSchedule {
    /// Before the second try, the third and so on.
    static let delays: [Duration] = [
        .seconds(5), .seconds(300), .seconds(1800), .seconds(2 * 3600), .seconds(5 * 3600), .seconds(10 * 3600),
        .seconds(10 * 3600),
    ]
    static let tries = delays.count + 1
    /// Up or down, so that what failed together does not come back together.
    static let jitter = 0.1
    /// An endpoint that has taken nothing for so long when an event uses up its tries is given up. A little less than the
    /// delays sum up to, jitter considered.
    static let longFailure: Duration = .seconds(24 * 3600)
    /// An endpoint's `Retry-After` is believed up to this.
    static let longestRest: Duration = .seconds(3600)

    /// The wait after so many tries; nil: they are used up.
    static func delay(afterTries tries: Int, random: inout some RandomNumberGenerator) -> Duration? {
        guard tries >= 1 else { return .zero }
        guard tries - 1 < delays.count else { return nil }
        let spread = Double.random(in: 1 - jitter...1 + jitter, using: &random)
        return .milliseconds(Int64((Double(delays[tries - 1].milliseconds) * spread).rounded()))
    }
}

/// How one try ended.
enum TellingResult: Equatable, Sendable {
    case told
    /// `restUntil`: it asks to be left alone so long.
    case failed(String, restUntil: Timestamp?)
    /// 410: it wants to hear nothing more.
    case gone

    /// Success is 2xx alone: a redirect is not followed, for it may lead anywhere.
    init(_ answer: Result<TransportReply, TransportError>, at now: Timestamp) {
        switch answer {
        case .failure(let error): self = .failed(error.detail, restUntil: nil)
        case .success(.mail): self = .failed("the answer is not HTTP", restUntil: nil)
        case .success(.http(let response)):
            switch response.status {
            case 200..<300: self = .told
            case 410: self = .gone
            case 300..<400: self = .failed("answered \(response.status); redirects are not followed", restUntil: nil)
            case 429, 503:
                let asked = RetryAfter.moment(in: response.headers, after: now)
                self = .failed(
                    "answered \(response.status)", restUntil: asked.map { min($0, now + TellingSchedule.longestRest) })
            default: self = .failed("answered \(response.status)", restUntil: nil)
            }
        }
    }

    /// For an operator; nil: all was well.
    var complaint: String? {
        switch self {
        case .told: nil
        case .failed(let detail, _): detail
        case .gone: "answered 410: it wants to be told nothing more"
        }
    }
}
