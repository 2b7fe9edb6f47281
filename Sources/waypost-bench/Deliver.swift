import ArgumentParser
import WaypostCore
import WaypostSandbox

/// The whole way: from the API to a provider's stand-in, outcomes kept.
struct Deliver: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Messages sent a second, from the API to a stand-in for SendGrid or APNs in the same process.")

    @OptionGroup var measurement: Measurement

    @Option(help: "email (SendGrid) or push (APNs, over HTTP/2).")
    var channel = LoadGenerator.Load.Channel.email

    @Option(help: "Messages in one request to the API, 1 to 1000.")
    var batch = 1

    func validate() throws {
        guard (1...1000).contains(batch) else { throw ValidationError("--batch takes 1 to 1000") }
    }

    func run() throws {
        var sent: [Double] = []
        for round in 1...measurement.rounds {
            sent.append(try once())
            print("round \(round): \(Int(sent[round - 1])) messages a second sent")
        }
        print("median of \(measurement.rounds), \(measurement.connections) connections: \(Int(sent.median)) a second")
    }

    private func once() throws -> Double {
        var settings = Sandbox.Settings()
        // Receipts are another measurement.
        settings.callbacks.isOn = false
        let sandbox = try Sandbox.start(settings)
        defer { sandbox.stop() }
        let router = try Router(provider: sandbox)
        defer { router.stop() }
        let clock = ContinuousClock()
        let started = clock.now
        var generator = try LoadGenerator(
            port: router.port, connections: measurement.connections, load: .init(channel: channel, batch: batch))
        let result = try generator.run(for: .seconds(measurement.seconds))
        router.waitUntilSent(atMost: .seconds(120))
        let span = clock.now - started
        let journal = sandbox.journal.summary
        guard journal.distinctMessages == result.accepted, journal.duplicates == 0 else {
            throw BenchFailure(
                "\(result.accepted) accepted, \(journal.distinctMessages) arrived, \(journal.duplicates) doubled")
        }
        if channel == .push, let counts = journal.providers[.apns] {
            print(
                "  APNs saw \(counts.connections) connection(s), at most \(counts.maximumStreams) streams at once, "
                    + "\(counts.refusedStreams) too many")
        }
        return Double(result.accepted) / span.seconds
    }
}
