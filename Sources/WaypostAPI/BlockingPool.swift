import WaypostCore

/// A few threads for work that blocks on the disk, so that the server's own never do. Over its bound it refuses.
package final class BlockingPool: Sendable {
    private struct Jobs {
        var waiting: [@Sendable () -> Void] = []
        var isStopping = false
    }
    private let jobs = Monitor(Jobs())
    private let bound: Int

    package init(threads: Int = 2, bound: Int = 1000, name: String = "read") {
        self.bound = bound
        for number in 1...max(1, threads) {
            let jobs = jobs
            _ = WorkerThread(name: "\(name)-\(number)") { Self.run(jobs) }
        }
    }

    private static func run(_ jobs: Monitor<Jobs>) {
        while true {
            let job: (@Sendable () -> Void)?? = jobs.wait(atMost: nil) { jobs in
                if !jobs.waiting.isEmpty { return .some(jobs.waiting.removeFirst()) }
                return jobs.isStopping ? .some(nil) : nil
            }
            guard case .some(.some(let work)) = job else { return }
            work()
        }
    }

    /// False when too many wait already; then the work is not done.
    func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        jobs.change { jobs in
            guard jobs.waiting.count < bound, !jobs.isStopping else { return false }
            jobs.waiting.append(work)
            return true
        }
    }

    /// What waits is done; then the threads end.
    package func stop() {
        jobs.change { $0.isStopping = true }
    }
}
