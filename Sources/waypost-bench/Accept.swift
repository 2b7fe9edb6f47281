import ArgumentParser
import WaypostCore

/// Durable accept: messages answered 202 a second, with authentication, idempotency and limits on and a fresh recipient
/// each, beside what libmicrohttpd answers when it does nothing else.
struct Accept: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Messages kept on disk a second, beside a bare libmicrohttpd.")

    @OptionGroup var measurement: Measurement

    func run() throws {
        var bare: [Double] = []
        var durable: [Double] = []
        for round in 1...measurement.rounds {
            bare.append(try self.bare())
            durable.append(try self.durable())
            print(
                "round \(round): bare libmicrohttpd \(Int(bare[round - 1])) a second, "
                    + "durable accept \(Int(durable[round - 1])) a second")
        }
        let ratio = bare.median > 0 ? durable.median / bare.median : 0
        print(
            "median of \(measurement.rounds), \(measurement.connections) connections: durable accept "
                + "\(Int(durable.median)) a second, bare libmicrohttpd \(Int(bare.median)); ratio "
                + "\((ratio * 100).rounded() / 100)")
    }

    private func bare() throws -> Double {
        let server = try BareServer()
        defer { server.stop() }
        return try load(port: server.port)
    }

    private func durable() throws -> Double {
        let router = try Router(provider: nil)
        defer { router.stop() }
        // Nobody takes anything away meanwhile: what is measured is the way in.
        try router.operate("/v1/providers/sendgrid/disable")
        return try load(port: router.port)
    }

    private func load(port: Int) throws -> Double {
        var generator = try LoadGenerator(port: port, connections: measurement.connections)
        let result = try generator.run(for: .seconds(measurement.seconds))
        guard result.failures == 0 else { throw BenchFailure("\(result.failures) requests were not answered 202") }
        return result.perSecond
    }
}

struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
