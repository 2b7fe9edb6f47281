import Glibc
import Synchronization

/// One accepted TCP connection. The thread that serves it reads, writes and closes; any thread may `drop()` it.
package final class Socket: ByteChannel, Sendable {
    private enum State: Sendable { case open, dropped, closed }

    /// Counts the sandbox's connections from 1, so that the journal can tell which requests shared one.
    package let number: Int
    private let descriptor: Int32
    private let state = Mutex(State.open)
    private let isDropped = Atomic(false)

    /// Takes over the descriptor. Small answers leave at once, and a client that does not read holds a thread for ten
    /// seconds at most.
    package init(_ descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
        set(IPPROTO_TCP_LEVEL, TCP_NODELAY, Int32(1))
        set(SOL_SOCKET, SO_SNDTIMEO, timeval(tv_sec: 10, tv_usec: 0))
    }

    deinit { close() }

    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        while true {
            let count = recv(descriptor, base, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            return count > 0 && !isDropped.load(ordering: .relaxed) ? count : 0
        }
    }

    package func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return true }
            var sent = 0
            while sent < buffer.count {
                let count = send(descriptor, base + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0, !isDropped.load(ordering: .relaxed) else { return false }
                sent += count
            }
            return true
        }
    }

    /// Waits for bytes to read or for the stream's end; nil waits for ever. False when the time is up first.
    func wait(until deadline: ContinuousClock.Instant?) -> Bool {
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = deadline.map { max(0, ($0 - ContinuousClock.now).wholeMilliseconds) }
            let ready = poll(&entry, 1, left.map { Int32(clamping: $0) } ?? -1)
            if ready > 0 { return true }
            if ready == 0, let deadline, ContinuousClock.now >= deadline { return false }
        }
    }

    /// Waits without reading; nil waits for ever. False when the client left (or shut its sending side) or the
    /// connection was dropped meanwhile.
    package func pause(_ span: Duration?) -> Bool {
        let deadline = span.map { ContinuousClock.now + $0 }
        while !isDropped.load(ordering: .relaxed) {
            var entry = pollfd(fd: descriptor, events: pollPeerLeft, revents: 0)
            var timeout: Int32 = -1
            if let deadline {
                let left = (deadline - ContinuousClock.now).wholeMilliseconds
                guard left > 0 else { return true }
                timeout = Int32(clamping: left)
            }
            let ready = poll(&entry, 1, timeout)
            if ready > 0 { return false }
        }
        return false
    }

    /// The stream's end was our own doing: nothing is to be answered.
    package var wasDropped: Bool { isDropped.load(ordering: .relaxed) }

    /// Wakes the serving thread, which finds the stream at its end; what it closes then is reset, not finished.
    package func drop() {
        state.withLock { state in
            guard state == .open else { return }
            state = .dropped
            isDropped.store(true, ordering: .relaxed)
            // Only the reading side: this wakes recv() and poll() and sends nothing yet.
            _ = shutdown(descriptor, Int32(SHUT_RD))
        }
    }

    /// Ends the connection with FIN (with RST when it was dropped, or bytes are left unread). Once; later calls do
    /// nothing.
    package func close() { end(resetting: false) }

    /// Ends the connection with RST: no FIN, nothing that is still unsent leaves (SO_LINGER 0).
    package func reset() { end(resetting: true) }

    /// Sends FIN, takes in what still comes for a moment, then closes: closing with bytes unread would reset the
    /// connection and could take the answer with it (RFC 9112 section 9.6).
    package func closeAfterAnswer() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
        let deadline = ContinuousClock.now + .milliseconds(500)
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { scratch in
            while true {
                let left = (deadline - ContinuousClock.now).wholeMilliseconds
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard left > 0, poll(&entry, 1, Int32(clamping: left)) > 0, read(into: scratch) > 0 else { break }
            }
        }
        close()
    }

    private func end(resetting: Bool) {
        state.withLock { state in
            guard state != .closed else { return }
            if resetting || state == .dropped { set(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0)) }
            state = .closed
            _ = Glibc.close(descriptor)
        }
    }

    private func set<Value>(_ level: Int32, _ option: Int32, _ value: Value) {
        withUnsafeBytes(of: value) { bytes in
            _ = setsockopt(descriptor, level, option, bytes.baseAddress, socklen_t(bytes.count))
        }
    }
}

/// `IPPROTO_TCP` is an enumeration in C and a level in `setsockopt`.
private let IPPROTO_TCP_LEVEL = Int32(IPPROTO_TCP)

/// `POLLRDHUP` of Linux, which the C library shows only to GNU sources. POLLHUP and POLLERR come unasked.
private let pollPeerLeft: Int16 = 0x2000

extension Duration {
    /// Rounded up, so that a wait never ends early.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
