import Glibc

/// A value behind a lock whose waiters sleep at once.
///
/// `Mutex` spins first on Linux and hands the lock over through the kernel's priority inheritance: with a thread for
/// every connection and two processors that took 60 of the 95 microseconds that a request cost.
///
/// `@unchecked Sendable`: the value is reached through `withLock` alone, which holds the lock for as long.
final class SleepingLock<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: sending Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> sending Result) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
