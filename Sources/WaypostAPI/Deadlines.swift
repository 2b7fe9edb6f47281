import HeapModule
import WaypostCore

/// Calls back once a time has passed: for answers that are held.
package final class Deadlines: Sendable {
    private struct Entry: Comparable, Sendable {
        var at: Instant
        var work: @Sendable () -> Void
        static func < (left: Entry, right: Entry) -> Bool { left.at < right.at }
        static func == (left: Entry, right: Entry) -> Bool { left.at == right.at }
    }
    private struct State {
        var entries = Heap<Entry>()
        var isStopping = false
    }
    private let state = Monitor(State())
    private let time: any TimeSource

    /// Bounded by the callers: one entry for each answer that is held.
    package init(time: any TimeSource) {
        self.time = time
        let state = state
        _ = WorkerThread(name: "deadlines") {
            while true {
                let first = state.withLock { $0.entries.min?.at }
                let patience = first.map { max(.milliseconds(1), min(.seconds(1), $0 - time.now)) } ?? .seconds(1)
                let due: [Entry]? = state.wait(atMost: patience) { state in
                    if state.isStopping { return [] }
                    var due: [Entry] = []
                    while let entry = state.entries.min, entry.at <= time.now { due.append(state.entries.removeMin()) }
                    // An earlier deadline than the one waited for: wait anew.
                    if due.isEmpty, let now = state.entries.min?.at, first.map({ now < $0 }) ?? true { return due }
                    return due.isEmpty ? nil : due
                }
                if state.withLock({ $0.isStopping }) { return }
                due?.forEach { $0.work() }
            }
        }
    }

    func after(_ duration: Duration, _ work: @escaping @Sendable () -> Void) {
        let at = time.now + duration
        state.change { $0.entries.insert(Entry(at: at, work: work)) }
    }

    package func stop() { state.change { $0.isStopping = true } }
}
