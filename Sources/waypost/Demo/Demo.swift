import ArgumentParser
import Foundation
import WaypostApp
import WaypostCore
import WaypostSandbox

/// `waypost demo`: sandbox, router and traffic on loopback, and an outage of the primary to watch.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows a failover and the recovery from it, live, without any account anywhere.",
        discussion: """
            Starts stand-ins for SendGrid and SES, a router before them, and steady traffic; lets SendGrid fail and come \
            back, and ends with an account. Ends with 0 when nothing was lost and nothing sent twice, else with 1.
            """)

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Ends by itself after that long, 6s at least; without it Ctrl-C does.", valueName: "span"))
    var span: String?

    @Option(help: ArgumentHelp("Messages a second, 1 to 2000.", valueName: "n"))
    var rate = 200

    /// The script's length where none is asked for.
    private static let usualLength: Duration = .seconds(30)

    func validate() throws {
        if let span {
            guard let length = DurationText.parse(span), length >= .seconds(6) else {
                throw ValidationError("--for takes a span of 6s or more, like 20s or 2m")
            }
        }
        guard (1...2000).contains(rate) else { throw ValidationError("--rate takes 1 to 2000") }
    }

    func run() throws {
        let signals = SignalQueue(SIGINT, SIGTERM, SIGHUP)
        let stage: DemoStage
        do { stage = try DemoStage(rate: rate) } catch {
            Terminal.complain("waypost demo: \(error)")
            throw ExitCode.unavailable
        }
        let length = span.flatMap(DurationText.parse) ?? Self.usualLength
        var show = DemoShow(stage, script: DemoScript(length: length), endsWithScript: span != nil)
        show.run { signals.next(within: $0) != nil }
        let account = stage.close()
        print(account.lines.joined(separator: "\n"))
        if !account.isGood { throw ExitCode(1) }
    }
}
