import Foundation
import Synchronization

/// A thread of its own for C calls that block; joined by `join`.
package final class WorkerThread: Sendable {
    private let ended = DispatchSemaphore(value: 0)

    /// Starts at once. `stackSize` in bytes.
    package init(name: String, stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void) {
        let ended = ended
        let thread = Thread {
            body()
            ended.signal()
        }
        thread.name = name
        thread.stackSize = stackSize
        thread.start()
    }

    /// Waits until the body has returned. To be called once.
    package func join() { ended.wait() }
}

extension Mutex<WorkerThread?> {
    /// Waits for the thread's end where one was started; a second call finds none.
    package borrowing func join() {
        let thread = withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }
}

/// A value under a lock, with the means to wait for a change of it: what a thread's inbox is made of.
///
/// `@unchecked Sendable`: the value is touched only while the condition's lock is held.
package final class Monitor<Value>: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Value

    package init(_ value: sending Value) { self.value = value }

    /// Changes the value and wakes one waiter.
    package func change<Result>(_ body: (inout Value) -> Result) -> Result {
        condition.lock()
        defer {
            condition.signal()
            condition.unlock()
        }
        return body(&value)
    }

    /// Reads or changes the value without waking anybody.
    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        condition.lock()
        defer { condition.unlock() }
        return body(&value)
    }

    /// Calls `take` until it returns something, waiting for changes in between; nil once `timeout` has passed.
    package func wait<Result>(atMost timeout: Duration?, _ take: (inout Value) -> Result?) -> Result? {
        let deadline = timeout.map { Date(timeIntervalSinceNow: $0.seconds) }
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = take(&value) { return result }
            if let deadline {
                if !condition.wait(until: deadline) { return take(&value) }
            } else {
                condition.wait()
            }
        }
    }
}
