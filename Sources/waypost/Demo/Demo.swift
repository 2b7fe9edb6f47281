import ArgumentParser
import Foundation
import WaypostApp
import WaypostCore
import WaypostSandbox

/// `waypost demo`: sandbox, router and traffic on loopback, and an outage of each channel's primary to watch.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows failovers and the recoveries from them, live, without any account anywhere.",
        discussion: """
            Starts stand-ins for a primary and a backup of each channel, a router before them, and steady traffic: email, \
            SMS, WhatsApp, voice and push. Lets one primary after another fail and come back, and ends with an account. \
            Ends with 0 when nothing was lost and nothing sent twice, else with 1.
            """)

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Ends by itself after that long, 6s at least; without it Ctrl-C does.", valueName: "span"))
    var span: String?

    @Option(
        help: ArgumentHelp(
            "Messages a second, 27 to 2000: 10 of 27 email and push, 5 SMS, 1 WhatsApp and voice.", valueName: "n"))
    var rate = 540

    @Option(help: ArgumentHelp("The router's port on 127.0.0.1; without it a free one.", valueName: "n"))
    var port = 0

    /// The script's length where none is asked for.
    private static let usualLength: Duration = .seconds(30)

    func validate() throws {
        if let span {
            guard let length = DurationText.parse(span), length >= .seconds(6) else {
                throw ValidationError("--for takes a span of 6s or more, like 20s or 2m")
            }
        }
        guard (0...65535).contains(port) else { throw ValidationError("--port takes 1 to 65535") }
        guard (27...2000).contains(rate) else { throw ValidationError("--rate takes 27 to 2000") }
    }

    func run() throws {
        let signals = SignalQueue(SIGINT, SIGTERM, SIGHUP)
        let stage: DemoStage
        do { stage = try DemoStage(rate: rate, port: port) } catch {
            Terminal.complain("waypost demo: \(error)")
            throw ExitCode.unavailable
        }
        let length = span.flatMap(DurationText.parse) ?? Self.usualLength
        let script = DemoScript(length: length, channels: DemoCast.all.map(\.channel))
        var show = DemoShow(stage, script: script, endsWithScript: span != nil)
        show.run { signals.next(within: $0) != nil }
        let account = stage.close()
        print(account.lines.joined(separator: "\n"))
        if !account.isGood { throw ExitCode(1) }
    }
}
