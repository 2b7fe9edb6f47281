import CCurl
import Glibc

/// Told when a watched socket is ready.
protocol SocketSink: AnyObject {
    /// `events` are epoll's: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP. May be called in vain.
    func ready(_ descriptor: Int32, events: UInt32)
}

/// One thread's sockets and timers by epoll; it knows nothing of libcurl.
///
/// Created, used and freed on that thread alone, and not `Sendable`, so the compiler holds us to it.
final class EventLoop {
    static let readable = EPOLLIN.rawValue
    static let writable = EPOLLOUT.rawValue
    static let broken = EPOLLERR.rawValue | EPOLLHUP.rawValue

    private let epoll: Int32
    /// By descriptor: descriptors are small numbers, so this beats a dictionary.
    private var sinks: [(any SocketSink)?] = []
    private var armed: [ObjectIdentifier: LoopTimer] = [:]
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(epoll >= 0, "epoll_create1 failed: no file descriptor left at start")
    }

    deinit { close(epoll) }

    /// Reports readiness of `descriptor` to `sink` from now on, in place of what was watched before.
    func watch(_ descriptor: Int32, for interest: UInt32, _ sink: any SocketSink) {
        let index = Int(descriptor)
        if index >= sinks.count { sinks.append(contentsOf: repeatElement(nil, count: index + 1 - sinks.count)) }
        var event = epoll_event(events: interest, data: epoll_data_t(fd: descriptor))
        let known = sinks[index] != nil
        sinks[index] = sink
        if epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) != 0 {
            // The kernel forgets a closed descriptor by itself, so our idea of "known" may lag behind a number used anew.
            _ = epoll_ctl(epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event)
        }
    }

    func forget(_ descriptor: Int32) {
        guard sinks.indices.contains(Int(descriptor)), sinks[Int(descriptor)] != nil else { return }
        sinks[Int(descriptor)] = nil
        var event = epoll_event()
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)  // fails when it is closed already, which is as good
    }

    fileprivate func armingChanged(_ timer: LoopTimer) {
        armed[ObjectIdentifier(timer)] = timer.dueAt == nil ? nil : timer
    }

    /// Waits for sockets, timers or `longest`, and serves what is ready: one round.
    func turn(atMost longest: Duration) {
        let count = epoll_wait(epoll, &events, Int32(events.count), milliseconds(until: longest))
        for index in 0..<max(0, Int(count)) {
            let event = events[index]
            // A sink served earlier in this round may have closed this one's socket.
            sinks[Int(event.data.fd)]?.ready(event.data.fd, events: event.events)
        }
        fireTimers()
    }

    private func milliseconds(until longest: Duration) -> Int32 {
        guard let next = armed.values.lazy.compactMap(\.dueAt).min() else { return longest.wholeMilliseconds }
        return min(longest, max(.zero, next - .now)).wholeMilliseconds
    }

    private func fireTimers() {
        guard !armed.isEmpty else { return }
        let now = ContinuousClock.now
        for timer in armed.values.filter({ $0.isDue(at: now) }) where timer.isDue(at: now) {  // one may disarm another
            timer.dueAt = nil
            timer.fire()
        }
    }
}

/// Calls back on the loop's thread once `dueAt` has come; held by the loop only while armed.
final class LoopTimer {
    private unowned let loop: EventLoop
    fileprivate let fire: () -> Void
    /// When to fire; nil disarms. A moment that has passed means the next round, never a call from within the setter.
    var dueAt: ContinuousClock.Instant? { didSet { loop.armingChanged(self) } }

    init(_ loop: EventLoop, fire: @escaping () -> Void) {
        self.loop = loop
        self.fire = fire
    }

    fileprivate func isDue(at now: ContinuousClock.Instant) -> Bool { dueAt.map { $0 <= now } ?? false }
}

extension Duration {
    /// Rounded up, so that a wait never ends early and a time-out never becomes zero, which libcurl reads as none.
    var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
