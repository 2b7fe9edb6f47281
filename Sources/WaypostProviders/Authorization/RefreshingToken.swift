import WaypostConfiguration
import WaypostCore

/// A credential that ends, and when the next one is to be fetched. It reads no clock and takes no lock: callers pass `now`.
///
/// The next is fetched while the old one still serves, so that neither the maker's slowness nor its short failure is noticed.
struct RefreshingToken: Sendable {
    /// What a request that needs a credential does.
    enum Step: Equatable { case use, useAndFetch, fetch, wait }

    private struct Held {
        let token: Secret
        let refreshAt: Timestamp
        let until: Timestamp
        var isRejected = false
    }

    /// Of its life, after which the next is fetched.
    private static let refreshedAfter = 0.75
    /// Before its end, since a request takes a while to arrive; a tenth of its life where that is shorter.
    private static let margin: Duration = .seconds(30)
    /// Between fetches that fail while the old one serves.
    private static let pauseAfterFailure: Duration = .seconds(30)
    /// Between credentials that are fetched because the maker refused the last: answers to the old one are still coming in.
    private static let pauseAfterRejection: Duration = .seconds(5)

    private var held: Held?
    /// When the fetch that is under way began.
    private var fetchingSince: Timestamp?
    private var refreshPausedUntil: Timestamp?
    private var lastRejectedAt: Timestamp?

    /// What requests carry, however old: that it serves was asked before by `step`.
    var current: Secret? { held?.token }

    /// What requests may carry now; nil where it must be fetched first.
    func token(at now: Timestamp) -> Secret? {
        guard let held, !held.isRejected, now < held.until else { return nil }
        return held.token
    }

    /// After `fetch` and `useAndFetch` the caller owes `fetched` or `failed`.
    mutating func step(at now: Timestamp) -> Step {
        guard token(at: now) != nil, let held else {
            if fetchingSince != nil { return .wait }
            fetchingSince = now
            return .fetch
        }
        if now < held.refreshAt || fetchingSince != nil { return .use }
        if let refreshPausedUntil, now < refreshPausedUntil { return .use }
        fetchingSince = now
        return .useAndFetch
    }

    /// `lifetime` counts from when it was asked for: whatever the way took is gone.
    mutating func fetched(_ token: Secret, lifetime: Duration) {
        guard let began = fetchingSince else { return }
        held = Held(
            token: token, refreshAt: began + lifetime * Self.refreshedAfter,
            until: began + lifetime - min(Self.margin, lifetime / 10))
        fetchingSince = nil
        refreshPausedUntil = nil
    }

    /// What is held goes on serving to its end.
    mutating func failed() {
        if let began = fetchingSince { refreshPausedUntil = began + Self.pauseAfterFailure }
        fetchingSince = nil
    }

    /// The maker refused it. Ignored shortly after the last time: it would be fetched again and again where every one is
    /// refused.
    mutating func reject(at now: Timestamp) {
        guard held?.isRejected == false else { return }
        if let last = lastRejectedAt, now >= last, now - last < Self.pauseAfterRejection { return }
        held?.isRejected = true
        lastRejectedAt = now
    }
}
