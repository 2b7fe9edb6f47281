#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A moment of the monotonic clock: what breakers, windows and time-outs count in.
package typealias Instant = ContinuousClock.Instant

/// Where the program reads both of its clocks; tests hand in one that they set.
package protocol TimeSource: Sendable {
    /// Monotonic; unmoved by changes of the wall clock.
    var now: Instant { get }
    /// Wall clock in UTC, for whatever is stored.
    var wallNow: Timestamp { get }
}

/// The machine's clocks.
package struct SystemTime: TimeSource {
    package init() {}

    package var now: Instant { ContinuousClock.now }

    package var wallNow: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
