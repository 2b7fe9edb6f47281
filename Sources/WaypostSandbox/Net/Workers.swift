import Dispatch
import Glibc

/// Threads that are allowed to block, counted so that a stop can wait for the last of them.
final class Workers: Sendable {
    private let alive = DispatchGroup()

    /// Runs the body on a thread of its own; false when the machine gives no more threads.
    func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let work = Work(alive: alive, body: body)
        alive.enter()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // Enough for the JSON reader's bounded recursion and for a handshake, also without optimisation.
        pthread_attr_setstacksize(&attributes, 1 << 20)
        var thread = pthread_t()
        let pointer = Unmanaged.passRetained(work)
        let error = pthread_create(&thread, &attributes, Work.run, pointer.toOpaque())
        guard error == 0 else {
            pointer.release()
            alive.leave()
            return false
        }
        return true
    }

    /// Blocks until every body has returned, or the time is up.
    func wait(atMost seconds: Int) -> Bool { alive.wait(timeout: .now() + .seconds(seconds)) == .success }

    private final class Work: Sendable {
        let alive: DispatchGroup
        let body: @Sendable () -> Void

        init(alive: DispatchGroup, body: @escaping @Sendable () -> Void) {
            self.alive = alive
            self.body = body
        }

        static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
            guard let pointer else { return nil }
            let work = Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue()
            work.body()
            work.alive.leave()
            return nil
        }
    }
}
