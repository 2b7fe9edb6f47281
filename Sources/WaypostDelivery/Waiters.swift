import Synchronization
import WaypostCore

/// Callers that hold their answer until a message's first attempt is over (`Prefer: wait`).
///
/// Bounded by the caller: the API lets at most a quarter of the connections wait.
package final class Waiters: Sendable {
    private let waiting = Mutex<[MessageID: @Sendable () -> Void]>([:])

    package init() {}

    /// `done` is called once, from whatever thread tells; never when `forget` comes first.
    package func wait(for message: MessageID, _ done: @escaping @Sendable () -> Void) {
        waiting.withLock { $0[message] = done }
    }

    /// True when somebody was still waiting.
    @discardableResult
    package func forget(_ message: MessageID) -> Bool {
        waiting.withLock { $0.removeValue(forKey: message) != nil }
    }

    package func tell(_ message: MessageID) {
        let done = waiting.withLock { $0.isEmpty ? nil : $0.removeValue(forKey: message) }
        done?()
    }
}
