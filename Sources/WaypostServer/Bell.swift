import CMicrohttpd
import Glibc

/// Wakes a thread that sleeps in `poll`; ringing twice wakes once.
final class Bell: Sendable {
    /// To be polled for input.
    let descriptor: Int32

    init() throws(ListenError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw ListenError("cannot make an eventfd: \(Errno(code: errno).description)") }
    }

    deinit { close(descriptor) }

    func ring() { eventfd_write(descriptor, 1) }

    /// Makes it silent again.
    func clear() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
