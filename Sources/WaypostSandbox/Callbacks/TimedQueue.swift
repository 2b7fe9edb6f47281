import Glibc

/// Elements that become due; those of the same moment in the order they came. A full queue refuses; after `stop()` it is at
/// its end.
///
/// `@unchecked Sendable`: all of it is reached under its own lock.
final class TimedQueue<Element: Sendable>: @unchecked Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Entry {
        let due: Instant
        let number: Int
        let element: Element

        func precedes(_ other: Entry) -> Bool { due == other.due ? number < other.number : due < other.due }
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let capacity: Int
    /// A binary heap: none precedes the one at half its place.
    private var heap: [Entry] = []
    private var last = 0
    private var isStopped = false

    init(capacity: Int) {
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// False when it is full or stopped.
    func push(_ element: Element, due: Instant = .now) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isStopped, heap.count < capacity else { return false }
        last += 1
        insert(Entry(due: due, number: last, element: element))
        // Whoever waits may have waited for a later one.
        pthread_cond_signal(changed)
        return true
    }

    /// Blocks until an element is due; nil once it is stopped, or `deadline` has come first.
    func pop(until deadline: Instant? = nil) -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isStopped {
            let now = Instant.now
            if let first = heap.first, first.due <= now { return removeFirst() }
            if let deadline, deadline <= now { return nil }
            wait(until: [heap.first?.due, deadline].compactMap { $0 }.min(), from: now)
        }
        return nil
    }

    func stop() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        isStopped = true
        heap = []
        pthread_cond_broadcast(changed)
    }

    private func wait(until moment: Instant?, from now: Instant) {
        guard let moment else {
            pthread_cond_wait(changed, mutex)
            return
        }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = (moment - now).components
        let nanoseconds = Int64(time.tv_nsec) + attoseconds / 1_000_000_000
        time.tv_sec += Int(seconds + nanoseconds / 1_000_000_000)
        time.tv_nsec = Int(nanoseconds % 1_000_000_000)
        pthread_cond_timedwait(changed, mutex, &time)
    }

    private func insert(_ entry: Entry) {
        heap.append(entry)
        var place = heap.count - 1
        while place > 0, heap[place].precedes(heap[(place - 1) / 2]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private func removeFirst() -> Element {
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [place * 2 + 1, place * 2 + 2] where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            guard least != place else { return first.element }
            heap.swapAt(place, least)
            place = least
        }
    }
}
