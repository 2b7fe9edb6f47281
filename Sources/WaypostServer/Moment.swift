import Glibc

/// A point on the machine's monotonic clock, good to a few milliseconds and cheap enough to take three times a request.
struct Moment: Comparable, Sendable {
    /// Since an arbitrary start.
    var nanoseconds: Int64

    static var now: Moment {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }
    static func + (moment: Moment, span: Duration) -> Moment {
        Moment(nanoseconds: moment.nanoseconds + span.nanoseconds)
    }
    static func - (moment: Moment, span: Duration) -> Moment {
        Moment(nanoseconds: moment.nanoseconds - span.nanoseconds)
    }
}

extension Duration {
    /// Rounded towards zero.
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
