import Foundation

/// Signals that wait to be asked for instead of interrupting.
struct SignalQueue {
    private var set = sigset_t()

    /// Blocks them in the calling thread and all that it starts from then on.
    init(_ signals: Int32...) {
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for one.
    func next() -> Int32 {
        var set = set
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
        return signal
    }

    /// Waits no longer than that; nil when none came.
    func next(within span: Duration) -> Int32? {
        var set = set
        let (seconds, attoseconds) = span.components
        var timeout = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        let signal = sigtimedwait(&set, nil, &timeout)
        return signal > 0 ? signal : nil
    }
}
