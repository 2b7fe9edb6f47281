import ArgumentParser
import WaypostJSON

/// `waypost status`: how a router and all that it sends through are.
struct Status: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows providers, breakers, queues, overrides and delivery rates.",
        discussion: """
            Ends with 0 when all is well. Ends with 1, and says why, when /healthz does not say pass, a circuit breaker \
            is not closed, a provider or an event endpoint is disabled, or an override is in force; and when no router \
            answers.
            """)

    @Option(
        defaultAsFlag: 2, parsing: .next,
        help: ArgumentHelp(
            "Draws it anew every so many seconds, until ^C; 2 where none are said.", valueName: "seconds"))
    var watch: Double?

    @OptionGroup(title: "Router") var options: ClientOptions

    func validate() throws {
        if let watch, !(0.2...3600).contains(watch) { throw ValidationError("--watch takes 0.2 to 3600 seconds") }
    }

    func run(asking client: Client) throws {
        if let watch { return try follow(every: .milliseconds(Int64(watch * 1000))) }
        let report = try StatusReport(asking: client)
        show(JSONText(report.json)) { report.lines($0) }
        if !report.isHealthy { throw ExitCode.failure }
    }

    private func follow(every span: Duration) throws {
        let interruptions = Interruptions()
        let client = try options.client { interruptions.isOver }
        let isDrawn = Terminal.isInteractive && !options.json
        if isDrawn { Terminal.say(Screen.begin, terminator: "") }
        defer { if isDrawn { Terminal.say(Screen.end, terminator: "") } }
        var last: StatusReport?
        while !interruptions.isOver {
            var complaint: String?
            let next = ContinuousClock.now + span
            do throws(ClientFailure) { last = try StatusReport(asking: client) } catch {
                if error == .interrupted { return }
                guard error.passes else { throw error }
                complaint = error.line
            }
            if isDrawn {
                // The size may change in a pause: what is known is drawn for it again.
                repeat {
                    draw(last, complaint)
                    interruptions.pause(max(next - ContinuousClock.now, .zero))
                } while ContinuousClock.now < next && !interruptions.isOver
            } else {
                tell(complaint == nil ? last : nil, complaint)
                repeat {
                    interruptions.pause(max(next - ContinuousClock.now, .zero))
                } while ContinuousClock.now < next && !interruptions.isOver
            }
        }
    }

    private func draw(_ report: StatusReport?, _ complaint: String?) {
        let style = Style.ofOutput
        var lines = report?.lines(style) ?? []
        if let complaint { lines.insert(style.paint(complaint, .bad), at: 0) }
        Terminal.say(Screen.frame(lines, size: Terminal.size), terminator: "")
    }

    /// For files and pipes: JSON a line each, or the same lines with an empty one between.
    private func tell(_ report: StatusReport?, _ complaint: String?) {
        if let complaint { Terminal.complain("waypost: \(complaint)") }
        guard let report else { return }
        Terminal.say(options.json ? JSONText(report.json).text : report.lines(.plain).joined(separator: "\n") + "\n")
    }
}

/// A terminal drawn on from corner to corner, and given back as it was.
enum Screen {
    /// The alternate screen, without a cursor.
    static let begin = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J"
    static let end = "\u{1B}[?25h\u{1B}[?1049l"

    /// One picture over the last: each line is overwritten and the rest of it cleared, and terminals that know synchronized
    /// output show it whole, so that nothing flickers.
    static func frame(_ lines: [String], size: Terminal.Size) -> String {
        var shown = lines
        if shown.count > size.rows {
            let hidden = shown.count - size.rows + 1
            shown = shown.prefix(size.rows - 1) + ["… \(hidden) more lines"]
        }
        let text = shown.map { Style.clip($0, to: size.columns) + "\u{1B}[K" }.joined(separator: "\r\n")
        return "\u{1B}[?2026h\u{1B}[H" + text + "\u{1B}[J\u{1B}[?2026l"
    }
}
