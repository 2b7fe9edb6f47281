import WaypostCore

/// When a provider is asked whether it has the message of an attempt whose answer was lost, and when what it says is enough
/// (contract: behaviour, "Ambiguity policy").
package struct ReconcileSchedule: Equatable, Sendable {
    /// After the attempt's end; what was taken shows soon.
    package var firstLook: Duration = .seconds(2)
    /// Between the first look that finds nothing and the one that settles that there is nothing.
    package var apart: Duration = .seconds(30)
    /// From the attempt's end to the look that settles that there is nothing.
    package var settling: Duration = .seconds(60)
    /// Who cannot be asked for so long is asked no more.
    package var patience: Duration = .seconds(300)
    /// Between two looks at a provider that could not be asked, at most.
    package var longestPause: Duration = .seconds(30)
    /// How long a provider that tells by itself is listened to.
    package var listening: Duration = .seconds(60)

    package init() {}

    /// What the looks so far have come to.
    package struct Looks: Equatable, Sendable {
        /// When the attempt was given up.
        package var endedAt: Timestamp
        /// Those that found nothing.
        package var empty = 0
        package var firstEmptyAt: Timestamp?

        package init(endedAt: Timestamp, empty: Int = 0, firstEmptyAt: Timestamp? = nil) {
            self.endedAt = endedAt
            self.empty = empty
            self.firstEmptyAt = firstEmptyAt
        }
    }

    package enum Step: Equatable, Sendable {
        case look(at: Timestamp)
        /// The provider does not have it.
        case absent
        /// Nobody will know.
        case giveUp
    }

    /// What follows a look that found nothing. `now`: when the question was put.
    package func step(afterNothing looks: inout Looks, at now: Timestamp) -> Step {
        let first = looks.firstEmptyAt ?? now
        let isSettled = looks.empty > 0 && now - first >= apart && now - looks.endedAt >= settling
        looks.firstEmptyAt = first
        looks.empty += 1
        if isSettled { return .absent }
        // Seldomer as time goes by: three times as late as the look before, but not past the one that can settle it.
        let settlesAt = max(looks.endedAt + settling, first + apart)
        let pause = max(firstLook, (now - looks.endedAt) * 2)
        return .look(at: settlesAt <= now ? now + apart : min(settlesAt, now + pause))
    }

    /// What follows where the provider could not be asked, or did not say. `since`: from when on it could have been: the
    /// attempt's end, or this run's start.
    package func step(afterSilence looks: Looks, since: Timestamp, at now: Timestamp) -> Step {
        guard now - since < patience else { return .giveUp }
        return .look(at: min(since + patience, now + min(longestPause, max(firstLook, now - since))))
    }

    /// What follows where one can only listen, and has heard nothing. `since` as above.
    package func step(listeningSince since: Timestamp, at now: Timestamp) -> Step {
        now - since >= listening ? .giveUp : .look(at: since + listening)
    }
}
