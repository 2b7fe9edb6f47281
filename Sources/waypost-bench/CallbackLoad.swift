import Glibc
import Synchronization
import WaypostCore

/// Posts callbacks at a steady pace, each by the first of a number of connections that is free, and measures the answers.
struct CallbackLoad {
    struct Outcome {
        var span: Duration = .zero
        /// From a callback's first byte to its answer's last, sorted.
        var times: [Duration] = []
        var events = 0
        var sent = 0
        var perSecond: Double { Double(events) / span.seconds }

        /// Of the time that this share of the callbacks did not exceed.
        func milliseconds(_ share: Double) -> Double {
            guard !times.isEmpty else { return 0 }
            return (times[min(times.count - 1, Int(Double(times.count) * share))].seconds * 10_000).rounded() / 10
        }
    }

    private struct Desk {
        var next = 0
        var times: [Duration] = []
        var failures: [String] = []
    }

    let port: Int
    let connections: Int

    func run(_ requests: [[UInt8]], interval: Duration) throws -> Outcome {
        let desk = Mutex(Desk())
        let clock = ContinuousClock()
        let started = clock.now
        let threads = try (0..<connections).map { place in
            let opened = try BlockingConnection(port: port)
            return WorkerThread(name: "callbacks \(place)") {
                var connection = opened
                defer { connection.hangUp() }
                while true {
                    let turn = desk.withLock { desk in
                        defer { desk.next += 1 }
                        return desk.next
                    }
                    guard turn < requests.count else { return }
                    let wait = started + interval * turn - clock.now
                    if wait > .zero { usleep(UInt32(wait.seconds * 1_000_000)) }
                    let began = clock.now
                    let answer = Result { try connection.exchange(requests[turn]) }
                    let took = clock.now - began
                    desk.withLock { desk in
                        desk.times.append(took)
                        switch answer {
                        case .success((200, _)): break
                        case .success(let answer):
                            desk.failures.append("\(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
                        case .failure(let error): desk.failures.append("\(error)")
                        }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        var outcome = Outcome()
        outcome.span = clock.now - started
        let (times, failures) = desk.withLock { ($0.times, $0.failures) }
        guard failures.isEmpty else {
            throw BenchFailure("\(failures.count) callbacks were not answered 200, the first with \(failures[0])")
        }
        outcome.times = times.sorted()
        return outcome
    }
}
