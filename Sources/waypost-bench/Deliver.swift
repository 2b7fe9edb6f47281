import ArgumentParser
import WaypostCore
import WaypostSandbox

/// The whole way: from the API to a provider's stand-in, outcomes kept.
struct Deliver: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Messages sent a second, from the API to a stand-in for SendGrid in the same process.")

    @OptionGroup var measurement: Measurement

    func run() throws {
        var sent: [Double] = []
        for round in 1...measurement.rounds {
            sent.append(try once())
            print("round \(round): \(Int(sent[round - 1])) messages a second sent")
        }
        print("median of \(measurement.rounds), \(measurement.connections) connections: \(Int(sent.median)) a second")
    }

    private func once() throws -> Double {
        let sandbox = try Sandbox.start()
        defer { sandbox.stop() }
        let router = try Router(provider: sandbox)
        defer { router.stop() }
        let clock = ContinuousClock()
        let started = clock.now
        var generator = try LoadGenerator(port: router.port, connections: measurement.connections)
        let result = try generator.run(for: .seconds(measurement.seconds))
        router.waitUntilSent(atMost: .seconds(120))
        let span = clock.now - started
        let journal = sandbox.journal.summary
        guard journal.distinctMessages == result.accepted, journal.duplicates == 0 else {
            throw BenchFailure(
                "\(result.accepted) accepted, \(journal.distinctMessages) arrived, \(journal.duplicates) doubled")
        }
        return Double(result.accepted) / span.seconds
    }
}
