import ArgumentParser

/// `waypost-bench`: what a change costs or brings. Everything that is compared is measured in one run, in turns, and told as
/// medians: absolute figures differ from machine to machine and from hour to hour, ratios hardly.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waypost-bench", abstract: "Measures Waypost.",
        subcommands: [Accept.self, Deliver.self, Receive.self, Scrape.self])
}

/// What every measurement takes.
struct Measurement: ParsableArguments {
    @Option(help: "Connections that post at once.")
    var connections = 64

    @Option(help: "Seconds of each measurement.")
    var seconds = 5

    @Option(help: "How often each is measured; the median is told.")
    var rounds = 3

    func validate() throws {
        guard (1...4000).contains(connections) else { throw ValidationError("--connections takes 1 to 4000") }
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds takes 1 to 600") }
        guard (1...99).contains(rounds) else { throw ValidationError("--rounds takes 1 to 99") }
    }
}

extension [Double] {
    /// 0 for none.
    var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
