import WaypostCore

/// Keeps a wrong credential from emptying the device registry: a wrong environment or topic looks exactly like the death of
/// every device. Beyond a share of the last minute's sends dead tokens are believed no more, until it is over.
///
/// A value for one provider; it counts the running minute and the one before.
struct TokenGuard: Sendable {
    /// Deaths in a minute that are believed whatever the share.
    static let free = 50
    /// Of a hundred sends.
    static let percent = 10

    private var minute: Instant?
    private var sends = (before: 0, now: 0)
    private var deaths = (before: 0, now: 0)

    /// Counts an answered send, and says whether its verdict on the token is to be believed.
    mutating func believes(isDead: Bool, at now: Instant) -> Bool {
        turn(to: now)
        sends.now += 1
        guard isDead else { return true }
        deaths.now += 1
        let died = deaths.before + deaths.now
        return died <= Self.free || died * 100 <= (sends.before + sends.now) * Self.percent
    }

    private mutating func turn(to now: Instant) {
        guard let minute, now - minute < .seconds(60) else {
            let isNext = minute.map { now - $0 < .seconds(120) } ?? false
            sends = (isNext ? sends.now : 0, 0)
            deaths = (isNext ? deaths.now : 0, 0)
            minute = now
            return
        }
    }
}
