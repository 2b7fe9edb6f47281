import Glibc
import Synchronization
import WaypostCore

/// Does many jobs that block, a few at once, and waits for them no longer than it is told.
package enum ProbePool {
    private struct State<Result: Sendable>: Sendable {
        var next = 0
        var results: [Result?]
        var done = 0
    }

    /// What each job came to, in their order; nil for one that was not over by `deadline`. Its thread ends when it does.
    package static func run<Job: Sendable, Result: Sendable>(
        _ jobs: [Job], threads: Int = 8, patience: Duration, _ body: @escaping @Sendable (Job) -> Result
    ) -> [Result?] {
        let state = Monitor(State<Result>(results: Array(repeating: nil, count: jobs.count)))
        for number in 0..<min(threads, jobs.count) {
            _ = WorkerThread(name: "probe-\(number + 1)") {
                quiet()
                while let index = take(state, of: jobs.count) {
                    let result = body(jobs[index])
                    state.change {
                        $0.results[index] = result
                        $0.done += 1
                    }
                }
            }
        }
        _ = state.wait(atMost: patience) { $0.done == jobs.count ? true : nil }
        return state.withLock { state in
            state.next = jobs.count  // what has not begun need not begin
            return state.results
        }
    }

    private static func take<Result>(_ state: Monitor<State<Result>>, of count: Int) -> Int? {
        state.withLock { state in
            guard state.next < count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    /// OpenSSL writes without MSG_NOSIGNAL.
    private static func quiet() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
