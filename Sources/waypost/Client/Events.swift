import ArgumentParser
import Foundation
import WaypostJSON

/// `waypost events`: what happened, in the order in which it was committed.
struct Events: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows events, the oldest first.",
        discussion: """
            JSON has one event a line. --follow waits for more until ^C, and outlives a router that restarts. Where a page \
            ends, --after with the cursor that is told goes on.
            """)

    @Flag(help: "Waits for more.") var follow = false
    @OptionGroup(title: "Page") var page: PageOptions
    @OptionGroup(title: "Router") var options: ClientOptions

    func run(asking client: Client) throws {
        guard follow else {
            var cursor = page.after
            repeat {
                let count = try show(after: &cursor, limit: page.all ? 500 : page.limit, asking: client)
                if page.all, count > 0 { continue }
                if !page.all, let cursor { Terminal.complain("more: --after \(cursor)") }
                return
            } while true
        }
        let interruptions = Interruptions()
        let patient = try options.client { interruptions.isOver }
        var cursor = page.after
        var isLost = false
        while !interruptions.isOver {
            do throws(ClientFailure) {
                let count = try show(after: &cursor, limit: 500, asking: patient)
                if isLost { Terminal.complain("waypost: the router answers again") }
                isLost = false
                if count > 0 { continue }
            } catch {
                if error == .interrupted { return }
                guard error.passes else { throw error }
                if !isLost { Terminal.complain("waypost: \(error.line)") }
                isLost = true
            }
            interruptions.pause(.milliseconds(500))
        }
    }

    /// Prints what follows the cursor and moves it; returns how many that were.
    private func show(after cursor: inout String?, limit: Int, asking client: Client) throws(ClientFailure) -> Int {
        let answer = try client.get("/v1/events", Query(["limit": String(limit), "after": cursor])).json
        for event in answer.data {
            Terminal.say(options.json ? JSONText(event).text : EventPicture.line(of: event, .ofOutput))
        }
        cursor = answer.text("next") ?? cursor
        return answer.data.count
    }
}

/// An event for people.
enum EventPicture {
    static func line(of event: JSONValue, _ style: Style) -> String {
        let type = event.text("type") ?? "?"
        let word = type.split(separator: ".").last.map(String.init) ?? type
        var line = [event.text("at") ?? "?", event.text("message_id") ?? "-".padded(to: 30)].joined(separator: "  ")
        line += "  " + style.paint(type.printable.padded(to: 20), Style.tone(of: word))
        line +=
            "  " + [event.text("provider"), event.text("detail")].compactMap(\.self).joined(separator: "  ").printable
        while line.last == " " { line.removeLast() }
        return line
    }
}

extension ClientFailure {
    /// Whether it may be over by itself: the router is away, or full.
    var passes: Bool {
        switch self {
        case .unreachable, .broken: true
        case .strange(_, let status): status >= 500
        case .refused(let refusal): refusal.status == 429 || refusal.status >= 500
        case .notAURL, .interrupted, .own: false
        }
    }
}

/// Whether somebody wants to leave: SIGINT, SIGTERM or SIGHUP came. SIGWINCH cuts a pause short.
final class Interruptions {
    private let signals = SignalQueue(SIGINT, SIGTERM, SIGHUP, SIGWINCH)
    private var hasCome = false

    var isOver: Bool {
        pause(.zero)
        return hasCome
    }

    /// Waits that long, or until a signal comes.
    func pause(_ span: Duration) {
        guard !hasCome, let signal = signals.next(within: span) else { return }
        if signal != SIGWINCH { hasCome = true }
    }
}
