import CMicrohttpd
import Glibc
import Synchronization

/// The one thread of a server that is not libmicrohttpd's: lets newcomers in, cuts those whose time is up, and sees refused
/// clients off.
///
/// It accepts by itself, rather than leave that to the workers, because it then stops at once and safely when told to
/// (`MHD_quiesce_daemon` may abort the process when a worker changes its poll set at the same moment), deals newcomers out
/// evenly among the workers, and leaves those above the limit waiting in the kernel's queue.
final class Doorkeeper: Sendable {
    private let core: ServerCore
    private let daemon: Mutex<Daemon>
    private let listener: Mutex<ListenSocket?>
    private let isDone = Atomic(false)
    /// How often deadlines are looked at.
    private let tick: Duration

    init(core: ServerCore, daemon: Daemon, listener: consuming ListenSocket) {
        self.core = core
        self.daemon = Mutex(daemon)
        self.listener = Mutex(consume listener)
        tick = min(max(core.requestTimeout / 16, .milliseconds(10)), .seconds(1))
    }

    /// Lets those in who are already waiting and refuses all that come later; a shared door is only let go of.
    func closeDoor() {
        listener.withLock { listener in
            // Shutting it would shut it for the next process too, which serves those who wait.
            if listener?.isShared == true {
                listener = nil
                return
            }
            // Twice: whose handshake is in its last step believes to be connected already.
            for patience: Int32 in [0, 5] {
                if let descriptor = listener?.descriptor {
                    var door = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    poll(&door, 1, patience)
                }
                while let isIn = admitOne(&listener), isIn {}
            }
            listener?.refuseNewcomers()
            listener = nil
        }
        core.bell.ring()
    }

    /// Newcomers go to another daemon from now on; returns the one they went to before.
    func deal(to fresh: Daemon) -> Daemon {
        daemon.withLock { daemon in
            defer { daemon = fresh }
            return daemon
        }
    }

    /// Ends `run`.
    func dismiss() {
        isDone.store(true, ordering: .releasing)
        core.bell.ring()
    }

    /// What the thread does, until `dismiss`.
    func run() {
        var lingering = LingeringSockets()
        defer { lingering.closeAll() }
        var nextSweep = Moment.now
        var restUntil: Moment?  // from accepting, when the system is out of something
        while !isDone.load(ordering: .acquiring) {
            let isResting = restUntil.map { Moment.now < $0 } ?? false
            wait(lingering: lingering, accepting: !isResting)
            let now = Moment.now
            core.takeLingering().forEach { lingering.add($0, at: now) }
            lingering.drain(at: now)
            if !isResting { restUntil = admit() ? nil : now + .milliseconds(100) }
            guard now >= nextSweep else { continue }
            core.connections.forEach { $0.sweep(at: now) }
            nextSweep = now + tick
        }
    }

    /// Sleeps until something happens or the next sweep is due; for ever when there is nobody to watch.
    private func wait(lingering: LingeringSockets, accepting: Bool) {
        var polled = [core.bell.descriptor] + lingering.descriptors
        let door = accepting && core.hasRoom ? listener.withLock { $0?.descriptor } : nil
        if let door { polled.append(door) }
        var entries = polled.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let nobody = core.accepted.load(ordering: .relaxed) == 0 && lingering.isEmpty && accepting
        poll(&entries, nfds_t(entries.count), nobody ? -1 : Int32(tick.nanoseconds / 1_000_000))
        if entries[0].revents != 0 { core.bell.clear() }
    }

    /// - Returns: false when the system could not give a descriptor or the memory for one.
    private func admit() -> Bool {
        listener.withLock { listener in
            for _ in 0..<64 where core.hasRoom {
                guard let isIn = admitOne(&listener) else { return false }
                if !isIn { break }
            }
            return true
        }
    }

    /// - Returns: whether there was somebody; nil when the system is out of something.
    private func admitOne(_ listener: inout ListenSocket?) -> Bool? {
        guard let result = listener?.accept() else { return false }
        switch result {
        case .success(let socket):
            core.accepted.add(1, ordering: .relaxed)
            if !daemon.withLock({ $0.add(socket) }) { core.released() }
            return true
        case .failure(let error):
            switch error.code {
            case EAGAIN, EINVAL: return false
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return nil
            default: return true  // that one client is gone already; on to the next
            }
        }
    }
}
