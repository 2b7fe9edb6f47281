import ArgumentParser
import Glibc
import Synchronization
import WaypostCore
import WaypostSandbox

/// Callbacks in: signed batches of SendGrid's events about messages that were sent, at a given rate, while others are sent.
struct Receive: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Events of signed callbacks taken in a second, and the time to their answer, during sends.")

    @OptionGroup var measurement: Measurement

    @Option(help: "Events in one callback, 1 to 2000.")
    var batch = 100

    @Option(help: "Events offered a second.")
    var rate = 10_000

    @Option(help: "Messages sent a second meanwhile.")
    var sends = 200

    func validate() throws {
        guard (1...2000).contains(batch) else { throw ValidationError("--batch takes 1 to 2000") }
        guard (1...1_000_000).contains(rate) else { throw ValidationError("--rate takes 1 to 1000000") }
        guard (0...100_000).contains(sends) else { throw ValidationError("--sends takes 0 to 100000") }
    }

    func run() throws {
        var rates: [Double] = []
        for round in 1...measurement.rounds {
            let outcome = try once()
            rates.append(outcome.perSecond)
            print(
                "round \(round): \(Int(outcome.perSecond)) events a second in callbacks of \(batch); to the 200: median "
                    + "\(outcome.milliseconds(0.5)) ms, p99 \(outcome.milliseconds(0.99)) ms, "
                    + "longest \(outcome.milliseconds(1)) ms; \(outcome.sent) messages sent meanwhile")
        }
        print("median of \(measurement.rounds): \(Int(rates.median)) events a second of \(rate) offered")
    }

    private func once() throws -> CallbackLoad.Outcome {
        let sandbox = try Sandbox.start()
        defer { sandbox.stop() }
        let router = try Router(provider: sandbox)
        defer { router.stop() }
        let events = rate * measurement.seconds
        let messages = (events + EventBatch.kinds.count - 1) / EventBatch.kinds.count
        var feed = try MessageFeed(port: router.port)
        let ids = try feed.send(messages)
        router.waitUntilSent(atMost: .seconds(300))
        let batches = try EventBatch.all(about: ids, size: batch, count: events)
        let isOver = Atomic<Bool>(false)
        let sent = Atomic<Int>(0)
        let sender = WorkerThread(name: "sends") { [sends, port = router.port] in
            guard var feed = try? MessageFeed(port: port) else { return }
            let clock = ContinuousClock()
            let started = clock.now
            var count = 0
            while !isOver.load(ordering: .relaxed), sends > 0 {
                let due = Int((clock.now - started).seconds * Double(sends)) - count
                if due > 0, let ids = try? feed.send(due) { count += ids.count } else { usleep(1000) }
            }
            sent.store(count, ordering: .relaxed)
        }
        var outcome = try CallbackLoad(port: router.port, connections: min(measurement.connections, 32)).run(
            batches, interval: .seconds(1) * batch / rate)
        isOver.store(true, ordering: .relaxed)
        sender.join()
        outcome.sent = sent.load(ordering: .relaxed)
        outcome.events = events
        return outcome
    }
}
